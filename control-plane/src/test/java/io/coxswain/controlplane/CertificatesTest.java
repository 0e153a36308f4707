package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.pki.Asked;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Tls;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Certificates by request, from asking to what they open.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CertificatesTest {

  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String CLIENT =
      "\"digital signature\", \"key encipherment\", \"client auth\"";
  private static final String API_CLIENT = "kubernetes.io/kube-apiserver-client";
  private static final String NODE_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.startWithControllers(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private static String request(String name, String signer, String usages, String pem64) {
    return """
    {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
     "metadata": {"name": "%s"},
     "spec": {"signerName": "%s", "usages": [%s], "request": "%s", "expirationSeconds": 3600,
              "username": "somebody else", "groups": ["system:masters"]}}
    """
        .formatted(name, signer, usages, pem64);
  }

  private JsonNode create(String name, String signer, String usages, Asked asked) throws Exception {
    HttpResponse<String> answer =
        plane.post(REQUESTS, request(name, signer, usages, asked.base64()));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
  }

  private HttpResponse<String> merge(HttpClient who, String path, String json) throws Exception {
    return who.send(
        plane
            .request(REQUESTS + "/" + path)
            .header("content-type", "application/merge-patch+json")
            .method("PATCH", BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> merge(String path, String json) throws Exception {
    return merge(plane.admin(), path, json);
  }

  private static String condition(String type, String status) {
    return "{\"type\": \"" + type + "\", \"status\": \"" + status + "\", \"reason\": \"Test\"}";
  }

  private static String conditions(String... all) {
    return "{\"status\": {\"conditions\": [" + String.join(", ", all) + "]}}";
  }

  private JsonNode read(String name) throws Exception {
    return TestPlane.json(plane.get(REQUESTS + "/" + name));
  }

  private X509Certificate issued(String name) {
    String text =
        await()
            .atMost(SOON)
            .until(
                () -> read(name).at("/status/certificate").asString(""), found -> !found.isEmpty());
    try {
      return Pem.certificates(Base64.getDecoder().decode(text)).getFirst();
    } catch (Exception e) {
      throw new AssertionError(
          new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8), e);
    }
  }

  private HttpClient client(Asked asked, X509Certificate certificate) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {asked.shows(certificate)},
        new TrustManager[] {Tls.trusting(plane.plane.pki().authority())},
        null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  /// The whole way, with the key that most tools make.
  @Test
  void anApprovedRequestBecomesACertificateThatSignsIn() throws Exception {
    Asked jane = Asked.rsa("CN=jane,O=dev");
    JsonNode made = create("jane", API_CLIENT, CLIENT, jane);
    assertThat(made.at("/spec/username").asString()).isEqualTo("kubernetes-admin");
    assertThat(made.at("/spec/groups").toString()).contains("system:authenticated");
    assertThat(made.at("/status").toString()).isEqualTo("{}");

    HttpResponse<String> approved =
        merge("jane/approval", conditions(condition("Approved", "True")));
    assertThat(approved.statusCode()).as(approved.body()).isEqualTo(200);
    assertThat(TestPlane.json(approved).at("/status/conditions/0/lastUpdateTime").asString(""))
        .isNotEmpty();

    X509Certificate certificate = issued("jane");
    assertThat(
            Duration.between(
                certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant()))
        .isEqualTo(Duration.ofMinutes(65));
    try (HttpClient asJane = client(jane, certificate)) {
      HttpResponse<String> who =
          asJane.send(
              plane
                  .request("/apis/authentication.k8s.io/v1/selfsubjectreviews")
                  .header("content-type", "application/json")
                  .POST(
                      BodyPublishers.ofString(
                          "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\":"
                              + " \"SelfSubjectReview\"}"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(TestPlane.json(who).at("/status/userInfo/username").asString()).isEqualTo("jane");
      assertThat(TestPlane.json(who).at("/status/userInfo/groups").toString()).contains("dev");
    }
    assertThat(table("jane"))
        .containsExactly(API_CLIENT, "kubernetes-admin", "60m", "Approved,Issued");
  }

  private java.util.List<String> table(String name) throws Exception {
    HttpResponse<String> answer =
        plane.send(
            plane
                .request(REQUESTS + "/" + name)
                .header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io"));
    return TestPlane.json(answer)
        .at("/rows/0/cells")
        .valueStream()
        .skip(2)
        .map(JsonNode::asString)
        .toList();
  }

  @Test
  void whatASignerDoesNotSignFails() throws Exception {
    create("server", API_CLIENT, "\"server auth\"", Asked.elliptic("CN=server"));
    merge("server/approval", conditions(condition("Approved", "True")));

    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(read("server").at("/status/conditions").toString())
                .contains("Failed", "SignerValidationFailure"));
    assertThat(table("server").getLast()).isEqualTo("Approved,Failed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          example.com/own | 'digital signature' | 300 | may not specify a duration less than 600 seconds
          example.com/own | 'unheard of' | 3600 | Unsupported value: "unheard of"
          example.com/own | 'client auth','client auth' | 3600 | Duplicate value: "client auth"
          example.com/own | | 3600 | spec.usages: Required value
          example.com | 'client auth' | 3600 | must be a fully qualified domain and path of the form 'example.com/signer-name'
          example/own | 'client auth' | 3600 | should be a domain with at least two segments separated by dots
          Example.com/own | 'client auth' | 3600 | validating label "Example"
          kubernetes.io/legacy-unknown | 'client auth' | 3600 | the legacy signerName is not allowed via this API version
          """,
      quoteCharacter = '"')
  void badRequestsAreRefused(String signer, String usages, int seconds, String message)
      throws Exception {
    String json =
        request(
                "bad",
                signer,
                usages == null ? "" : usages.replace('\'', '"'),
                Asked.elliptic("CN=x").base64())
            .replace("3600", Integer.toString(seconds));

    HttpResponse<String> answer = plane.post(REQUESTS, json);

    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(TestPlane.json(answer).at("/message").asString()).contains(message);
  }

  @Test
  void whatIsNoRequestIsRefusedAndMastersAreNotMade() throws Exception {
    HttpResponse<String> nonsense =
        plane.post(REQUESTS, request("bad", API_CLIENT, CLIENT, "bm9uc2Vuc2U="));
    assertThat(nonsense.statusCode()).isEqualTo(422);
    assertThat(nonsense.body()).contains("PEM block type must be CERTIFICATE REQUEST");

    HttpResponse<String> master =
        plane.post(
            REQUESTS,
            request("bad", API_CLIENT, CLIENT, Asked.elliptic("CN=x,O=system:masters").base64()));
    assertThat(master.statusCode()).isEqualTo(403);
    assertThat(master.body())
        .contains("use of " + API_CLIENT + " signer with system:masters group is not allowed");
  }

  @Test
  void decisionsStand() throws Exception {
    create("odd", "example.com/own", CLIENT, Asked.elliptic("CN=odd"));
    String approved = condition("Approved", "True");

    assertThat(merge("odd/approval", conditions(approved, condition("Denied", "True"))).body())
        .contains("Approved and Denied conditions are mutually exclusive");
    assertThat(merge("odd/approval", conditions(condition("Approved", "False"))).body())
        .contains("supported values: \\\"True\\\"");
    assertThat(
            merge("odd/approval", conditions(condition("X", "True"), condition("X", "True")))
                .body())
        .contains("Duplicate value: \\\"X\\\"");
    assertThat(merge("odd/status", conditions(approved)).body())
        .contains("updates may not add a condition of type \\\"Approved\\\"");
    assertThat(merge("odd/approval", conditions(approved)).statusCode()).isEqualTo(200);
    assertThat(merge("odd/approval", conditions()).body())
        .contains("updates may not remove a condition of type \\\"Approved\\\"");
    assertThat(merge("odd/status", "{\"status\": {\"certificate\": \"bm9uc2Vuc2U=\"}}").body())
        .contains("must contain at least one CERTIFICATE PEM block");
    String certificate =
        Base64.getEncoder()
            .encodeToString(
                Pem.encode(plane.plane.pki().authority()).getBytes(StandardCharsets.US_ASCII));
    String set = "{\"status\": {\"certificate\": \"" + certificate + "\"}}";
    assertThat(TestPlane.json(merge("odd/approval", set)).at("/status/certificate").isMissingNode())
        .isTrue();
    assertThat(merge("odd/status", set).statusCode()).isEqualTo(200);
    assertThat(merge("odd/status", "{\"status\": {\"certificate\": null}}").body())
        .contains("updates may not modify existing certificate content");

    String before = read("odd").path("spec").toString();
    merge("odd", "{\"metadata\": {\"labels\": {\"a\": \"b\"}}, \"spec\": {\"usages\": [\"any\"]}}");
    assertThat(read("odd").at("/metadata/labels/a").asString()).isEqualTo("b");
    assertThat(read("odd").path("spec").toString()).isEqualTo(before);
    assertThat(read("odd").at("/metadata/generation").isMissingNode()).isTrue();
  }

  @Test
  void approvalsAndSignaturesNeedThePermissionOfTheirSigner() throws Exception {
    create("theirs", "example.com/a", CLIENT, Asked.elliptic("CN=x"));
    create("others", "example.org/a", CLIENT, Asked.elliptic("CN=x"));
    plane.post(
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "approver"},
         "rules": [
          {"verbs": ["get", "patch"], "apiGroups": ["certificates.k8s.io"],
           "resources": ["certificatesigningrequests", "certificatesigningrequests/approval",
                         "certificatesigningrequests/status"]},
          {"verbs": ["approve"], "apiGroups": ["certificates.k8s.io"], "resources": ["signers"],
           "resourceNames": ["example.com/*"]}]}
        """);
    plane.post(
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "approver"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "approver"},
         "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "pat"}]}
        """);
    String approved = conditions(condition("Approved", "True"));
    try (HttpClient pat = plane.client(plane.plane.pki().client("pat", "pat", "people"))) {
      await().atMost(SOON).until(() -> merge(pat, "theirs/approval", approved).statusCode() == 200);

      HttpResponse<String> refused = merge(pat, "others/approval", approved);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body())
          .contains("user not permitted to approve requests with signerName \\\"example.org/a\\\"");
      assertThat(
              merge(
                      pat,
                      "theirs/status",
                      conditions(condition("Approved", "True"), condition("Seen", "True")))
                  .body())
          .contains("user not permitted to sign requests with signerName \\\"example.com/a\\\"");
      assertThat(
              merge(pat, "theirs/status", "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}")
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void aNodesRequestIsApprovedWhenItMay() throws Exception {
    plane.post(
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "nodes"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                     "name": "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"},
         "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:nodes"}]}
        """);
    Asked own = Asked.elliptic("O=system:nodes,CN=system:node:n1");
    String body = request("n1", NODE_CLIENT, CLIENT, own.base64());
    try (HttpClient node = plane.client(plane.plane.pki().node("n1"));
        HttpClient other = plane.client(plane.plane.pki().node("n2"))) {
      HttpResponse<String> stolen = post(other, body);
      assertThat(stolen.statusCode()).isEqualTo(403);
      assertThat(stolen.body()).contains("can only create a node CSR with CN=system:node:n2");
      assertThat(post(node, body).statusCode()).isEqualTo(201);
    }

    assertThat(issued("n1").getSubjectX500Principal().getName()).contains("system:node:n1");
    assertThat(read("n1").at("/status/conditions/0/reason").asString()).isEqualTo("AutoApproved");
  }

  private HttpResponse<String> post(HttpClient who, String body) throws Exception {
    return who.send(
        plane
            .request(REQUESTS)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
