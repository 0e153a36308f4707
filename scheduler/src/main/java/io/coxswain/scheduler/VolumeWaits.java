package io.coxswain.scheduler;

import io.coxswain.scheduler.VolumeBinder.Progress;
import io.coxswain.scheduler.queue.Waiting;
import java.time.Duration;
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

  private record Parked(Waiting waiting, String node) {}

  private final Map<String, Parked> parked = new ConcurrentHashMap<>();
  private final VolumeBinder binder;
  private final Background background;
  private final Ends ends;

  VolumeWaits(VolumeBinder binder, Background background, Ends ends) {
    this.binder = binder;
    this.background = background;
    this.ends = ends;
  }

  /// Until its claims are bound.
  void park(Waiting waiting, String node) {
    Parked one = new Parked(waiting, node);
    String uid = waiting.pod().uid();
    parked.put(uid, one);
    background.runAfter(
        PATIENCE,
        "volumes",
        () -> {
          if (parked.remove(uid, one)) {
            ends.lost(waiting, node, "timed out waiting for the condition");
          }
        });
    // what changed meanwhile woke nobody
    look(uid, one);
  }

  /// A claim has changed, or is gone.
  void wake() {
    parked.forEach(this::look);
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
