package io.coxswain.scheduler;

import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static io.coxswain.scheduler.StorageFixtures.bound;
import static io.coxswain.scheduler.StorageFixtures.claim;
import static io.coxswain.scheduler.StorageFixtures.storageClass;
import static io.coxswain.scheduler.StorageFixtures.using;
import static io.coxswain.scheduler.StorageFixtures.volume;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiClient;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.client.volume.VolumeMarks;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The scheduler with an API in memory; the test is whoever binds claims.
class VolumeSchedulingTest {

  private final InMemoryApi api = new InMemoryApi();
  private final ApiClient client = api.client();
  private final Resources<Pod> pods = client.resources(Pod.class);
  private final Resources<PersistentVolumeClaim> claims =
      client.resources(PersistentVolumeClaim.class);
  private final Resources<PersistentVolume> volumes = client.resources(PersistentVolume.class);
  private final Scheduler scheduler =
      new Scheduler(client, SchedulerOptions.alone("test"), new SimpleMeterRegistry());

  @BeforeEach
  void start() {
    api.seed(node("n1"));
    api.seed(storageClass("later", "example.com/disk", true));
    scheduler.start();
  }

  @AfterEach
  void close() {
    scheduler.close();
    api.close();
  }

  private String nodeOf(String pod) {
    return pods.read("default", pod).getSpec().getNodeName();
  }

  private String selectedNode(String claim) {
    return claims
        .read("default", claim)
        .getMetadata()
        .getAnnotationsOrDefault(VolumeMarks.SELECTED_NODE, "");
  }

  private void awaitSelected(String claim) {
    await().untilAsserted(() -> assertThat(selectedNode(claim)).isEqualTo("n1"));
  }

  private void provision(String claim) {
    PersistentVolume _ = volumes.create(volume("of-" + claim, "later", "1Gi", "n1"));
    PersistentVolumeClaim _ = claims.update(bound(claims.read("default", claim), "of-" + claim));
  }

  @Test
  void aPodIsBoundOnceItsClaimIs() {
    PersistentVolumeClaim _ = claims.create(claim("a", "later", "1Gi"));
    Pod _ = pods.create(using(pod("p"), "a"));
    awaitSelected("a");
    assertThat(nodeOf("p")).isEmpty();
    provision("a");
    await().untilAsserted(() -> assertThat(nodeOf("p")).isEqualTo("n1"));
  }

  @Test
  void podsThatWaitForTheirVolumesHoldUpNobody() {
    for (int i = 0; i < 40; i++) {
      PersistentVolumeClaim _ = claims.create(claim("c" + i, "later", "1Gi"));
      Pod _ = pods.create(using(pod("waits" + i), "c" + i));
    }
    Pod _ = pods.create(pod("plain"));
    await().untilAsserted(() -> assertThat(nodeOf("plain")).isEqualTo("n1"));
    awaitSelected("c39");
    provision("c39");
    await().untilAsserted(() -> assertThat(nodeOf("waits39")).isEqualTo("n1"));
  }

  @Test
  void aFreeVolumeIsReservedForTheClaim() {
    api.seed(volume("v", "later", "1Gi", "n1"));
    PersistentVolumeClaim made = claims.create(claim("a", "later", "1Gi"));
    await()
        .untilAsserted(() -> assertThat(volumes.read("", "v").getSpec().hasClaimRef()).isFalse());
    Pod _ = pods.create(using(pod("p"), "a"));
    await()
        .untilAsserted(() ->
            assertThat(volumes.read("", "v").getSpec().getClaimRef().getUid())
                .isEqualTo(made.getMetadata().getUid()));
    assertThat(selectedNode("a")).isEmpty();
    PersistentVolumeClaim _ = claims.update(bound(claims.read("default", "a"), "v"));
    await().untilAsserted(() -> assertThat(nodeOf("p")).isEqualTo("n1"));
  }

  @Test
  void aChoiceThatIsTakenBackIsMadeAgain() {
    PersistentVolumeClaim _ = claims.create(claim("a", "later", "1Gi"));
    Pod _ = pods.create(using(pod("p"), "a"));
    awaitSelected("a");
    PersistentVolumeClaim.Builder free = claims.read("default", "a").toBuilder();
    free.getMetadataBuilder().removeAnnotations(VolumeMarks.SELECTED_NODE);
    PersistentVolumeClaim _ = claims.update(free.build());
    await()
        .untilAsserted(() ->
            assertThat(client.resources(Event.class).list(ListOptions.ALL).items())
                .anySatisfy(event ->
                    assertThat(event.getMessage())
                        .contains("running PreBind plugin \"VolumeBinding\"")));
    awaitSelected("a");
    provision("a");
    await().untilAsserted(() -> assertThat(nodeOf("p")).isEqualTo("n1"));
  }

  @Test
  void aPodThatGoesWhileItWaitsLeavesItsPlace() {
    PersistentVolumeClaim _ = claims.create(claim("a", "later", "1Gi"));
    Pod _ = pods.create(using(pod("p", "cpu=4"), "a"));
    awaitSelected("a");
    pods.delete("default", "p", DeletePolicy.DEFAULT.withGraceSeconds(0));
    Pod _ = pods.create(pod("next", "cpu=4"));
    await().untilAsserted(() -> assertThat(nodeOf("next")).isEqualTo("n1"));
  }

  @Test
  void aPodWhoseClaimComesLaterIsPlacedThen() {
    Pod _ = pods.create(using(pod("p"), "a"));
    await()
        .untilAsserted(() ->
            assertThat(pods.read("default", "p").getStatus().getConditionsList())
                .singleElement()
                .satisfies(one ->
                    assertThat(one.getMessage())
                        .isEqualTo(
                            "0/1 nodes are available: persistentvolumeclaim \"a\" not found.")));
    PersistentVolumeClaim _ = claims.create(claim("a", "later", "1Gi"));
    awaitSelected("a");
    provision("a");
    await().untilAsserted(() -> assertThat(nodeOf("p")).isEqualTo("n1"));
  }
}
