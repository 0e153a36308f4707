package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Being seen as somebody else, by permission or by a token for new nodes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ImpersonationTest {

  private static final String REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  private static final String QUESTION =
      "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\": \"SelfSubjectReview\"}";

  @TempDir static Path folder;
  private TestPlane plane;
  private HttpClient helper;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    helper = plane.client(plane.plane.pki().client("helper", "helper", "people"));
    created(
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
         "metadata": {"name": "helping"}, "rules": [
           {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"], "resourceNames": ["jane"]},
           {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["groups"], "resourceNames": ["staff"]},
           {"verbs": ["impersonate"], "apiGroups": ["authentication.k8s.io"], "resources": ["userextras/team"], "resourceNames": ["red"]}]}
        """);
    created(
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
         "metadata": {"name": "helping"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "helping"},
         "subjects": [{"kind": "User", "name": "helper"}]}
        """);
    org.awaitility.Awaitility.await()
        .until(() -> ask(helper, "Impersonate-User", "jane").statusCode() == 201);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private void created(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  private HttpResponse<String> ask(HttpClient who, String... headers) throws Exception {
    HttpRequest.Builder request =
        plane
            .request(REVIEWS)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(QUESTION));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return who.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode user(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer).path("status").path("userInfo");
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void whoMayIsSeenAsTheOther() throws Exception {
    JsonNode seen =
        user(
            ask(
                helper,
                "Impersonate-User",
                "jane",
                "Impersonate-Group",
                "staff",
                "Impersonate-Extra-Team",
                "red"));
    assertThat(seen.path("username").asString()).isEqualTo("jane");
    assertThat(texts(seen.path("groups"))).containsExactly("staff", "system:authenticated");
    assertThat(texts(seen.path("extra").path("team"))).containsExactly("red");
  }

  record Refused(String about, List<String> headers, int status, String message) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Refused> refused() {
    return Stream.of(
        new Refused(
            "another user",
            List.of("Impersonate-User", "john"),
            403,
            "users \"john\" is forbidden: User \"helper\" cannot impersonate resource \"users\" in"
                + " API group \"\" at the cluster scope"),
        new Refused(
            "another group",
            List.of("Impersonate-User", "jane", "Impersonate-Group", "system:masters"),
            403,
            "groups \"system:masters\" is forbidden: User \"helper\" cannot impersonate"),
        new Refused(
            "another value",
            List.of("Impersonate-User", "jane", "Impersonate-Extra-Team", "blue"),
            403,
            "cannot impersonate resource \"userextras/team\" in API group"
                + " \"authentication.k8s.io\""),
        new Refused(
            "a uid",
            List.of("Impersonate-User", "jane", "Impersonate-Uid", "7"),
            403,
            "cannot impersonate resource \"uids\""),
        new Refused(
            "an account",
            List.of("Impersonate-User", "system:serviceaccount:default:default"),
            403,
            "cannot impersonate resource \"serviceaccounts\" in API group \"\" in the namespace"
                + " \"default\""),
        new Refused(
            "groups without a user",
            List.of("Impersonate-Group", "staff"),
            400,
            "can only be impersonated together with a user"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void eachPartNeedsAPermission(Refused one) throws Exception {
    HttpResponse<String> answer = ask(helper, one.headers().toArray(String[]::new));
    assertThat(answer.statusCode()).isEqualTo(one.status());
    assertThat(TestPlane.json(answer).path("message").asString()).contains(one.message());
  }

  @Test
  void theOtherMayOnlyWhatTheOtherMay() throws Exception {
    HttpResponse<String> answer =
        plane.send(plane.request("/api/v1/secrets").header("Impersonate-User", "jane"));
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("User \\\"jane\\\" cannot list");
    JsonNode account =
        user(ask(plane.admin(), "Impersonate-User", "system:serviceaccount:default:default"));
    assertThat(texts(account.path("groups")))
        .containsExactly(
            "system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated");
  }

  private void token(String id, String more) throws Exception {
    created(
        "/api/v1/namespaces/kube-system/secrets",
        """
        {"apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
         "metadata": {"name": "bootstrap-token-%s"}, "stringData": {
           "token-id": "%s", "token-secret": "0123456789abcdef"%s}}
        """
            .formatted(id, id, more));
  }

  record Token(String id, String more, boolean good) {}

  static Stream<Token> tokens() {
    String usage = ", \"usage-bootstrap-authentication\": \"true\"";
    return Stream.of(
        new Token("aaaaaa", usage, true),
        new Token("bbbbbb", "", false),
        new Token("cccccc", usage + ", \"expiration\": \"2020-01-01T00:00:00Z\"", false),
        new Token("dddddd", usage + ", \"expiration\": \"2120-01-01T00:00:00Z\"", true),
        new Token("eeeeee", usage + ", \"auth-extra-groups\": \"system:masters\"", false));
  }

  @ParameterizedTest
  @MethodSource("tokens")
  void aTokenForNewNodesSignsInWhileItIsGood(Token one) throws Exception {
    token(one.id(), one.more());
    HttpClient stranger = plane.stranger();
    String header = "Bearer " + one.id() + ".0123456789abcdef";
    org.awaitility.Awaitility.await()
        .until(
            () -> ask(stranger, "Authorization", header).statusCode() == (one.good() ? 201 : 401));
    HttpResponse<String> answer = ask(stranger, "Authorization", header);
    if (one.good()) {
      assertThat(user(answer).path("username").asString())
          .isEqualTo("system:bootstrap:" + one.id());
      assertThat(texts(user(answer).path("groups")))
          .containsExactly("system:bootstrappers", "system:authenticated");
    }
    assertThat(
            ask(stranger, "Authorization", "Bearer " + one.id() + ".0000000000000000").statusCode())
        .isEqualTo(401);
  }
}
