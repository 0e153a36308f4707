package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Tokens of service accounts, from the request to what they open.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokensTest {

  private static final String ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
  private static final String PODS = "/api/v1/namespaces/default/pods";

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    account("robot");
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private void account(String name) throws Exception {
    assertThat(
            plane
                .post(
                    ACCOUNTS,
                    "{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": {\"name\": \"%s\"}}"
                        .formatted(name))
                .statusCode())
        .isEqualTo(201);
  }

  private HttpResponse<String> ask(String account, String spec) throws Exception {
    return plane.post(
        ACCOUNTS + "/" + account + "/token",
        "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\": \"TokenRequest\", \"spec\": {%s}}"
            .formatted(spec));
  }

  private String token(String account, String spec) throws Exception {
    HttpResponse<String> answer = ask(account, spec);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer).at("/status/token").asString();
  }

  private HttpResponse<String> with(String token, String method, String path, String body)
      throws Exception {
    return plane
        .stranger()
        .send(
            plane
                .request(path)
                .header("authorization", "Bearer " + token)
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
  }

  private int get(String token, String path) throws Exception {
    return with(token, "GET", path, "").statusCode();
  }

  private JsonNode whoIs(String token) throws Exception {
    return TestPlane.json(
            with(
                token,
                "POST",
                "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\": \"SelfSubjectReview\"}"))
        .at("/status/userInfo");
  }

  @Test
  void aTokenOpensWhatRolesAllowItsAccount() throws Exception {
    String token = token("robot", "");

    assertThat(whoIs(token).path("username").asString())
        .isEqualTo("system:serviceaccount:default:robot");
    assertThat(whoIs(token).path("groups").toString())
        .contains("system:serviceaccounts\"", "system:serviceaccounts:default", "authenticated");
    assertThat(get(token, PODS)).isEqualTo(403);
    plane.post(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
         "metadata": {"name": "robot"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:aggregate-to-view"},
         "subjects": [{"kind": "ServiceAccount", "name": "robot"}]}
        """);
    await().atMost(Duration.ofSeconds(10)).until(() -> get(token, PODS) == 200);
    assertThat(get(token, "/api/v1/namespaces/kube-system/pods")).isEqualTo(403);
  }

  @Test
  void whatIsNoTokenOfThisApiIsUnknown() throws Exception {
    String token = token("robot", "");
    String[] parts = token.split("\\.", -1);
    String unsigned =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.US_ASCII))
            + "."
            + parts[1]
            + ".";

    assertThat(get(token, "/api/v1")).isEqualTo(200);
    assertThat(get(parts[0] + "." + parts[1] + "." + "A".repeat(86), "/api/v1")).isEqualTo(401);
    assertThat(get(unsigned, "/api/v1")).isEqualTo(401);
    assertThat(get("nonsense", "/api/v1")).isEqualTo(401);
    assertThat(get(token("robot", "\"audiences\": [\"vault\"]"), "/api/v1")).isEqualTo(401);
  }

  @Test
  void aTokenEndsWithItsAccountAndIsNotItsSuccessors() throws Exception {
    account("brief");
    String token = token("brief", "");
    assertThat(get(token, "/api/v1")).isEqualTo(200);
    plane.send(plane.request(ACCOUNTS + "/brief").DELETE());
    await().atMost(Duration.ofSeconds(10)).until(() -> get(token, "/api/v1") == 401);
    account("brief");
    assertThat(get(token("brief", ""), "/api/v1")).isEqualTo(200);
    assertThat(get(token, "/api/v1")).isEqualTo(401);
  }

  @Test
  void aTokenOfAPodEndsWithThePod() throws Exception {
    HttpResponse<String> pod =
        plane.post(
            PODS,
            """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
             "spec": {"serviceAccountName": "robot", "containers": [{"name": "c", "image": "i"}]}}
            """);
    String uid = TestPlane.json(pod).at("/metadata/uid").asString();
    String bound = "\"boundObjectRef\": {\"kind\": \"Pod\", \"name\": \"p\", \"uid\": \"%s\"}";

    String token = token("robot", bound.formatted(uid));
    assertThat(whoIs(token).at("/extra").toString())
        .contains("authentication.kubernetes.io/pod-name\":[\"p\"]");
    assertThat(ask("robot", bound.formatted("another")).statusCode()).isEqualTo(409);
    assertThat(ask("default", bound.formatted(uid)).statusCode()).isEqualTo(400);
    plane.send(plane.request(PODS + "/p?gracePeriodSeconds=0").DELETE());
    await().atMost(Duration.ofSeconds(10)).until(() -> get(token, "/api/v1") == 401);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "expirationSeconds": 60           | 422 | may not specify a duration less than 10 minutes
          "expirationSeconds": 99999999999  | 422 | may not specify a duration larger than 2^32
          "boundObjectRef": {"kind": "Job"} | 422 | supported values
          "boundObjectRef": {"kind": "Pod", "name": "none"} | 404 | pods "none" not found
          """)
  void requestsThatMakeNoSenseAreRefused(String spec, int status, String message) throws Exception {
    HttpResponse<String> answer = ask("robot", spec);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(TestPlane.json(answer).path("message").asString()).contains(message);
  }

  @Test
  void othersMayAskWhetherATokenIsGood() throws Exception {
    String review =
        """
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
         "spec": {"token": "%s", "audiences": [%s]}}
        """;
    String path = "/apis/authentication.k8s.io/v1/tokenreviews";
    String token = token("robot", "\"audiences\": [\"vault\", \"other\"]");

    JsonNode good =
        TestPlane.json(plane.post(path, review.formatted(token, "\"vault\", \"x\"")))
            .path("status");
    assertThat(good.path("authenticated").asBoolean()).isTrue();
    assertThat(good.path("audiences").toString()).isEqualTo("[\"vault\"]");
    JsonNode bad = TestPlane.json(plane.post(path, review.formatted(token, ""))).path("status");
    assertThat(bad.path("authenticated").asBoolean()).isFalse();
    assertThat(with(token("robot", ""), "POST", path, review.formatted(token, "")).statusCode())
        .isEqualTo(403);
  }

  @Test
  void relyingPartiesFindTheKey() throws Exception {
    String token = token("robot", "");
    JsonNode issuer = TestPlane.json(with(token, "GET", "/.well-known/openid-configuration", ""));
    HttpResponse<String> keys = with(token, "GET", "/openid/v1/jwks", "");
    SignedJWT signed = SignedJWT.parse(token);

    assertThat(signed.getJWTClaimsSet().getIssuer()).isEqualTo(issuer.path("issuer").asString());
    assertThat(keys.headers().firstValue("content-type")).contains("application/jwk-set+json");
    assertThat(
            signed.verify(
                new ECDSAVerifier(
                    JWKSet.parse(keys.body())
                        .getKeyByKeyId(signed.getHeader().getKeyID())
                        .toECKey())))
        .isTrue();
    assertThat(keys.body()).doesNotContain("\"d\"");
  }
}
