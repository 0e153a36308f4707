package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.PodMeter;
import io.coxswain.node.usage.PodUse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds pods that take more of the disk than they may. Walking through their files costs, so a pod
/// is walked through only when it has limits, and then a minute after the last time, or sooner when
/// the disk has filled by as much as the pod may still take. Where walks are long, they are rare.
/// For one thread.
final class StorageWatch {

  /// What the kubelet takes.
  static final Duration LATEST = Duration.ofMinutes(1);

  /// Of the time, walks take one part in so many at most while the disk fills.
  private static final int IDLE_PARTS = 20;

  private static final Logger log = LoggerFactory.getLogger(StorageWatch.class);

  private final PodMeter meter;
  private final NodeDisks disks;
  private final Clock clock;
  private final Map<String, Look> looks = new HashMap<>();
  private Instant notBefore = Instant.EPOCH;

  /// How a pod was found.
  ///
  /// @param margin what it could still take
  /// @param used what the disks had in use then
  record Look(Instant at, long margin, long used) {

    /// Whether the pod may be above its limits by now.
    boolean due(long usedNow, Instant now) {
      return !at.plus(LATEST).isAfter(now) || usedNow - used >= margin;
    }
  }

  /// A pod that has to go, and why.
  record Exceeded(Pod pod, String message) {}

  StorageWatch(PodMeter meter, NodeDisks disks, Clock clock) {
    this.meter = meter;
    this.disks = disks;
    this.clock = clock;
  }

  List<Exceeded> look(List<Pod> pods) throws IOException {
    List<Pod> limited = pods.stream().filter(StorageLimits::concern).toList();
    looks.keySet().retainAll(limited.stream().map(one -> one.getMetadata().getUid()).toList());
    Instant began = clock.instant();
    if (limited.isEmpty() || began.isBefore(notBefore)) {
      return List.of();
    }
    boolean separate = disks.separate();
    long used = disks.nodefs().usedBytes() + (separate ? disks.imagefs().usedBytes() : 0);
    List<Exceeded> exceeded = new ArrayList<>();
    for (Pod pod : limited) {
      Look last = looks.get(pod.getMetadata().getUid());
      if (last == null || last.due(used, began)) {
        measure(pod, separate, used).ifPresent(message -> exceeded.add(new Exceeded(pod, message)));
      }
    }
    Instant ended = clock.instant();
    notBefore = ended.plus(Duration.between(began, ended).multipliedBy(IDLE_PARTS));
    return exceeded;
  }

  private Optional<String> measure(Pod pod, boolean separate, long used) {
    try {
      PodUse use = meter.all(pod, Duration.ZERO);
      long margin = Math.max(0, StorageLimits.margin(pod, use, separate));
      looks.put(pod.getMetadata().getUid(), new Look(use.measuredAt(), margin, used));
      return StorageLimits.exceeded(pod, use, separate);
    } catch (IOException e) {
      log.warn("what pod {} takes of the disk is not known", pod.getMetadata().getName(), e);
      return Optional.empty();
    }
  }
}
