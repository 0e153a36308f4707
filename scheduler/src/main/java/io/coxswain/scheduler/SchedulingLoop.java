package io.coxswain.scheduler;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Resources;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.client.queue.Backoff;
import io.coxswain.scheduler.cycle.Decision;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.framework.BindPlugin;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.queue.SchedulingQueue;
import io.coxswain.scheduler.queue.Waiting;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.coxswain.scheduler.snapshot.PodInfo;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes pods from the queue, decides one after the other, and has each decision written down by a
/// virtual thread of its own while the next is made.
///
/// A pod counts on its node from the decision on. When nobody knows whether a binding was written
/// (the server went away), the pod keeps its place until the API says what became of it: giving the
/// place to another could promise it twice.
final class SchedulingLoop implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SchedulingLoop.class);
  private static final Duration CLOSING = Duration.ofSeconds(2);
  private static final Duration OVERDUE_CHECK = Duration.ofSeconds(30);

  private final Placement placement;
  private final BindPlugin binder;
  private final Resources<Pod> pods;
  private final ClusterCache cache;
  private final SchedulingQueue queue;
  private final EventRecorder events;
  private final SchedulerMetrics metrics;
  private final InstantSource clock;
  private final int most;
  private final Semaphore bindings;
  // Reports wait for each other rather than pile up when the API is slow.
  private final Semaphore reports = new Semaphore(8);
  private final TaskScope scope = new TaskScope("scheduler");
  private volatile boolean deciding;
  private boolean started;

  SchedulingLoop(
      Placement placement,
      BindPlugin binder,
      Resources<Pod> pods,
      ClusterCache cache,
      SchedulingQueue queue,
      EventRecorder events,
      SchedulerMetrics metrics,
      InstantSource clock,
      int bindings) {
    this.placement = placement;
    this.binder = binder;
    this.pods = pods;
    this.cache = cache;
    this.queue = queue;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.most = bindings;
    this.bindings = new Semaphore(bindings);
  }

  /// Begins, or goes on after [#pause].
  synchronized void start() {
    deciding = true;
    if (!started) {
      started = true;
      scope.fork("decide", this::decide);
      scope.fork("overdue", this::checkOverdue);
    }
  }

  /// Decides nothing more until [#start]; what is decided is still written.
  void pause() {
    deciding = false;
  }

  @Override
  public void close() {
    deciding = false;
    queue.close();
    try {
      if (!bindings.tryAcquire(most, CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
        log.info("bindings still under way are left to whoever schedules next");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    scope.close();
  }

  private void decide() throws InterruptedException {
    for (Optional<Waiting> next = queue.take(); next.isPresent(); next = queue.take()) {
      Waiting waiting = next.get();
      if (!deciding) {
        queue.failed(waiting);
        continue;
      }
      try {
        decide(waiting);
      } catch (RuntimeException e) {
        metrics.failed();
        log.error("placing pod {}/{} failed", waiting.pod().namespace(), waiting.pod().name(), e);
        queue.failed(waiting);
      }
    }
  }

  private void decide(Waiting waiting) throws InterruptedException {
    PodInfo pod = waiting.pod();
    if (cache.nodeOf(pod.uid()).isPresent()) {
      // Its binding was of unknown outcome and has its place: whoever settles it decides.
      queue.failed(waiting);
      return;
    }
    long begin = System.nanoTime();
    Decision decision = placement.decide(pod, cache.snapshot());
    metrics.decided(System.nanoTime() - begin);
    switch (decision) {
      case Decision.Place(String node, int feasible) -> {
        bindings.acquire();
        cache.assume(pod, node);
        scope.fork("bind", () -> bind(waiting, node));
      }
      case Decision.Unschedulable(String message, Set<ClusterEvent> remedies) -> {
        metrics.unschedulable();
        queue.unschedulable(waiting, remedies);
        reports.acquire();
        scope.fork("report", () -> report(pod.pod(), message));
      }
    }
  }

  private void bind(Waiting waiting, String node) throws InterruptedException {
    PodInfo pod = waiting.pod();
    long begin = System.nanoTime();
    try {
      binder.bind(pod, node);
      done(waiting, node, begin);
    } catch (ApiException e) {
      if (unknown(e.error())) {
        settle(waiting, node, begin);
      } else {
        refused(waiting, node, e);
      }
    } finally {
      bindings.release();
    }
  }

  private void done(Waiting waiting, String node, long begin) {
    PodInfo pod = waiting.pod();
    cache.bound(pod.uid());
    metrics.bound(System.nanoTime() - begin, Duration.between(waiting.since(), clock.instant()));
    events.normal(
        pod.pod(),
        "Scheduled",
        "Successfully assigned " + pod.namespace() + "/" + pod.name() + " to " + node);
  }

  // Gone, being deleted, or bound by somebody else: an informer tells, or has told, what is so.
  private void refused(Waiting waiting, String node, ApiException e) {
    PodInfo pod = waiting.pod();
    metrics.failed();
    log.info(
        "pod {}/{} was not bound to {}: {}", pod.namespace(), pod.name(), node, e.getMessage());
    cache.forget(pod.uid());
    queue.happened(Set.of(ClusterEvent.POD_GONE));
    queue.failed(waiting);
  }

  private void settle(Waiting waiting, String node, long begin) throws InterruptedException {
    PodInfo pod = waiting.pod();
    for (int failures = 1; ; failures++) {
      Thread.sleep(Backoff.RECONNECT.delay(failures, RandomGenerator.getDefault()));
      Optional<Pod> now;
      try {
        now = pods.find(pod.namespace(), pod.name());
      } catch (ApiException e) {
        log.debug("pod {}/{} cannot be read: {}", pod.namespace(), pod.name(), e.getMessage());
        continue;
      }
      boolean same = now.isPresent() && now.get().getMetadata().getUid().equals(pod.uid());
      if (same && now.get().getSpec().getNodeName().equals(node)) {
        done(waiting, node, begin);
      } else {
        cache.forget(pod.uid());
        queue.happened(Set.of(ClusterEvent.POD_GONE));
        queue.failed(waiting);
      }
      return;
    }
  }

  private void report(Pod pod, String message) {
    try {
      events.warning(pod, "FailedScheduling", message);
      Optional<Pod> changed = Verdicts.unscheduled(pod, "Unschedulable", message, clock.instant());
      if (changed.isPresent()) {
        Pod ignored = pods.updateStatus(changed.get());
      }
    } catch (ApiException e) {
      // Somebody wrote in between, or the pod is gone: the next decision says it again.
      log.debug("pod {} was not told: {}", pod.getMetadata().getName(), e.getMessage());
    }
  }

  private void checkOverdue() throws InterruptedException {
    while (true) {
      Thread.sleep(OVERDUE_CHECK);
      for (ClusterCache.Assumed overdue : cache.overdue()) {
        PodInfo pod = overdue.pod();
        try {
          Optional<Pod> now = pods.find(pod.namespace(), pod.name());
          if (now.isPresent() && now.get().getMetadata().getUid().equals(pod.uid())) {
            cache.putPod(now.get());
          } else {
            cache.removePod(pod.uid());
          }
        } catch (ApiException e) {
          log.debug("pod {} cannot be read: {}", pod.name(), e.getMessage());
        }
      }
    }
  }

  private static boolean unknown(ApiError error) {
    return error instanceof ApiError.Unavailable
        || error instanceof ApiError.Timeout
        || error instanceof ApiError.Internal;
  }
}
