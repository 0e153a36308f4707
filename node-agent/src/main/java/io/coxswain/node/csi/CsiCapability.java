package io.coxswain.node.csi;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.volume.Claims;
import io.coxswain.plugin.csi.NodeServiceCapability.RPC;
import io.coxswain.plugin.csi.VolumeCapability;
import io.coxswain.plugin.csi.VolumeCapability.AccessMode.Mode;
import java.util.List;
import java.util.Optional;

/// How a volume is used, in a driver's words.
///
/// @param device whether it is a block device; file system, options and group say nothing then
/// @param accessModes as the volume has them; the first one counts
/// @param group of the pod's files
record CsiCapability(
    boolean device,
    String fsType,
    List<String> options,
    List<String> accessModes,
    Optional<Long> group) {

  private static final String ONE_NODE = "ReadWriteOnce";
  private static final String ONE_POD = "ReadWriteOncePod";

  static CsiCapability of(Pod pod, PersistentVolume volume) {
    return new CsiCapability(
        Claims.mode(volume).equals(Claims.BLOCK),
        volume.getSpec().getPersistentVolumeSource().getCsi().getFsType(),
        List.copyOf(volume.getSpec().getMountOptionsList()),
        List.copyOf(volume.getSpec().getAccessModesList()),
        group(pod));
  }

  static CsiCapability ofEphemeral(Pod pod, String fsType) {
    return new CsiCapability(false, fsType, List.of(), List.of(ONE_NODE), group(pod));
  }

  private static Optional<Long> group(Pod pod) {
    var context = pod.getSpec().getSecurityContext();
    return context.hasFsGroup() ? Optional.of(context.getFsGroup()) : Optional.empty();
  }

  VolumeCapability of(CsiDriver driver) {
    VolumeCapability.Builder capability = VolumeCapability.newBuilder();
    if (device) {
      capability.setBlock(VolumeCapability.BlockVolume.getDefaultInstance());
    } else {
      capability.getMountBuilder().setFsType(fsType).addAllMountFlags(options);
      if (driver.can(RPC.Type.VOLUME_MOUNT_GROUP)) {
        group.ifPresent(id -> capability.getMountBuilder().setVolumeMountGroup(id.toString()));
      }
    }
    capability.getAccessModeBuilder().setMode(mode(driver.can(RPC.Type.SINGLE_NODE_MULTI_WRITER)));
    return capability.build();
  }

  private Mode mode(boolean tellsPodsApart) {
    return switch (accessModes.isEmpty() ? ONE_NODE : accessModes.getFirst()) {
      case ONE_NODE -> tellsPodsApart ? Mode.SINGLE_NODE_MULTI_WRITER : Mode.SINGLE_NODE_WRITER;
      case ONE_POD -> tellsPodsApart ? Mode.SINGLE_NODE_SINGLE_WRITER : Mode.SINGLE_NODE_WRITER;
      case "ReadOnlyMany" -> Mode.MULTI_NODE_READER_ONLY;
      case "ReadWriteMany" -> Mode.MULTI_NODE_MULTI_WRITER;
      default -> Mode.UNKNOWN;
    };
  }

  /// Whether it has a file system that one node alone writes to.
  boolean isOneNodesFileSystem() {
    return !device
        && !fsType.isEmpty()
        && (accessModes.contains(ONE_NODE) || accessModes.contains(ONE_POD));
  }
}
