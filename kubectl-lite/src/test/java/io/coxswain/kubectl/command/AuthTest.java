package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class AuthTest extends AgainstFakeServer {

  private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";

  @Test
  void canIAsksAndAnswersByItsExitCode() {
    server.on(
        "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        201,
        "{\"status\": {\"allowed\": false, \"reason\": \"not today\"}}");

    CommandLine.Ran ran = run("auth can-i get deployments.apps/web --subresource=scale");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEqualTo("no - not today\n");
    assertThat(server.asked("POST").getFirst().body())
        .contains(
            "\"namespace\":\"default\",\"verb\":\"get\",\"group\":\"apps\",\"resource\":\"deployments\","
                + "\"subresource\":\"scale\",\"name\":\"web\"");
    assertThat(run("auth can-i get pods -q").out()).isEmpty();
    assertThat(run("auth can-i get unicorns").err())
        .isEqualTo("Warning: the server doesn't have a resource type 'unicorns'\n\n");
  }

  @Test
  void listsWhatIsAllowedOnceForEachResource() {
    server.on(
        "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        201,
        """
        {"status": {"incomplete": false,
          "resourceRules": [
            {"verbs": ["get", "list"], "apiGroups": ["", "apps"], "resources": ["pods"]},
            {"verbs": ["watch", "get"], "apiGroups": [""], "resources": ["pods"]},
            {"verbs": ["*"], "apiGroups": ["apps"], "resources": ["deployments/scale"],
             "resourceNames": ["web"]}],
          "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}]}}
        """);

    assertThat(run("auth can-i --list").out())
        .isEqualTo(
            """
            Resources                Non-Resource URLs   Resource Names   Verbs
            deployments.apps/scale   []                  [web]            [*]
            pods                     []                  []               [get list watch]
            pods.apps                []                  []               [get list]
                                     [/healthz]          []               [get]
            """);
  }

  @Test
  void reconcileAddsOnlyWhatIsMissing() throws Exception {
    Files.writeString(
        folder.resolve("role.yaml"),
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: reader, namespace: default}
        rules:
        - {apiGroups: [""], resources: [pods, services], verbs: [get, list]}
        """);
    String before =
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
         "metadata": {"name": "reader", "namespace": "default", "resourceVersion": "7"},
         "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}]}
        """;
    server.on("GET " + ROLES + "/reader", before);
    server.on("PUT " + ROLES + "/reader", before);

    CommandLine.Ran ran = run("auth reconcile -f role.yaml");

    assertThat(ran.err())
        .isEqualTo(
            """
            \treconciliation required update
            \tmissing rules added:
            \t\t{Verbs:[get] APIGroups:[] Resources:[services] ResourceNames:[] NonResourceURLs:[]}
            \t\t{Verbs:[list] APIGroups:[] Resources:[services] ResourceNames:[] NonResourceURLs:[]}
            """);
    assertThat(ran.out()).isEqualTo("role.rbac.authorization.k8s.io/reader reconciled\n");
    assertThat(server.asked("PUT").getFirst().body())
        .contains("\"verbs\":[\"*\"]", "\"resources\":[\"services\"]", "\"resourceVersion\":\"7\"");
  }

  @Test
  void impersonationGoesWithEveryRequestAndNeedsAUser() {
    assertThat(run("get pods --as-group=admins").err()).contains("give --as, too");
    assertThat(run("get pods --as=a\nb").err()).contains("take one line of text");
  }
}
