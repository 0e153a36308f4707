package io.coxswain.node.csi;

import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.node.volume.VolumeFigures.Figure;
import io.coxswain.plugin.csi.NodeGetVolumeStatsResponse;
import io.coxswain.plugin.csi.VolumeUsage;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// What a driver told of a volume. Pure.
final class CsiFigures {

  private CsiFigures() {}

  /// Nothing when the driver told nothing that anybody knows.
  ///
  /// @param condition whether the driver says of itself that it tells how volumes are
  static Optional<VolumeFigures> of(
      NodeGetVolumeStatsResponse told, boolean condition, Instant now) {
    Map<Figure, Long> known = new EnumMap<>(Figure.class);
    for (VolumeUsage usage : told.getUsageList()) {
      switch (usage.getUnit()) {
        case BYTES ->
            put(known, usage, Figure.AVAILABLE_BYTES, Figure.CAPACITY_BYTES, Figure.USED_BYTES);
        case INODES -> put(known, usage, Figure.INODES_FREE, Figure.INODES, Figure.INODES_USED);
        case UNKNOWN, UNRECOGNIZED -> {}
      }
    }
    Optional<Boolean> abnormal =
        condition && told.hasVolumeCondition()
            ? Optional.of(told.getVolumeCondition().getAbnormal())
            : Optional.empty();
    return known.isEmpty() && abnormal.isEmpty()
        ? Optional.empty()
        : Optional.of(new VolumeFigures(now, known, abnormal));
  }

  /// Only the total is always there: where nothing is used and nothing is left, as of block
  /// devices, the driver does not know.
  private static void put(
      Map<Figure, Long> known, VolumeUsage usage, Figure left, Figure all, Figure used) {
    known.put(all, Math.max(0, usage.getTotal()));
    if (usage.getAvailable() > 0 || usage.getUsed() > 0) {
      known.put(left, Math.max(0, usage.getAvailable()));
      known.put(used, Math.max(0, usage.getUsed()));
    }
  }
}
