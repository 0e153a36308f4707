package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What becomes of the pods and sets of what is deleted, as was asked, over REST with all
/// controllers. Nothing schedules here: a pod goes as soon as nobody holds it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnedObjectsTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir static Path folder;
  private final AtomicInteger numbers = new AtomicInteger();
  private TestPlane plane;
  private String home = "";

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.startWithControllers(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  @BeforeEach
  void namespace() throws Exception {
    String name = "owned-" + numbers.incrementAndGet();
    plane.made("/api/v1/namespaces", "{\"metadata\": {\"name\": \"" + name + "\"}}");
    home = "/api/v1/namespaces/" + name;
    await()
        .atMost(SOON)
        .until(() -> plane.get(home + "/serviceaccounts/default").statusCode() == 200);
  }

  /// @param finalizers of each pod, which hold it when it is deleted
  private JsonNode controller(String name, int replicas, String finalizers) throws Exception {
    JsonNode made =
        plane.made(
            home + "/replicationcontrollers",
            """
            {"metadata": {"name": "%1$s"}, "spec": {"replicas": %2$d, "selector": {"app": "%1$s"},
             "template": {"metadata": {"labels": {"app": "%1$s"}, "finalizers": [%3$s]},
              "spec": {"containers": [{"name": "c", "image": "i"}]}}}}\
            """
                .formatted(name, replicas, finalizers));
    await().atMost(SOON).until(() -> pods(name).size() == replicas);
    return made;
  }

  private List<JsonNode> pods(String app) throws Exception {
    return plane
        .read(home + "/pods?labelSelector=app%3D" + app)
        .path("items")
        .valueStream()
        .toList();
  }

  private void delete(String path, String propagation) throws Exception {
    var _ =
        TestPlane.successful(
            200,
            plane.send(
                "DELETE",
                path,
                "application/json",
                "{\"propagationPolicy\": \"" + propagation + "\"}"));
  }

  private void awaitGone(String path) {
    await().atMost(SOON).until(() -> plane.get(path).statusCode() == 404);
  }

  private static List<String> owners(JsonNode object) {
    return object.at("/metadata/ownerReferences").findValuesAsString("name");
  }

  @Test
  void podsOfAReplicationControllerFollowIt() throws Exception {
    controller("web", 2, "");
    delete(home + "/replicationcontrollers/web", "Background");
    awaitGone(home + "/replicationcontrollers/web");
    await().atMost(SOON).until(() -> pods("web").isEmpty());
  }

  @Test
  void podsOfAReplicationControllerGoBeforeItWhereThatIsAsked() throws Exception {
    controller("web", 3, "\"example.com/held\"");
    String path = home + "/replicationcontrollers/web";
    delete(path, "Foreground");
    await()
        .atMost(SOON)
        .until(() ->
            pods("web").stream().allMatch(pod -> pod.at("/metadata").has("deletionTimestamp")));
    JsonNode waiting = plane.read(path);
    assertThat(waiting.at("/metadata").has("deletionTimestamp")).isTrue();
    assertThat(waiting.at("/metadata/finalizers").toString()).contains("foregroundDeletion");

    for (JsonNode pod : pods("web")) {
      assertThat(plane.get(path).statusCode()).isEqualTo(200);
      var _ =
          TestPlane.successful(
              200,
              plane.merge(
                  home + "/pods/" + pod.at("/metadata/name").asString(),
                  "{\"metadata\": {\"finalizers\": null}}"));
    }
    awaitGone(path);
    assertThat(pods("web")).isEmpty();
  }

  @Test
  void podsOfAReplicationControllerStayWhereThatIsAsked() throws Exception {
    controller("web", 3, "");
    delete(home + "/replicationcontrollers/web", "Orphan");
    awaitGone(home + "/replicationcontrollers/web");
    assertThat(pods("web"))
        .hasSize(3)
        .allSatisfy(pod -> {
          assertThat(owners(pod)).isEmpty();
          assertThat(pod.at("/metadata").has("deletionTimestamp")).isFalse();
        });
  }

  @Test
  void aPodWithAnotherOwnerStaysWithThatOne() throws Exception {
    controller("goes", 4, "");
    String uid = controller("stays", 0, "").at("/metadata/uid").asString();
    List<JsonNode> half = pods("goes").subList(0, 2);
    for (JsonNode pod : half) {
      var _ =
          TestPlane.successful(
              200,
              plane.send(
                  "PATCH",
                  home + "/pods/" + pod.at("/metadata/name").asString(),
                  "application/json-patch+json",
                  """
                  [{"op": "add", "path": "/metadata/ownerReferences/-", "value":
                    {"apiVersion": "v1", "kind": "ReplicationController", "name": "stays",
                     "uid": "%s"}}]\
                  """
                      .formatted(uid)));
    }
    delete(home + "/replicationcontrollers/goes", "Foreground");
    awaitGone(home + "/replicationcontrollers/goes");
    assertThat(pods("goes"))
        .extracting(pod -> pod.at("/metadata/uid").asString())
        .containsExactlyInAnyOrderElementsOf(
            half.stream().map(pod -> pod.at("/metadata/uid").asString()).toList());
    assertThat(pods("goes"))
        .allSatisfy(pod -> {
          assertThat(owners(pod)).containsExactly("stays");
          assertThat(pod.at("/metadata").has("deletionTimestamp")).isFalse();
        });
  }

  @Test
  void podsThatOwnEachOtherAllGo() throws Exception {
    String[] uids = new String[3];
    for (int i = 0; i < 3; i++) {
      uids[i] =
          plane
              .made(
                  home + "/pods",
                  """
                  {"metadata": {"name": "ring-%d", "labels": {"app": "ring"}},
                   "spec": {"containers": [{"name": "c", "image": "i"}]}}\
                  """
                      .formatted(i))
              .at("/metadata/uid")
              .asString();
    }
    for (int i = 0; i < 3; i++) {
      int owner = (i + 2) % 3;
      var _ =
          TestPlane.successful(
              200,
              plane.merge(
                  home + "/pods/ring-" + i,
                  """
                  {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod",
                    "name": "ring-%d", "uid": "%s", "controller": true,
                    "blockOwnerDeletion": true}]}}\
                  """
                      .formatted(owner, uids[owner])));
    }
    delete(home + "/pods/ring-0", "Foreground");
    await().atMost(SOON).until(() -> pods("ring").isEmpty());
  }

  @Test
  void theSetsOfADeploymentFollowItOrStay() throws Exception {
    String deployments = home.replace("/api/v1", "/apis/apps/v1") + "/deployments";
    String sets = deployments.replace("deployments", "replicasets");
    for (String propagation : List.of("Background", "Orphan")) {
      plane.made(
          deployments,
          """
          {"metadata": {"name": "web"}, "spec": {"replicas": 2,
           "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata":
            {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}}\
          """);
      await().atMost(SOON).until(() -> pods("web").size() == 2);
      delete(deployments + "/web", propagation);
      awaitGone(deployments + "/web");
      if (propagation.equals("Background")) {
        await().atMost(SOON).until(() -> plane.read(sets).path("items").isEmpty());
        await().atMost(SOON).until(() -> pods("web").isEmpty());
      }
    }
    JsonNode left = plane.read(sets).path("items");
    assertThat(left.size()).isEqualTo(1);
    assertThat(owners(left.get(0))).isEmpty();
    assertThat(pods("web"))
        .hasSize(2)
        .allSatisfy(pod ->
            assertThat(owners(pod)).containsExactly(left.get(0).at("/metadata/name").asString()));
  }
}
