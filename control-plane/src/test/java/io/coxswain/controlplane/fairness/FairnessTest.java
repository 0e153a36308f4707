package io.coxswain.controlplane.fairness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FairnessTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Fairness fairness = new Fairness(100, metrics, System::nanoTime);

  /// One level with everything that is not exempt.
  private void level(String limited) {
    PriorityLevelConfiguration level =
        read(
            """
            {"metadata": {"name": "only", "uid": "level-1"}, "spec": {"type": "Limited",
             "limited": %s}}\
            """
                .formatted(limited),
            PriorityLevelConfiguration.getDefaultInstance());
    FlowSchema schema =
        read(
            """
            {"metadata": {"name": "all", "uid": "schema-1"}, "spec": {
             "priorityLevelConfiguration": {"name": "only"}, "matchingPrecedence": 50,
             "distinguisherMethod": {"type": "ByUser"},
             "rules": [{"subjects": [{"kind": "Group", "group": {"name": "system:authenticated"}}],
               "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"],
                 "namespaces": ["*"], "clusterScope": true}]}]}}\
            """,
            FlowSchema.getDefaultInstance());
    fairness.arrange(List.of(schema), List.of(level));
  }

  /// Beside the five shares of what catches all: 5 of 100 seats.
  private void queued(int queues, int handSize, int length) {
    level(
        """
        {"nominalConcurrencyShares": 1, "borrowingLimitPercent": 0, "limitResponse": {"type": "Queue",
         "queuing": {"queues": %d, "handSize": %d, "queueLengthLimit": %d}}}\
        """
            .formatted(queues, handSize, length));
  }

  private static <T extends com.google.protobuf.Message> T read(String json, T prototype) {
    return new JsonCodec()
        .decode(json.getBytes(StandardCharsets.UTF_8), prototype, Strictness.STRICT)
        .message();
  }

  private Flow flow(String user) {
    return fairness.classify(
        new Attributes(User.of(user, List.of()), "get", "", "v1", "pods", "", "a", "x", "", ""));
  }

  private Seat enter(String user, int seats, Duration patience) {
    return fairness.enter(flow(user), seats, patience, _ -> {});
  }

  private double count(String meter) {
    return metrics.find(meter).meters().stream()
        .filter(one -> "all".equals(one.getId().getTag("flow_schema")))
        .mapToDouble(one -> one.measure().iterator().next().getValue())
        .sum();
  }

  private double waiting() {
    return count("apiserver.flowcontrol.current.inqueue.requests");
  }

  private static ApiError refusal(ApiException e) {
    assertThat(e).isNotNull();
    return e.error();
  }

  /// As many as there are: 1 share of 6 of 100.
  private static final int SEATS = 17;

  private List<Seat> fill(String user) {
    List<Seat> taken = new ArrayList<>();
    for (int i = 0; i < SEATS; i++) {
      taken.add(enter(user, 1, Duration.ZERO));
    }
    return taken;
  }

  @Test
  void whoMayNotWaitIsTurnedAwayAtOnce() {
    level("{\"nominalConcurrencyShares\": 1, \"limitResponse\": {\"type\": \"Reject\"}}");
    List<Seat> taken = fill("jane");
    ApiError error = refusal(catchThrowableOfType(ApiException.class, () -> enter("joe", 1, LONG)));
    assertThat(error).isInstanceOf(ApiError.TooManyRequests.class);
    assertThat(((ApiError.TooManyRequests) error).message())
        .isEqualTo("Too many requests, please try again later.");
    taken.getFirst().close();
    taken.getFirst().close(); // twice gives one seat back
    enter("joe", 1, LONG).close();
    assertThat(fairness.classify(flowRequest()).schemaUid()).isEqualTo("schema-1");
    assertThat(fairness.classify(flowRequest()).levelUid()).isEqualTo("level-1");
  }

  private static Attributes flowRequest() {
    return new Attributes(
        User.of("jane", List.of()), "get", "", "v1", "pods", "", "a", "x", "", "");
  }

  @Test
  void aFullQueueTurnsAwayAndAWaitEnds() throws Exception {
    queued(1, 1, 2);
    List<Seat> taken = fill("jane");
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      waiters.add(Thread.ofVirtual().start(() -> enter("jane", 1, LONG).close()));
    }
    await().until(() -> waiting() == 2);
    var full = catchThrowableOfType(ApiException.class, () -> enter("jane", 1, LONG));
    assertThat(refusal(full)).isInstanceOf(ApiError.TooManyRequests.class);
    taken.forEach(Seat::close);
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertThat(waiting()).isZero();
    assertThat(count("apiserver.flowcontrol.current.executing.requests")).isZero();
    assertThat(count("apiserver.flowcontrol.dispatched.requests")).isEqualTo(SEATS + 2.0);

    List<Seat> again = fill("jane");
    var late =
        catchThrowableOfType(ApiException.class, () -> enter("joe", 1, Duration.ofMillis(20)));
    assertThat(refusal(late)).isInstanceOf(ApiError.TooManyRequests.class);
    assertThat(waiting()).isZero();
    assertThat(count("apiserver.flowcontrol.rejected.requests")).isEqualTo(2);
    again.forEach(Seat::close);
  }

  @Test
  void whoGoesAwayWaitsNoMore() throws Exception {
    queued(4, 2, 10);
    List<Seat> taken = fill("jane");
    BlockingQueue<Runnable> cancels = new LinkedBlockingQueue<>();
    Consumer<Runnable> onGone = cancels::add;
    BlockingQueue<ApiError> refusals = new LinkedBlockingQueue<>();
    Thread waiter =
        Thread.ofVirtual()
            .start(() ->
                refusals.add(
                    refusal(
                        catchThrowableOfType(
                            ApiException.class,
                            () -> fairness.enter(flow("joe"), 1, LONG, onGone)))));
    Runnable cancel = cancels.poll(10, TimeUnit.SECONDS);
    assertThat(cancel).isNotNull();
    cancel.run();
    waiter.join();
    assertThat(refusals).hasSize(1);
    assertThat(waiting()).isZero();
    taken.forEach(Seat::close);
    fill("jane").forEach(Seat::close); // and no seat is lost
  }

  @Test
  void aLoudFlowDelaysItselfAndNotItsNeighbour() {
    queued(64, 4, 500);
    List<Seat> taken = fill("loud");
    BlockingQueue<String> served = new LinkedBlockingQueue<>();
    BlockingQueue<Seat> held = new LinkedBlockingQueue<>();
    for (int i = 0; i < 200; i++) {
      waiter("loud", served, held);
    }
    await().until(() -> waiting() == 200);
    for (int i = 0; i < 3; i++) {
      waiter("quiet", served, held);
    }
    await().until(() -> waiting() == 203);
    // One seat comes free after the other: each next one who gets it is noted.
    taken.forEach(Seat::close);
    await().until(() -> served.size() == SEATS);
    assertThat(served).filteredOn("quiet"::equals).hasSize(3);
    while (!held.isEmpty() || waiting() > 0) {
      Seat seat = held.poll();
      if (seat != null) {
        seat.close();
      }
    }
    await().until(() -> served.size() == 203);
  }

  private void waiter(String user, BlockingQueue<String> served, BlockingQueue<Seat> held) {
    var _ =
        Thread.ofVirtual()
            .start(() -> {
              Seat seat = enter(user, 1, LONG);
              held.add(seat);
              served.add(user);
            });
  }

  @Test
  void aWideRequestGetsAllThereIsAndNoMore() {
    queued(4, 2, 10);
    Seat wide = enter("jane", 100, Duration.ZERO);
    var none =
        catchThrowableOfType(ApiException.class, () -> enter("joe", 1, Duration.ofMillis(5)));
    assertThat(refusal(none)).isInstanceOf(ApiError.TooManyRequests.class);
    wide.close();
    enter("joe", 1, Duration.ZERO).close();
  }

  @Test
  void aLevelThatIsTakenAwayLetsItsGuestsFinish() {
    queued(4, 2, 10);
    List<Seat> taken = fill("jane");
    fairness.arrange(List.of(), List.of());
    assertThat(flow("jane").schema()).isEqualTo("global-default");
    taken.forEach(Seat::close);
    assertThat(metrics.find("apiserver.flowcontrol.nominal.limit.seats").gauges())
        .noneMatch(gauge -> "only".equals(gauge.getId().getTag("priority_level")));
  }

  @Test
  void seatsThatNobodyNeedsAreLent() {
    Fairness standard = new Fairness(100, metrics, System::nanoTime);
    Flow loud = standard.classify(flowRequest());
    List<Seat> taken = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      taken.add(standard.enter(loud, 1, Duration.ZERO, _ -> {}));
    }
    assertThat(
            catchThrowableOfType(
                ApiException.class, () -> standard.enter(loud, 1, Duration.ofMillis(1), _ -> {})))
        .isNotNull();
    standard.adjust();
    for (int i = 0; i < 8; i++) {
      taken.add(standard.enter(loud, 1, Duration.ZERO, _ -> {}));
    }
    taken.forEach(Seat::close);
  }
}
