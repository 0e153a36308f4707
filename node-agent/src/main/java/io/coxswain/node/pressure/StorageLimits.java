package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.runtime.PodTotals;
import io.coxswain.node.usage.PodUse;
import io.coxswain.node.usage.VolumeUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a pod may take of the node's disk: by its emptyDirs' `sizeLimit`, by its containers' limits
/// of `ephemeral-storage` together, and by each of them. Pure.
final class StorageLimits {

  private static final String STORAGE = "ephemeral-storage";

  /// One limit beside what counts against it.
  ///
  /// @param exceeded what is said of a pod that uses more
  private record Limit(long bytes, long used, String exceeded) {}

  private StorageLimits() {}

  /// Whether there is anything to watch.
  static boolean concern(Pod pod) {
    return !limits(pod, Optional.empty(), false).isEmpty();
  }

  /// Why the pod has to go, in the kubelet's words; nothing while it keeps within its limits.
  ///
  /// @param separate whether images have a file system of their own
  static Optional<String> exceeded(Pod pod, PodUse use, boolean separate) {
    return limits(pod, Optional.of(use), separate).stream()
        .filter(limit -> limit.used() > limit.bytes())
        .map(Limit::exceeded)
        .findFirst();
  }

  /// How much more the disk may have in use before the pod can be above one of its limits.
  static long margin(Pod pod, PodUse use, boolean separate) {
    return limits(pod, Optional.of(use), separate).stream()
        .mapToLong(limit -> limit.bytes() - limit.used())
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private static List<Limit> limits(Pod pod, Optional<PodUse> use, boolean separate) {
    List<Limit> limits = new ArrayList<>();
    for (Volume volume : pod.getSpec().getVolumesList()) {
      Quantity size = volume.getVolumeSource().getEmptyDir().getSizeLimit();
      if (volume.getVolumeSource().hasEmptyDir() && Quantities.value(size).signum() > 0) {
        long used =
            use.flatMap(one -> one.volume(volume.getName()))
                .map(VolumeUse::disk)
                .orElse(DiskUse.NONE)
                .bytes();
        String message =
            "Usage of EmptyDir volume \"%s\" exceeds the limit \"%s\". "
                .formatted(volume.getName(), size.getString());
        limits.add(new Limit(Quantities.whole(size), used, message));
      }
    }
    Quantity ofPod = PodTotals.limits(pod.getSpec()).get(STORAGE);
    if (ofPod != null) {
      long used = use.map(one -> one.ephemeral().bytes()).orElse(0L);
      String message =
          "Pod ephemeral local storage usage exceeds the total limit of containers %s. "
              .formatted(ofPod.getString());
      limits.add(new Limit(Quantities.whole(ofPod), used, message));
    }
    for (Container container : pod.getSpec().getContainersList()) {
      Quantity limit = container.getResources().getLimitsMap().get(STORAGE);
      if (limit != null && Quantities.value(limit).signum() > 0) {
        long used =
            use.flatMap(one -> one.container(container.getName()))
                .map(one -> separate ? one.logs() : one.disk())
                .orElse(DiskUse.NONE)
                .bytes();
        String message =
            "Container %s exceeded its local ephemeral storage limit \"%s\". "
                .formatted(container.getName(), limit.getString());
        limits.add(new Limit(Quantities.whole(limit), used, message));
      }
    }
    return limits;
  }
}
