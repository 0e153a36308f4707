package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What another server holds belongs to the cluster: it goes with its namespace and with its
/// owners, and its schemas stand beside ours.
class ExtensionContentsTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

  @TempDir Path folder;
  private TestPlane plane;
  private FakeExtension extension;

  @BeforeEach
  void start() throws Exception {
    plane = TestPlane.startWithControllers(folder);
    extension = new FakeExtension(plane);
    extension.register();
  }

  @AfterEach
  void stop() {
    extension.close();
    plane.close();
  }

  private String namespace(String name) throws Exception {
    plane.made("/api/v1/namespaces", "{\"metadata\": {\"name\": \"" + name + "\"}}");
    return "/api/v1/namespaces/" + name;
  }

  @Test
  void aNamespaceTakesAlongWhatOtherServersHoldInIt() throws Exception {
    String path = namespace("leaving");
    extension.made("leaving", "one", "");
    extension.made("leaving", "two", "");
    extension.made("default", "other", "");
    assertThat(plane.delete(path).statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> plane.get(path).statusCode() == 404);
    assertThat(extension.has("leaving", "one")).isFalse();
    assertThat(extension.has("leaving", "two")).isFalse();
    assertThat(extension.has("default", "other")).isTrue();
  }

  @Test
  void aNamespaceWaitsForAServerThatDoesNotAnswerAndSaysSo() throws Exception {
    String path = namespace("waiting");
    extension.made("waiting", "one", "");
    extension.silent(true);
    extension.awaitAvailable("False");
    assertThat(plane.delete(path).statusCode()).isEqualTo(200);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(plane.read(path).at("/status/conditions").toString())
                .contains(
                    "\"type\":\"NamespaceDeletionDiscoveryFailure\",\"status\":\"True\"",
                    "wardle.example.com/v1alpha1"));
    extension.silent(false);
    await().atMost(SOON).until(() -> plane.get(path).statusCode() == 404);
    assertThat(extension.has("waiting", "one")).isFalse();
  }

  /// Further members of an object's metadata.
  private static String ownedBy(JsonNode map) {
    return ", \"ownerReferences\": [{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"name\": "
        + map.at("/metadata/name")
        + ", \"uid\": "
        + map.at("/metadata/uid")
        + "}]";
  }

  @Test
  void ownersAndWhatTheyOwnMayBeAtDifferentServers() throws Exception {
    JsonNode owner = plane.made(MAPS, "{\"metadata\": {\"name\": \"owner\"}}");
    extension.made("default", "owned", ownedBy(owner));
    extension.made("default", "owns", "");
    String by =
        """
        {"metadata": {"name": "theirs", "ownerReferences": [{"apiVersion":
          "wardle.example.com/v1alpha1", "kind": "Flunder", "name": "owns", "uid": "uid-owns"}]}}\
        """;
    plane.made(MAPS, by);

    assertThat(plane.delete(MAPS + "/owner").statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> !extension.has("default", "owned"));
    assertThat(plane.get(MAPS + "/theirs").statusCode()).isEqualTo(200);
    extension.deleted("default", "owns");
    await().atMost(SOON).until(() -> plane.get(MAPS + "/theirs").statusCode() == 404);
  }

  @Test
  void whoIsLetGoKeepsAllButTheOwner() throws Exception {
    JsonNode owner = plane.made(MAPS, "{\"metadata\": {\"name\": \"owner\"}}");
    String nobody =
        ", {\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"name\": \"none\", \"uid\": \"none\"}]";
    extension.made("default", "kept", ownedBy(owner).replace("]", nobody));
    // of the owner that is not there it is rid as soon as it is known
    await()
        .atMost(SOON)
        .until(
            () -> extension.flunder("default", "kept").at("/metadata/ownerReferences").size() == 1);
    var _ =
        TestPlane.successful(
            200,
            plane.send(
                "DELETE",
                MAPS + "/owner",
                "application/json",
                "{\"propagationPolicy\": \"Orphan\"}"));
    await().atMost(SOON).until(() -> plane.get(MAPS + "/owner").statusCode() == 404);
    JsonNode kept = extension.flunder("default", "kept");
    assertThat(kept.at("/metadata/ownerReferences").isEmpty()).isTrue();
    assertThat(kept.at("/spec/reference").asString()).isEqualTo("kept");
  }

  @Test
  void theirSchemasStandBesideOurs() throws Exception {
    JsonNode document = plane.read("/openapi/v2");
    JsonNode definitions = document.path("definitions");
    JsonNode flunder = definitions.path("com.example.wardle.v1alpha1.Flunder");
    assertThat(flunder.path("description").asString()).isEqualTo("A flunder");
    assertThat(flunder.path("x-kubernetes-group-version-kind").findValuesAsString("kind"))
        .containsExactly("Flunder");
    String meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    assertThat(flunder.at("/properties/metadata/$ref").asString())
        .isEqualTo("#/definitions/" + meta + "_v2");
    assertThat(definitions.path(meta + "_v2").path("description").asString())
        .isEqualTo("Another one");
    assertThat(definitions.path(meta).path("description").asString()).isNotEqualTo("Another one");
    assertThat(definitions.has("com.example.wardle.v1alpha1.Unused")).isFalse();
    assertThat(document.path("paths").has(FakeExtension.ROOT + "/flunders")).isTrue();
    assertThat(document.path("paths").path("/apis/apps/v1/").toString()).doesNotContain("forged");

    assertThat(plane.delete(FakeExtension.API_SERVICE).statusCode()).isEqualTo(200);
    await()
        .atMost(SOON)
        .until(() ->
            !plane
                .read("/openapi/v2")
                .path("definitions")
                .has("com.example.wardle.v1alpha1.Flunder"));
  }
}
