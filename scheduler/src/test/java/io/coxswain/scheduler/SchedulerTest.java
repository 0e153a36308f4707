package io.coxswain.scheduler;

import static io.coxswain.scheduler.Fixtures.allocatable;
import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static io.coxswain.scheduler.Fixtures.tainted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.testing.InMemoryApi;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchedulerTest {

  private final InMemoryApi api = new InMemoryApi();
  private final ApiClient client = api.client();
  private final Resources<Pod> pods = client.resources(Pod.class);
  private final Resources<Node> nodes = client.resources(Node.class);
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private Scheduler scheduler = scheduler();

  private Scheduler scheduler() {
    return new Scheduler(client, SchedulerOptions.alone("test"), metrics);
  }

  @AfterEach
  void close() {
    scheduler.close();
    api.close();
  }

  @Test
  void placesPodsAndSaysSo() {
    api.seed(node("n1"));
    Pod ignored = pods.create(pod("a", "cpu=1"));
    scheduler.start();
    ignored = pods.create(pod("b", "cpu=1"));
    await().untilAsserted(() -> assertThat(nodeOf("a")).isEqualTo("n1"));
    await().untilAsserted(() -> assertThat(nodeOf("b")).isEqualTo("n1"));
    await()
        .untilAsserted(() ->
            assertThat(client.resources(Event.class).list(ListOptions.ALL).items())
                .extracting(Event::getReason, Event::getMessage)
                .contains(
                    org.assertj.core.groups.Tuple.tuple(
                        "Scheduled", "Successfully assigned default/a to n1")));
  }

  @Test
  void saysWhyAPodFitsNowhereAndPlacesItOnceItDoes() {
    api.seed(allocatable(node("small"), "cpu=500m"));
    api.seed(tainted(node("t1"), "dedicated", "db", "NoSchedule"));
    api.seed(tainted(node("t2"), "dedicated", "db", "NoSchedule"));
    scheduler.start();
    Pod ignored = pods.create(pod("a", "cpu=1"));
    String message =
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint"
            + " {dedicated: db}.";
    await()
        .untilAsserted(() ->
            assertThat(pods.read("default", "a").getStatus().getConditionsList())
                .singleElement()
                .satisfies(condition -> {
                  assertThat(condition.getType()).isEqualTo("PodScheduled");
                  assertThat(condition.getStatus()).isEqualTo("False");
                  assertThat(condition.getReason()).isEqualTo("Unschedulable");
                  assertThat(condition.getMessage()).isEqualTo(message);
                }));
    await()
        .untilAsserted(() ->
            assertThat(client.resources(Event.class).list(ListOptions.ALL).items())
                .anySatisfy(event -> {
                  assertThat(event.getReason()).isEqualTo("FailedScheduling");
                  assertThat(event.getMessage()).isEqualTo(message);
                }));
    Node big = nodes.create(node("big"));
    Node status = nodes.updateStatus(big.toBuilder().setStatus(node("big").getStatus()).build());
    assertThat(status.getStatus().getAllocatableMap()).isNotEmpty();
    await().untilAsserted(() -> assertThat(nodeOf("a")).isEqualTo("big"));
    assertThat(pods.read("default", "a").getStatus().getConditionsList())
        .extracting(PodCondition::getStatus)
        .containsExactly("True");
  }

  @Test
  void aPodThatLeavesMakesRoom() {
    api.seed(allocatable(node("n1"), "cpu=1"));
    scheduler.start();
    Pod ignored = pods.create(pod("a", "cpu=1"));
    await().untilAsserted(() -> assertThat(nodeOf("a")).isEqualTo("n1"));
    ignored = pods.create(pod("b", "cpu=1"));
    await()
        .untilAsserted(() ->
            assertThat(pods.read("default", "b").getStatus().getConditionsCount()).isEqualTo(1));
    pods.delete("default", "a", DeletePolicy.DEFAULT.withGraceSeconds(0));
    await().untilAsserted(() -> assertThat(nodeOf("b")).isEqualTo("n1"));
  }

  @Test
  void aPodThatGetsLessMakesRoomWhenItsNodeHasTakenTheRest() {
    api.seed(allocatable(node("n1"), "cpu=1"));
    scheduler.start();
    Pod ignored = pods.create(pod("a", "cpu=1"));
    await().untilAsserted(() -> assertThat(nodeOf("a")).isEqualTo("n1"));
    ignored = pods.updateStatus(held(pods.read("default", "a"), "cpu=1"));
    ignored = pods.create(pod("b", "cpu=500m"));
    await()
        .untilAsserted(() ->
            assertThat(pods.read("default", "b").getStatus().getConditionsCount()).isEqualTo(1));
    Pod.Builder less = pods.read("default", "a").toBuilder();
    less.getSpecBuilder()
        .getContainersBuilder(0)
        .getResourcesBuilder()
        .putRequests("cpu", Quantities.of("400m"));
    ignored = pods.update(less.build());
    ignored = pods.create(pod("c", "cpu=600m"));
    await()
        .untilAsserted(() ->
            assertThat(pods.read("default", "c").getStatus().getConditionsCount()).isEqualTo(1));
    assertThat(nodeOf("b")).as("the node still has what it had").isEmpty();
    ignored = pods.updateStatus(held(pods.read("default", "a"), "cpu=400m"));
    await()
        .untilAsserted(
            () -> assertThat(nodeOf("b") + nodeOf("c")).as("one of the two").isEqualTo("n1"));
  }

  /// As its node says what the pod's container has.
  private static Pod held(Pod pod, String... amounts) {
    Pod.Builder held = pod.toBuilder();
    held.getStatusBuilder()
        .clearContainerStatuses()
        .addContainerStatusesBuilder()
        .setName(pod.getSpec().getContainers(0).getName())
        .putAllAllocatedResources(Fixtures.quantities(amounts))
        .getResourcesBuilder()
        .putAllRequests(Fixtures.quantities(amounts));
    return held.build();
  }

  @Test
  void leavesOthersPodsAndGatedOnesAlone() throws InterruptedException {
    api.seed(node("n1"));
    Pod.Builder others = pod("others").toBuilder();
    others.getSpecBuilder().setSchedulerName("another");
    Pod.Builder gated = pod("gated").toBuilder();
    gated.getSpecBuilder().addSchedulingGatesBuilder().setName("quota");
    Pod ignored = pods.create(others.build());
    Pod held = pods.create(gated.build());
    scheduler.start();
    ignored = pods.create(pod("last"));
    await().untilAsserted(() -> assertThat(nodeOf("last")).isEqualTo("n1"));
    assertThat(nodeOf("others")).isEmpty();
    assertThat(nodeOf("gated")).isEmpty();
    Pod.Builder free = held.toBuilder();
    free.getSpecBuilder().clearSchedulingGates();
    ignored = pods.update(free.build());
    await().untilAsserted(() -> assertThat(nodeOf("gated")).isEqualTo("n1"));
  }

  @Test
  void aBindingWhoseAnswerWasLostKeepsItsPlace() {
    api.seed(allocatable(node("n1"), "cpu=1"));
    AtomicInteger lost = new AtomicInteger();
    api.failing(call -> {
      if (call.subresource().equals("binding") && lost.getAndIncrement() == 0) {
        return Optional.of(new ApiError.Unavailable("lost"));
      }
      return Optional.empty();
    });
    scheduler.start();
    Pod ignored = pods.create(pod("a", "cpu=1"));
    await().untilAsserted(() -> assertThat(nodeOf("a")).isEqualTo("n1"));
    assertThat(lost.get()).isEqualTo(2);
  }

  @Test
  void aRestartedSchedulerGoesOnWithoutOverCommitting() {
    api.seed(allocatable(node("n1"), "cpu=4"));
    scheduler.start();
    for (int i = 0; i < 3; i++) {
      Pod ignored = pods.create(pod("p" + i, "cpu=1"));
    }
    scheduler.close();
    scheduler = scheduler();
    for (int i = 3; i < 8; i++) {
      Pod ignored = pods.create(pod("p" + i, "cpu=1"));
    }
    scheduler.start();
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(bound()).isEqualTo(4));
    assertThat(bound()).isEqualTo(4);
  }

  @Test
  void countsWhatItDoes() {
    api.seed(node("n1"));
    scheduler.start();
    Pod ignored = pods.create(pod("a"));
    await()
        .untilAsserted(() ->
            assertThat(
                    metrics.counter("scheduler.schedule.attempts", "result", "scheduled").count())
                .isEqualTo(1));
  }

  private String nodeOf(String pod) {
    return pods.read("default", pod).getSpec().getNodeName();
  }

  private long bound() {
    return pods.list(ListOptions.ALL).items().stream()
        .filter(pod -> !pod.getSpec().getNodeName().isEmpty())
        .count();
  }
}
