package io.coxswain.scheduler;

import io.coxswain.scheduler.VolumeBinder.Progress;
import io.coxswain.scheduler.queue.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Pods that have their place and wait for their claims to be bound. They hold nothing up: what
/// wakes them is the claim that changes, or the end of the scheduler's patience. Bounded by the
/// number of pods.
final class VolumeWaits {

  /// As long as Kubernetes waits.
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /// What becomes of a pod that has waited.
  interface Ends {

    /// All its claims are bound.
    void bound(Waiting waiting, String node);

    /// It has to be decided again.
    void lost(Waiting waiting, String node, String why);
  }

  private record Parked(Waiting waiting, String node, Instant until) {}

  private final Map<String, Parked> parked = new ConcurrentHashMap<>();
  private final VolumeBinder binder;
  private final InstantSource clock;
  private final Ends ends;

  VolumeWaits(VolumeBinder binder, InstantSource clock, Ends ends) {
    this.binder = binder;
    this.clock = clock;
    this.ends = ends;
  }

  /// Until its claims are bound.
  void park(Waiting waiting, String node) {
    Parked one = new Parked(waiting, node, clock.instant().plus(PATIENCE));
    String uid = waiting.pod().uid();
    parked.put(uid, one);
    // what changed meanwhile woke nobody
    look(uid, one);
  }

  /// A claim has changed, or is gone.
  void wake() {
    parked.forEach(this::look);
  }

  /// Those that have waited for too long are given up. Called now and then.
  void expire() {
    Instant now = clock.instant();
    parked.forEach((uid, one) -> {
      if (one.until().isBefore(now) && parked.remove(uid, one)) {
        ends.lost(one.waiting(), one.node(), "timed out waiting for the condition");
      }
    });
  }

  private void look(String uid, Parked one) {
    Progress progress = binder.progress(one.waiting().pod());
    if (progress == Progress.WAITING || !parked.remove(uid, one)) {
      return;
    }
    switch (progress) {
      case BOUND -> ends.bound(one.waiting(), one.node());
      case LOST ->
          ends.lost(one.waiting(), one.node(), "provisioning failed, or a claim was deleted");
      case WAITING -> {
        // stays
      }
    }
  }
}
