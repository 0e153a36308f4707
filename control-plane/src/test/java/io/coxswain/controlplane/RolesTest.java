package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What a person may do, by roles that an administrator stores.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolesTest {

  private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private HttpClient person(String name) throws Exception {
    return plane.client(plane.plane.pki().client(name, name, "people"));
  }

  private HttpResponse<String> as(HttpClient who, String method, String path, String body)
      throws Exception {
    return who.send(
        plane
            .request(path)
            .header(
                "content-type",
                method.equals("PATCH") ? "application/merge-patch+json" : "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private int status(HttpClient who, String method, String path, String body) throws Exception {
    return as(who, method, path, body).statusCode();
  }

  private static String binding(
      String kind, String name, String roleKind, String role, String who) {
    return """
    {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "%s", "metadata": {"name": "%s"},
     "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "%s", "name": "%s"},
     "subjects": [{"kind": "User", "name": "%s"}]}
    """
        .formatted(kind, name, roleKind, role, who);
  }

  private static String role(String name, String rule) {
    return """
    {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
     "metadata": {"name": "%s"}, "rules": [%s]}
    """
        .formatted(name, rule);
  }

  private void created(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  @Test
  void aRoleOpensItsNamespaceAndNoOther() throws Exception {
    HttpClient ann = person("ann");
    String maps = "/api/v1/namespaces/default/configmaps";
    assertThat(status(ann, "GET", maps, "")).isEqualTo(403);
    assertThat(status(ann, "GET", "/api/v1", "")).isEqualTo(200);
    assertThat(status(ann, "GET", "/metrics", "")).isEqualTo(403);

    created(
        RBAC + "/namespaces/default/roles",
        role(
            "maps",
            "{\"verbs\": [\"get\", \"list\", \"create\"], \"apiGroups\": [\"\"], \"resources\": [\"configmaps\"]}"));
    created(
        RBAC + "/namespaces/default/rolebindings",
        binding("RoleBinding", "maps", "Role", "maps", "ann"));

    await().atMost(Duration.ofSeconds(10)).until(() -> status(ann, "GET", maps, "") == 200);
    assertThat(status(ann, "GET", "/api/v1/namespaces/kube-system/configmaps", "")).isEqualTo(403);
    assertThat(
            status(
                ann,
                "POST",
                maps,
                "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"hers\"}}"))
        .isEqualTo(201);
    assertThat(status(ann, "DELETE", maps + "/hers", "")).isEqualTo(403);
  }

  @Test
  void nobodyGivesAwayWhatTheyDoNotHave() throws Exception {
    HttpClient joe = person("joe");
    created(
        RBAC + "/clusterroles",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
         "metadata": {"name": "role-writer"},
         "rules": [
          {"verbs": ["*"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"]},
          {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]}
        """
            .replace("[\"*\"]", "[\"get\", \"create\", \"update\", \"patch\"]"));
    created(
        RBAC + "/clusterrolebindings",
        binding("ClusterRoleBinding", "joe-writes", "ClusterRole", "role-writer", "joe"));
    String roles = RBAC + "/namespaces/default/roles";
    await().atMost(Duration.ofSeconds(10)).until(() -> status(joe, "GET", roles + "/x", "") == 404);

    HttpResponse<String> refused =
        as(
            joe,
            "POST",
            roles,
            role(
                "greedy",
                "{\"verbs\": [\"get\"], \"apiGroups\": [\"\"], \"resources\": [\"secrets\"]}"));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(TestPlane.json(refused).path("message").asString())
        .contains("is attempting to grant RBAC permissions not currently held")
        .contains("{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}");
    String own = "{\"verbs\": [\"get\"], \"apiGroups\": [\"\"], \"resources\": [\"pods\"]}";
    assertThat(status(joe, "POST", roles, role("modest", own))).isEqualTo(201);
    // nor by a change, nor by a binding to what is there
    assertThat(
            status(
                joe,
                "PATCH",
                roles + "/modest",
                "{\"rules\": [{\"verbs\": [\"*\"], \"apiGroups\": [\"*\"], \"resources\": [\"*\"]}]}"))
        .isEqualTo(403);
    String bindings = RBAC + "/namespaces/default/rolebindings";
    assertThat(
            status(
                joe,
                "POST",
                bindings,
                binding("RoleBinding", "up", "ClusterRole", "cluster-admin", "joe")))
        .isEqualTo(403);
    assertThat(
            status(
                joe, "POST", bindings, binding("RoleBinding", "ok", "Role", "modest", "somebody")))
        .isEqualTo(201);
  }

  @Test
  void peopleMayAskWhatTheyMay() throws Exception {
    HttpClient eve = person("eve");
    String question =
        """
        {"apiVersion": "authorization.k8s.io/v1", "kind": "%s", "spec": {%s"resourceAttributes":
         {"namespace": "default", "verb": "get", "resource": "secrets", "name": "x"}}}
        """;
    String reviews = "/apis/authorization.k8s.io/v1/";
    HttpResponse<String> own =
        as(
            eve,
            "POST",
            reviews + "selfsubjectaccessreviews",
            question.formatted("SelfSubjectAccessReview", ""));
    assertThat(TestPlane.json(own).at("/status/allowed").asBoolean()).isFalse();
    // about others only who may
    assertThat(
            status(
                eve,
                "POST",
                reviews + "subjectaccessreviews",
                question.formatted("SubjectAccessReview", "\"user\": \"ann\", ")))
        .isEqualTo(403);
    HttpResponse<String> others =
        plane.post(
            reviews + "subjectaccessreviews",
            question.formatted("SubjectAccessReview", "\"groups\": [\"system:masters\"], "));
    assertThat(TestPlane.json(others).at("/status/allowed").asBoolean()).isTrue();
    HttpResponse<String> rules =
        as(
            eve,
            "POST",
            reviews + "selfsubjectrulesreviews",
            "{\"apiVersion\": \"authorization.k8s.io/v1\", \"kind\": \"SelfSubjectRulesReview\","
                + " \"spec\": {\"namespace\": \"default\"}}");
    assertThat(rules.statusCode()).isEqualTo(201);
    assertThat(TestPlane.json(rules).at("/status/resourceRules").toString())
        .contains("selfsubjectaccessreviews");
    assertThat(TestPlane.json(rules).at("/status/nonResourceRules").toString()).contains("/apis/*");
  }

  @Test
  void whatOthersMayIsToldAsItIs() throws Exception {
    String account = "system:serviceaccount:default:asked-about";
    String maps = "/api/v1/namespaces/default/configmaps";
    assertThat(mayList(account)).isEqualTo(List.of(false, false, false));
    created(
        RBAC + "/namespaces/default/rolebindings",
        binding("RoleBinding", "asked-about", "ClusterRole", "system:aggregate-to-view", account));
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(listsAs(account, maps)).isTrue());
    assertThat(mayList(account)).isEqualTo(List.of(true, true, true));
  }

  /// What reviews of both kinds say, and what happens.
  private List<Boolean> mayList(String user) throws Exception {
    String question =
        """
        {"apiVersion": "authorization.k8s.io/v1", "kind": "%s", "metadata": {%s},
         "spec": {"user": "%s", "groups": ["system:authenticated"], "resourceAttributes":
          {"namespace": "default", "verb": "list", "resource": "configmaps", "version": "v1"}}}
        """;
    String group = "/apis/authorization.k8s.io/v1/";
    HttpResponse<String> anywhere =
        plane.post(
            group + "subjectaccessreviews", question.formatted("SubjectAccessReview", "", user));
    HttpResponse<String> here =
        plane.post(
            group + "namespaces/default/localsubjectaccessreviews",
            question.formatted("LocalSubjectAccessReview", "\"namespace\": \"default\"", user));
    return List.of(
        TestPlane.successful(201, anywhere).at("/status/allowed").asBoolean(),
        TestPlane.successful(201, here).at("/status/allowed").asBoolean(),
        listsAs(user, "/api/v1/namespaces/default/configmaps"));
  }

  private boolean listsAs(String user, String path) throws Exception {
    HttpResponse<String> answer =
        plane.send(
            plane
                .request(path)
                .header("Impersonate-User", user)
                .header("Impersonate-Group", "system:authenticated"));
    assertThat(answer.statusCode()).isIn(200, 403);
    return answer.statusCode() == 200;
  }

  @Test
  void rolesAndBindingsThatMakeNoSenseAreRefusedWithTheField() throws Exception {
    HttpResponse<String> answer =
        plane.post(
            RBAC + "/clusterrolebindings",
            binding("ClusterRoleBinding", "odd", "Role", "maps", "ann")
                .replace("\"User\"", "\"Person\""));
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(TestPlane.json(answer).at("/details/causes").toString())
        .contains("roleRef.kind", "subjects[0].kind");
  }

  @Test
  void whatEveryClusterHasIsThere() throws Exception {
    assertThat(BootstrapRoles.objects()).hasSizeGreaterThan(15);
    assertThat(plane.get(RBAC + "/clusterroles/cluster-admin").statusCode()).isEqualTo(200);
    // what was taken out comes back
    new BootstrapRoles(
            plane.plane.localClient(io.coxswain.controlplane.authn.User.internal("apiserver")))
        .run();
    assertThat(
            TestPlane.json(plane.get(RBAC + "/clusterroles/system:discovery"))
                .at("/rules/0/nonResourceURLs")
                .size())
        .isGreaterThan(5);
  }
}
