package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.pki.Pem;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Namespaces themselves, and what each of them has, over REST with all controllers.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NamespacesTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String ALL = "/api/v1/namespaces";

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

  private String made(String name) throws Exception {
    plane.made(ALL, "{\"metadata\": {\"name\": \"" + name + "\"}}");
    return ALL + "/" + name;
  }

  @Test
  void labelsComeByPatchAndByUpdate() throws Exception {
    String path = made("labelled");
    JsonNode patched =
        TestPlane.successful(
            200, plane.merge(path, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
    assertThat(patched.at("/metadata/labels/a").asString()).isEqualTo("b");
    ((ObjectNode) patched.at("/metadata/labels")).put("a", "c");
    var _ = TestPlane.successful(200, plane.put(path, patched.toString()));
    assertThat(plane.read(path).at("/metadata/labels/a").asString()).isEqualTo("c");
    assertThat(plane.read(ALL + "?labelSelector=a%3Dc").path("items").size()).isEqualTo(1);
  }

  @Test
  void theStatusIsReadPatchedAndPut() throws Exception {
    String path = made("told");
    assertThat(plane.read(path + "/status").at("/status/phase").asString()).isEqualTo("Active");
    JsonNode patched =
        TestPlane.successful(
            200,
            plane.merge(
                path + "/status",
                "{\"status\": {\"conditions\": [{\"type\": \"Tested\", \"status\": \"True\","
                    + " \"reason\": \"T\", \"message\": \"m\"}]}}"));
    assertThat(patched.at("/status/conditions/0/status").asString()).isEqualTo("True");
    ((ObjectNode) patched.at("/status/conditions/0")).put("status", "False");
    var _ = TestPlane.successful(200, plane.put(path + "/status", patched.toString()));
    JsonNode now = plane.read(path);
    assertThat(now.at("/status/conditions/0/status").asString()).isEqualTo("False");
    assertThat(now.at("/status/phase").asString()).isEqualTo("Active");
  }

  @Test
  void finalizersAreSetByTheirOwnPathAndHoldTheNamespace() throws Exception {
    String path = made("held");
    JsonNode namespace = plane.read(path);
    ((ObjectNode) namespace.path("spec")).putArray("finalizers").add("kubernetes").add("e.com/f");
    var _ = TestPlane.successful(200, plane.put(path + "/finalize", namespace.toString()));
    assertThat(plane.read(path).at("/spec/finalizers").toString())
        .isEqualTo("[\"kubernetes\",\"e.com/f\"]");
    ((ObjectNode) namespace.path("spec")).putArray("finalizers").add("kubrnetes");
    ((ObjectNode) namespace.path("metadata")).remove("resourceVersion");
    assertThat(plane.put(path + "/finalize", namespace.toString()).body())
        .contains("\"field\":\"spec.finalizers[0]\"");
    assertThat(plane.delete(path).statusCode()).isEqualTo(200);
    await()
        .atMost(SOON)
        .until(() -> plane.read(path).at("/spec/finalizers").toString().equals("[\"e.com/f\"]"));

    JsonNode last = plane.read(path);
    ((ObjectNode) last.path("spec")).putArray("finalizers");
    var _ = TestPlane.successful(200, plane.put(path + "/finalize", last.toString()));
    await().atMost(SOON).until(() -> plane.get(path).statusCode() == 404);
  }

  @Test
  void aFinalizerThatComesBackIsSeen() throws Exception {
    String path = made("again");
    JsonNode namespace = plane.read(path);
    ((ObjectNode) namespace.path("spec")).putArray("finalizers").add("e.com/f");
    var _ = TestPlane.successful(200, plane.put(path + "/finalize", namespace.toString()));
    assertThat(plane.delete(path).statusCode()).isEqualTo(200);
    // The controller has nothing to do for it: it looked when the deletion was shown to all.
    String next = made("after-again");
    assertThat(plane.delete(next).statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> plane.get(next).statusCode() == 404);

    JsonNode ending = plane.read(path);
    ((ObjectNode) ending.path("spec")).putArray("finalizers").add("kubernetes");
    var _ = TestPlane.successful(200, plane.put(path + "/finalize", ending.toString()));
    await().atMost(SOON).until(() -> plane.get(path).statusCode() == 404);
  }

  @Test
  void podsAndServicesGoWithTheirNamespaceAndNoOthers() throws Exception {
    String path = made("leaving");
    String other = made("staying");
    for (String home : new String[] {path, other}) {
      await()
          .atMost(SOON)
          .until(() -> plane.get(home + "/serviceaccounts/default").statusCode() == 200);
      plane.made(
          home + "/pods",
          """
          {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}\
          """);
      plane.made(
          home + "/services",
          "{\"metadata\": {\"name\": \"s\"}, \"spec\": {\"ports\": [{\"port\": 80}]}}");
    }
    assertThat(plane.delete(path).statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> plane.get(path).statusCode() == 404);
    made("leaving");
    assertThat(plane.read(path + "/pods").path("items").size()).isZero();
    assertThat(plane.read(path + "/services").path("items").size()).isZero();
    assertThat(plane.read(other + "/pods").path("items").size()).isEqualTo(1);
    assertThat(plane.read(other + "/services").path("items").size()).isEqualTo(1);
  }

  @Test
  void theCertificatesOfTheClusterComeBack() throws Exception {
    String map = made("trusting") + "/configmaps/kube-root-ca.crt";
    String authority = Pem.encode(plane.plane.pki().authority());
    awaitAuthority(map, authority);
    assertThat(plane.delete(map).statusCode()).isEqualTo(200);
    awaitAuthority(map, authority);
    var _ =
        TestPlane.successful(200, plane.merge(map, "{\"data\": {\"ca.crt\": \"\", \"x\": \"y\"}}"));
    awaitAuthority(map, authority);
  }

  private void awaitAuthority(String map, String authority) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    TestPlane.json(plane.get(map)).path("data").path("ca.crt").asString("").strip())
                .isEqualTo(authority.strip()));
  }
}
