package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.client.codec.Times;
import io.coxswain.client.volume.Claims;
import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.filesystem.FileSystemSpace;
import io.coxswain.node.image.Images;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.usage.ContainerUse;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.PodMeter;
import io.coxswain.node.usage.PodUse;
import io.coxswain.node.usage.VolumeRounds;
import io.coxswain.node.volume.VolumeFigures;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The part of [StatsSummary] that is about file systems. What a pod has on the disk is at most a
/// minute old, as the kubelet's.
final class DiskStats {

  private static final Duration AGE = Duration.ofMinutes(1);

  private final Images images;
  private final PodMeter meter;
  private final VolumeRounds rounds;
  private final NodeDisks disks;

  DiskStats(Images images, PodMeter meter, VolumeRounds rounds, NodeDisks disks) {
    this.images = images;
    this.meter = meter;
    this.rounds = rounds;
    this.disks = disks;
  }

  /// Of one pod.
  ///
  /// @param volumes in kubelet's form
  record OfPod(FileSystemSpace nodefs, FileSystemSpace imagefs, PodUse use, List<Object> volumes) {

    Map<String, Object> container(String name) {
      Map<String, Object> stats = new LinkedHashMap<>();
      ContainerUse one =
          use.container(name).orElse(new ContainerUse(name, 0, DiskUse.NONE, DiskUse.NONE));
      stats.put("rootfs", filesystem(imagefs, one.rootfs(), use.measuredAt()));
      stats.put("logs", filesystem(nodefs, one.logs(), use.measuredAt()));
      return stats;
    }

    Map<String, Object> pod() {
      Map<String, Object> stats = new LinkedHashMap<>();
      if (!volumes.isEmpty()) {
        stats.put("volume", volumes);
      }
      stats.put("ephemeral-storage", filesystem(nodefs, use.ephemeral(), use.measuredAt()));
      return stats;
    }
  }

  OfPod pod(Pod pod) throws IOException {
    PodUse use = meter.all(pod, AGE);
    return new OfPod(disks.nodefs(), disks.imagefs(), use, volumes(pod, use));
  }

  private List<Object> volumes(Pod pod, PodUse use) {
    List<Object> volumes = new ArrayList<>();
    for (Volume volume : pod.getSpec().getVolumesList()) {
      String name = volume.getName();
      use.volume(name)
          .map(one -> VolumeFigures.of(one.space(), one.disk(), use.measuredAt()))
          .or(() -> rounds.of(pod, name))
          .ifPresent(figures -> volumes.add(volume(pod, volume, figures)));
    }
    return volumes;
  }

  private static Map<String, Object> volume(Pod pod, Volume volume, VolumeFigures figures) {
    Map<String, Object> one = filesystem(figures);
    one.put("name", volume.getName());
    Claims.nameOf(pod, volume)
        .ifPresent(claim -> {
          Map<String, Object> reference = new LinkedHashMap<>();
          reference.put("name", claim);
          reference.put("namespace", pod.getMetadata().getNamespace());
          one.put("pvcRef", reference);
        });
    figures
        .abnormal()
        .ifPresent(abnormal -> one.put("volumeHealthStats", Map.of("abnormal", abnormal)));
    return one;
  }

  void node(Map<String, Object> stats, Instant now) throws IOException {
    FileSystemSpace nodefs = disks.nodefs();
    FileSystemSpace imagefs = disks.imagefs();
    stats.put("fs", filesystem(nodefs, new DiskUse(nodefs.usedBytes(), nodefs.inodesUsed()), now));
    long bytes = images.list().stream().mapToLong(PulledImage::sizeBytes).sum();
    Map<String, Object> runtime = new LinkedHashMap<>();
    runtime.put("imageFs", filesystem(imagefs, new DiskUse(bytes, imagefs.inodesUsed()), now));
    runtime.put(
        "containerFs",
        filesystem(imagefs, new DiskUse(imagefs.usedBytes(), imagefs.inodesUsed()), now));
    stats.put("runtime", runtime);
  }

  private static Map<String, Object> filesystem(FileSystemSpace space, DiskUse use, Instant at) {
    return filesystem(VolumeFigures.of(space, use, at));
  }

  private static Map<String, Object> filesystem(VolumeFigures figures) {
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("time", Times.formatSeconds(figures.at()));
    figures.known().forEach((figure, value) -> stats.put(figure.field(), value));
    return stats;
  }
}
