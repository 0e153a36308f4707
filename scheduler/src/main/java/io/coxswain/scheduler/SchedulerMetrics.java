package io.coxswain.scheduler;

import io.coxswain.scheduler.queue.SchedulingQueue;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/// What a scheduler counts, under the names that dashboards for Kubernetes look for.
final class SchedulerMetrics {

  private final Counter scheduled;
  private final Counter unschedulable;
  private final Counter error;
  private final Timer decision;
  private final Timer binding;
  private final Timer wait;

  SchedulerMetrics(MeterRegistry metrics, SchedulingQueue queue, ClusterCache cache) {
    scheduled = metrics.counter("scheduler.schedule.attempts", "result", "scheduled");
    unschedulable = metrics.counter("scheduler.schedule.attempts", "result", "unschedulable");
    error = metrics.counter("scheduler.schedule.attempts", "result", "error");
    decision = metrics.timer("scheduler.scheduling.algorithm.duration");
    binding = metrics.timer("scheduler.binding.duration");
    wait = metrics.timer("scheduler.pod.scheduling.sli.duration");
    for (SchedulingQueue.Part part : SchedulingQueue.Part.values()) {
      Gauge.builder("scheduler.pending.pods", queue, q -> q.size(part))
          .tag("queue", part.name().toLowerCase(Locale.ROOT))
          .register(metrics);
    }
    Gauge.builder("scheduler.assumed.pods", cache, ClusterCache::assumedPods).register(metrics);
  }

  void decided(long nanos) {
    decision.record(Duration.ofNanos(nanos));
  }

  /// @param waited since the pod was first seen
  void bound(long nanos, Duration waited) {
    scheduled.increment();
    binding.record(Duration.ofNanos(nanos));
    wait.record(waited);
  }

  void unschedulable() {
    unschedulable.increment();
  }

  void failed() {
    error.increment();
  }
}
