package io.coxswain.scheduler;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Resources;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.queue.Backoff;
import io.coxswain.scheduler.cycle.Decision;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.framework.BindPlugin;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.queue.SchedulingQueue;
import io.coxswain.scheduler.queue.Waiting;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides on one pod after the other, and has each decision written down in the background while
/// the next is made.
///
/// A pod counts on its node from the decision on. When nobody knows whether a binding was written
/// (the server went away), the pod keeps its place until the API says what became of it: giving the
/// place to another could promise it twice.
final class Decisions {

  private static final Logger log = LoggerFactory.getLogger(Decisions.class);

  private final Placement placement;
  private final BindPlugin binder;
  private final VolumeBinder volumes;
  private final VolumeWaits waits;
  private final Resources<Pod> pods;
  private final ClusterCache cache;
  private final SchedulingQueue queue;
  private final EventRecorder events;
  private final SchedulerMetrics metrics;
  private final InstantSource clock;
  private final InstantSource steady;
  private final RandomGenerator random;
  private final Background background;
  private final int most;
  // One for each decision that is being written: a slow API slows decisions down, and a lost one
  // stops them.
  private final Semaphore writing;

  Decisions(
      Placement placement,
      BindPlugin binder,
      VolumeBinder volumes,
      Resources<Pod> pods,
      ClusterCache cache,
      SchedulingQueue queue,
      EventRecorder events,
      SchedulerMetrics metrics,
      InstantSource clock,
      InstantSource steady,
      RandomGenerator random,
      Background background,
      int most) {
    this.placement = placement;
    this.binder = binder;
    this.volumes = volumes;
    this.waits = new VolumeWaits(volumes, steady, new Waited());
    this.pods = pods;
    this.cache = cache;
    this.queue = queue;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.steady = steady;
    this.random = random;
    this.background = background;
    this.most = most;
    this.writing = new Semaphore(most);
  }

  /// Takes the next pod as soon as there is one and decides; false once the queue is closed.
  /// Blocks.
  ///
  /// @param allowed asked when there is one: who no longer leads by then puts it back
  boolean decideNext(BooleanSupplier allowed) throws InterruptedException {
    writing.acquire();
    Optional<Waiting> next;
    try {
      next = queue.take();
    } catch (InterruptedException e) {
      writing.release();
      throw e;
    }
    if (next.isPresent() && !allowed.getAsBoolean()) {
      writing.release();
      queue.failed(next.get());
      return true;
    }
    return decide(next);
  }

  /// As [#decideNext], without waiting.
  boolean decideOne() {
    return writing.tryAcquire() && decide(queue.poll());
  }

  /// Waits until every decision is written; false when some were not in time.
  boolean awaitWritten(Duration patience) throws InterruptedException {
    return writing.tryAcquire(most, patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  void checkOverdue() {
    waits.expire();
    for (ClusterCache.Assumed overdue : cache.overdue()) {
      PodInfo pod = overdue.pod();
      try {
        Optional<Pod> now = pods.find(pod.namespace(), pod.name());
        if (now.isPresent() && now.get().getMetadata().getUid().equals(pod.uid())) {
          var _ = cache.putPod(now.get());
        } else {
          cache.removePod(pod.uid());
        }
      } catch (ApiException e) {
        log.debug("pod {} cannot be read: {}", pod.name(), e.getMessage());
      }
    }
  }

  // Holds a permit of `writing`, which whoever writes the decision gives back.
  private boolean decide(Optional<Waiting> next) {
    if (next.isEmpty()) {
      writing.release();
      return false;
    }
    Waiting waiting = next.get();
    try {
      decide(waiting);
    } catch (RuntimeException e) {
      writing.release();
      metrics.failed();
      log.error("placing pod {}/{} failed", waiting.pod().namespace(), waiting.pod().name(), e);
      queue.failed(waiting);
    }
    return true;
  }

  private void decide(Waiting waiting) {
    PodInfo pod = waiting.pod();
    if (cache.nodeOf(pod.uid()).isPresent()) {
      // Decided already, and nobody knows yet what became of it: whoever settles that goes on.
      queue.failed(waiting);
      writing.release();
      return;
    }
    long begin = System.nanoTime();
    Snapshot snapshot = cache.snapshot();
    Decision decision = placement.decide(pod, snapshot);
    metrics.decided(System.nanoTime() - begin);
    switch (decision) {
      case Decision.Place(String node, int feasible) -> {
        log.debug("pod {} goes to {}, one of {} nodes", pod.name(), node, feasible);
        cache.assume(pod, node);
        volumes.reserve(pod, snapshot, node);
        background.run("bind", () -> bindVolumes(waiting, node));
      }
      case Decision.Unschedulable(String message, Set<ClusterEvent> remedies) -> {
        metrics.unschedulable();
        queue.unschedulable(waiting, remedies);
        background.run("report", () -> report(pod.pod(), message));
      }
    }
  }

  /// A claim has changed: pods that wait for theirs look again.
  void claimsChanged() {
    waits.wake();
  }

  /// A pod whose claims are still to be bound gives its permit back while it waits.
  private void bindVolumes(Waiting waiting, String node) {
    PodInfo pod = waiting.pod();
    if (volumes.concerns(pod) && volumes.progress(pod) != VolumeBinder.Progress.BOUND) {
      try {
        volumes.write(pod);
      } catch (ApiException e) {
        refused(waiting, node, e);
        return;
      }
      writing.release();
      waits.park(waiting, node);
      return;
    }
    bind(waiting, node);
  }

  private final class Waited implements VolumeWaits.Ends {

    @Override
    public void bound(Waiting waiting, String node) {
      background.run(
          "bind",
          () -> {
            writing.acquire();
            bind(waiting, node);
          });
    }

    @Override
    public void lost(Waiting waiting, String node, String why) {
      PodInfo pod = waiting.pod();
      metrics.failed();
      events.warning(
          pod.pod(),
          "FailedScheduling",
          "running PreBind plugin \"VolumeBinding\": binding volumes: " + why);
      forget(waiting);
    }
  }

  private void bind(Waiting waiting, String node) {
    PodInfo pod = waiting.pod();
    long begin = System.nanoTime();
    try {
      binder.bind(pod, node);
    } catch (ApiException e) {
      if (isUnknown(e.error())) {
        settleLater(waiting, node, begin, 1);
      } else {
        refused(waiting, node, e);
      }
      return;
    }
    done(waiting, node, begin);
  }

  private void done(Waiting waiting, String node, long begin) {
    PodInfo pod = waiting.pod();
    volumes.release(pod);
    cache.bound(pod.uid());
    writing.release();
    metrics.bound(System.nanoTime() - begin, Duration.between(waiting.since(), steady.instant()));
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
    giveUp(waiting);
  }

  private void giveUp(Waiting waiting) {
    writing.release();
    forget(waiting);
  }

  private void forget(Waiting waiting) {
    volumes.release(waiting.pod());
    cache.forget(waiting.pod().uid());
    queue.happened(Set.of(ClusterEvent.POD_GONE));
    queue.failed(waiting);
  }

  private void settleLater(Waiting waiting, String node, long begin, int failures) {
    background.runAfter(
        Backoff.RECONNECT.delay(failures, random),
        "settle",
        () -> settle(waiting, node, begin, failures));
  }

  private void settle(Waiting waiting, String node, long begin, int failures) {
    PodInfo pod = waiting.pod();
    Optional<Pod> now;
    try {
      now = pods.find(pod.namespace(), pod.name());
    } catch (ApiException e) {
      log.debug("pod {}/{} cannot be read: {}", pod.namespace(), pod.name(), e.getMessage());
      settleLater(waiting, node, begin, failures + 1);
      return;
    }
    boolean same = now.isPresent() && now.get().getMetadata().getUid().equals(pod.uid());
    if (same && now.get().getSpec().getNodeName().equals(node)) {
      done(waiting, node, begin);
    } else {
      giveUp(waiting);
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
    } finally {
      writing.release();
    }
  }

  private static boolean isUnknown(ApiError error) {
    return error instanceof ApiError.Unavailable
        || error instanceof ApiError.Timeout
        || error instanceof ApiError.Internal;
  }
}
