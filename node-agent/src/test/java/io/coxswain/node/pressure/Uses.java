package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.filesystem.FileSystemSpace;
import io.coxswain.node.usage.ContainerUse;
import io.coxswain.node.usage.PodUse;
import io.coxswain.node.usage.VolumeUse;
import java.time.Instant;
import java.util.List;

/// Pods and what they use, in short words.
final class Uses {

  private static final FileSystemSpace SPACE =
      new FileSystemSpace(1, 1L << 40, 1L << 39, 1L << 39, 1000, 500);

  private Uses() {}

  /// @param requests of the one container, as `memory=1Gi`
  static Pod pod(String name, int priority, String... requests) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName(name).setNamespace("default").setUid("uid-" + name);
    Container.Builder container = pod.getSpecBuilder().addContainersBuilder().setName("main");
    for (String request : requests) {
      String[] parts = request.split("=", 2);
      container.getResourcesBuilder().putRequests(parts[0], Quantities.of(parts[1]));
    }
    pod.getSpecBuilder().setPriority(priority);
    return pod.build();
  }

  static PodUse memory(long bytes, long processes) {
    return new PodUse(
        Instant.EPOCH,
        bytes,
        processes,
        List.of(new ContainerUse("main", bytes, DiskUse.NONE, DiskUse.NONE)),
        List.of());
  }

  static PodUse disk(long rootfs, long logs, long volume) {
    return new PodUse(
        Instant.EPOCH,
        0,
        0,
        List.of(new ContainerUse("main", 0, new DiskUse(rootfs, 2), new DiskUse(logs, 3))),
        List.of(new VolumeUse("data", new DiskUse(volume, 4), SPACE, true)));
  }
}
