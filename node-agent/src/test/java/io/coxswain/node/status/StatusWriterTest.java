package io.coxswain.node.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.client.ApiClient;
import io.coxswain.client.testing.InMemoryApi;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The patience is longer than any test: what is written was not waited for.
final class StatusWriterTest {

  private final InMemoryApi api = new InMemoryApi();
  private final ApiClient client = api.client();
  private final StatusWriter writer = new StatusWriter(client, Duration.ofHours(1));
  private Pod pod = Pod.getDefaultInstance();

  @BeforeEach
  void seed() {
    Pod.Builder builder = Pod.newBuilder();
    builder.getMetadataBuilder().setNamespace("default").setName("p").setUid("u1");
    builder.getStatusBuilder().setPhase("Pending");
    pod = api.seed(builder.build());
  }

  @AfterEach
  void close() {
    writer.close();
    client.close();
  }

  private static PodStatus waiting(String reason) {
    PodStatus.Builder status = PodStatus.newBuilder().setPhase("Pending").setHostIP("192.0.2.1");
    status
        .addContainerStatusesBuilder()
        .setName("main")
        .getStateBuilder()
        .getWaitingBuilder()
        .setReason(reason);
    return status.build();
  }

  private static PodStatus running() {
    PodStatus.Builder status = PodStatus.newBuilder().setPhase("Running");
    status.addContainerStatusesBuilder().setName("main").getStateBuilder().getRunningBuilder();
    return status.build();
  }

  private PodStatus stored() {
    return client.resources(Pod.class).read("default", "p").getStatus();
  }

  @Test
  void aPodThatSoonRunsIsWrittenOnce() {
    long before = api.revision();
    writer.publish(pod, waiting("ContainerCreating"));
    writer.publish(pod, running());
    await().untilAsserted(() -> assertThat(stored().getPhase()).isEqualTo("Running"));
    assertThat(api.revision()).isEqualTo(before + 1);
  }

  @Test
  void troubleIsToldAtOnce() {
    writer.publish(pod, waiting("ContainerCreating"));
    writer.publish(pod, waiting("ErrImagePull"));
    await()
        .untilAsserted(() ->
            assertThat(stored().getContainerStatuses(0).getState().getWaiting().getReason())
                .isEqualTo("ErrImagePull"));
  }

  private static PodStatus ready(String value) {
    PodStatus.Builder status = running().toBuilder();
    status.addConditionsBuilder().setType("Ready").setStatus(value);
    return status.build();
  }

  private Pod write(PodStatus status) {
    writer.publish(pod, status);
    await().untilAsserted(() -> assertThat(stored()).isEqualTo(status));
    return client.resources(Pod.class).read("default", "p");
  }

  @Test
  void whatOthersSayOfTheNodesOwnConditionsIsSetRight() {
    Pod written = write(ready("True"));
    Pod marked =
        client
            .resources(Pod.class)
            .updateStatus(written.toBuilder().setStatus(ready("False")).build());
    writer.publish(marked, ready("True"));
    await().untilAsserted(() -> assertThat(stored()).isEqualTo(ready("True")));
  }

  @Test
  void whatIsHeardLateIsNotWrittenAgain() {
    Pod written = write(ready("True"));
    long before = api.revision();
    writer.publish(pod, ready("True"));
    writer.publish(written, ready("True"));
    write(ready("False"));
    assertThat(api.revision()).isEqualTo(before + 1);
  }

  @Test
  void aDeletionWaitsForNobody() throws Exception {
    writer.publish(pod, waiting("ContainerCreating"));
    writer.delete(pod);
    assertThat(client.resources(Pod.class).find("default", "p")).isEmpty();
  }
}
