package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.filesystem.FileSystemSpace;
import io.coxswain.node.image.Images;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.usage.ContainerUse;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.PodMeter;
import io.coxswain.node.usage.PodUse;
import io.coxswain.node.usage.VolumeUse;
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
  private final NodeDisks disks;

  DiskStats(Images images, PodMeter meter, NodeDisks disks) {
    this.images = images;
    this.meter = meter;
    this.disks = disks;
  }

  /// Of one pod.
  record OfPod(FileSystemSpace nodefs, FileSystemSpace imagefs, PodUse use) {

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
      List<Object> volumes = new ArrayList<>();
      for (VolumeUse volume : use.volumes()) {
        Map<String, Object> one = filesystem(nodefs, volume.disk(), use.measuredAt());
        one.put("name", volume.name());
        volumes.add(one);
      }
      if (!volumes.isEmpty()) {
        stats.put("volume", volumes);
      }
      stats.put("ephemeral-storage", filesystem(nodefs, use.ephemeral(), use.measuredAt()));
      return stats;
    }
  }

  OfPod pod(Pod pod) throws IOException {
    return new OfPod(disks.nodefs(), disks.imagefs(), meter.all(pod, AGE));
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
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("time", Times.formatSeconds(at));
    stats.put("availableBytes", space.availableBytes());
    stats.put("capacityBytes", space.capacityBytes());
    stats.put("usedBytes", use.bytes());
    stats.put("inodesFree", space.inodesFree());
    stats.put("inodes", space.inodes());
    stats.put("inodesUsed", use.inodes());
    return stats;
  }
}
