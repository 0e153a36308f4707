package io.coxswain.client.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.testing.InMemoryApi;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ApiEventRecorderTest {

  private static final Pod POD =
      Pod.newBuilder()
          .setMetadata(ObjectMeta.newBuilder().setNamespace("shop").setName("web").setUid("u1"))
          .build();

  private final InMemoryApi api = new InMemoryApi();
  private final ApiClient client = api.client();

  @Test
  void writesOnceAndCountsRepeats() {
    try (ApiEventRecorder events = new ApiEventRecorder(client, "kubelet", "n1")) {
      for (int i = 0; i < 3; i++) {
        events.warning(POD, "BackOff", "Back-off restarting failed container");
      }
      events.normal(POD, "Started", "Started container c");
      await().untilAsserted(() -> assertThat(written()).hasSize(2));
      await().untilAsserted(() -> assertThat(find("BackOff").getCount()).isEqualTo(3));
      Event event = find("BackOff");
      assertThat(event.getMetadata().getNamespace()).isEqualTo("shop");
      assertThat(event.getType()).isEqualTo("Warning");
      assertThat(event.getInvolvedObject().getKind()).isEqualTo("Pod");
      assertThat(event.getInvolvedObject().getUid()).isEqualTo("u1");
      assertThat(event.getSource().getHost()).isEqualTo("n1");
    }
  }

  @Test
  void repeatsOfOneMomentAndOfLaterOnesAreOneEvent() {
    try (ApiEventRecorder events = new ApiEventRecorder(client, "kubelet", "n1")) {
      for (int i = 0; i < 4; i++) {
        events.warning(POD, "BackOff", "Back-off restarting failed container");
      }
      await().untilAsserted(() -> assertThat(written()).hasSize(1));
      await().untilAsserted(() -> assertThat(find("BackOff").getCount()).isEqualTo(4));
      String name = find("BackOff").getMetadata().getName();
      events.warning(POD, "BackOff", "Back-off restarting failed container");
      await().untilAsserted(() -> assertThat(find("BackOff").getCount()).isEqualTo(5));
      assertThat(find("BackOff").getMetadata().getName()).isEqualTo(name);
    }
  }

  @Test
  void theSameAfterTenMinutesIsAnotherEvent() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    try (ApiEventRecorder events = new ApiEventRecorder(client, "kubelet", "n1", now::get)) {
      events.warning(POD, "BackOff", "Back-off restarting failed container");
      await().untilAsserted(() -> assertThat(written()).hasSize(1));
      now.updateAndGet(before -> before.plus(Duration.ofMinutes(9)));
      events.warning(POD, "BackOff", "Back-off restarting failed container");
      await().untilAsserted(() -> assertThat(find("BackOff").getCount()).isEqualTo(2));
      now.updateAndGet(before -> before.plus(Duration.ofMinutes(11)));
      events.warning(POD, "BackOff", "Back-off restarting failed container");
      await().untilAsserted(() -> assertThat(written()).hasSize(2));
      assertThat(written()).extracting(Event::getCount).containsExactlyInAnyOrder(2, 1);
    }
  }

  @Test
  void oneThatWentMeanwhileIsWrittenAnew() {
    try (ApiEventRecorder events = new ApiEventRecorder(client, "kubelet", "n1")) {
      events.warning(POD, "BackOff", "Back-off restarting failed container");
      await().untilAsserted(() -> assertThat(written()).hasSize(1));
      String gone = find("BackOff").getMetadata().getName();
      client.resources(Event.class).delete("shop", gone, DeletePolicy.DEFAULT);
      events.warning(POD, "BackOff", "Back-off restarting failed container");
      await().untilAsserted(() -> assertThat(written()).hasSize(1));
      assertThat(find("BackOff").getCount()).isEqualTo(1);
      assertThat(find("BackOff").getMetadata().getName()).isNotEqualTo(gone);
    }
  }

  @Test
  void whatHappenedInAMomentIsThereWhenItIsClosedInItsOrder() {
    ApiEventRecorder events = new ApiEventRecorder(client, "kubelet", "n1");
    List<String> reasons = List.of("Pulling", "Pulled", "Created", "Started");
    reasons.forEach(reason -> events.normal(POD, reason, "of container c"));
    events.close();
    // names tell the order where times, which are whole seconds, do not
    assertThat(
            written().stream()
                .sorted(Comparator.comparing(event -> event.getMetadata().getName()))
                .map(Event::getReason))
        .isEqualTo(reasons);
    assertThat(events.dropped()).isZero();
  }

  @Test
  void anObjectThatReportsTooMuchIsCut() {
    ApiEventRecorder events = new ApiEventRecorder(client, "kubelet", "n1");
    for (int i = 0; i < 40; i++) {
      events.normal(POD, "Chatter", "number " + i);
    }
    events.close();
    assertThat(written()).hasSize(25);
    assertThat(events.dropped()).isEqualTo(15);
  }

  private List<Event> written() {
    return client.resources(Event.class).list(ListOptions.in("shop")).items();
  }

  private Event find(String reason) {
    return written().stream()
        .filter(event -> event.getReason().equals(reason))
        .findFirst()
        .orElseThrow();
  }
}
