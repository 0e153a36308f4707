package io.coxswain.client.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.queue.Backoff;
import io.coxswain.client.queue.WorkQueue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ControllerLoopTest {

  private static final ObjectKey KEY = new ObjectKey("default", "a");
  private static final ApiError.Cause TERMINATING =
      new ApiError.Cause(ApiError.NAMESPACE_TERMINATING, "metadata.namespace", "it goes");

  private final WorkQueue<ObjectKey> queue = new WorkQueue<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  @Test
  void triesAgainWhatFailedAndCountsIt() {
    AtomicInteger calls = new AtomicInteger();
    Reconciler reconciler =
        key ->
            switch (calls.incrementAndGet()) {
              case 1 -> throw new IllegalStateException("broken");
              case 2 -> throw new ApiException(new ApiError.Conflict("", "pods", "a", "changed"));
              case 3 -> throw new ApiException(new ApiError.Forbidden("no", List.of(TERMINATING)));
              case 4 -> throw new ApiException(new ApiError.Forbidden("not yours"));
              case 5 -> Result.retry();
              default -> Result.done();
            };
    try (ControllerLoop loop =
        new ControllerLoop("test", reconciler, queue, 2, Pace.AT_ONCE, metrics)) {
      loop.start();
      queue.add(KEY);
      await().until(() -> calls.get() == 6);
      await().until(() -> queue.failures(KEY) == 0);
      assertThat(metrics.counter("coxswain.reconcile.errors", "controller", "test").count())
          .as("neither what others were quicker with, nor what goes with its namespace")
          .isEqualTo(2);
    }
  }

  @Test
  void comesBackWhenAskedTo() {
    List<Long> times = new CopyOnWriteArrayList<>();
    Reconciler reconciler =
        key -> {
          times.add(System.nanoTime());
          return times.size() < 3 ? Result.after(Duration.ofMillis(5)) : Result.done();
        };
    try (ControllerLoop loop = new ControllerLoop("test", reconciler, queue, 1)) {
      loop.start();
      queue.add(KEY);
      await().until(() -> times.size() == 3);
    }
  }

  @Test
  void neverWorksOnOneKeyTwiceAtOnce() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    Reconciler reconciler =
        key -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          Thread.onSpinWait();
          now.decrementAndGet();
          calls.incrementAndGet();
          return Result.done();
        };
    try (ControllerLoop loop = new ControllerLoop("test", reconciler, queue, 4)) {
      loop.start();
      for (int i = 0; i < 1_000; i++) {
        queue.add(KEY);
      }
      await().until(() -> queue.size() == 0 && now.get() == 0 && calls.get() > 0);
      assertThat(most.get()).isEqualTo(1);
    }
  }

  @Test
  void aKeyThatTookLongRestsWhereItIsToSpare() {
    AtomicLong nanos = new AtomicLong();
    WorkQueue<ObjectKey> driven =
        new WorkQueue<>(Backoff.WORK, nanos::get, RandomGenerator.getDefault());
    Reconciler reconciler =
        key -> {
          nanos.addAndGet(Duration.ofMillis(100).toNanos());
          return Result.done();
        };
    try (ControllerLoop loop =
        new ControllerLoop("test", reconciler, driven, 1, Pace.SPARING, metrics)) {
      driven.add(KEY);
      assertThat(loop.runOne()).isTrue();
      driven.add(KEY);
      assertThat(loop.runOne()).isFalse();
      nanos.addAndGet(Duration.ofMillis(300).toNanos());
      assertThat(loop.runOne()).isTrue();
    }
  }
}
