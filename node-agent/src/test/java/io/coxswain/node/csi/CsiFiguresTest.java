package io.coxswain.node.csi;

import static io.coxswain.node.volume.VolumeFigures.Figure.AVAILABLE_BYTES;
import static io.coxswain.node.volume.VolumeFigures.Figure.CAPACITY_BYTES;
import static io.coxswain.node.volume.VolumeFigures.Figure.INODES;
import static io.coxswain.node.volume.VolumeFigures.Figure.INODES_FREE;
import static io.coxswain.node.volume.VolumeFigures.Figure.INODES_USED;
import static io.coxswain.node.volume.VolumeFigures.Figure.USED_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.node.volume.VolumeFigures.Figure;
import io.coxswain.plugin.csi.NodeGetVolumeStatsResponse;
import io.coxswain.plugin.csi.VolumeCondition;
import io.coxswain.plugin.csi.VolumeUsage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CsiFiguresTest {

  record Told(
      String name,
      NodeGetVolumeStatsResponse.Builder told,
      boolean condition,
      Map<Figure, Long> known,
      Optional<Boolean> abnormal) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static NodeGetVolumeStatsResponse.Builder told(VolumeUsage... usages) {
    return NodeGetVolumeStatsResponse.newBuilder().addAllUsage(List.of(usages));
  }

  private static VolumeUsage usage(VolumeUsage.Unit unit, long available, long total, long used) {
    return VolumeUsage.newBuilder()
        .setUnit(unit)
        .setAvailable(available)
        .setTotal(total)
        .setUsed(used)
        .build();
  }

  private static VolumeCondition.Builder bad() {
    return VolumeCondition.newBuilder().setAbnormal(true).setMessage("the disk clicks");
  }

  static Stream<Told> answers() {
    VolumeUsage bytes = usage(VolumeUsage.Unit.BYTES, 60, 100, 40);
    Map<Figure, Long> ofBytes = Map.of(AVAILABLE_BYTES, 60L, CAPACITY_BYTES, 100L, USED_BYTES, 40L);
    return Stream.of(
        new Told(
            "all",
            told(bytes, usage(VolumeUsage.Unit.INODES, 6, 10, 4)),
            false,
            Map.of(
                AVAILABLE_BYTES,
                60L,
                CAPACITY_BYTES,
                100L,
                USED_BYTES,
                40L,
                INODES_FREE,
                6L,
                INODES,
                10L,
                INODES_USED,
                4L),
            Optional.empty()),
        new Told("bytes alone", told(bytes), true, ofBytes, Optional.empty()),
        new Told(
            "a block device",
            told(usage(VolumeUsage.Unit.BYTES, 0, 100, 0)),
            false,
            Map.of(CAPACITY_BYTES, 100L),
            Optional.empty()),
        new Told(
            "full",
            told(usage(VolumeUsage.Unit.BYTES, 0, 100, 100)),
            false,
            Map.of(AVAILABLE_BYTES, 0L, CAPACITY_BYTES, 100L, USED_BYTES, 100L),
            Optional.empty()),
        new Told(
            "less than nothing",
            told(usage(VolumeUsage.Unit.BYTES, -5, 100, 105)),
            false,
            Map.of(AVAILABLE_BYTES, 0L, CAPACITY_BYTES, 100L, USED_BYTES, 105L),
            Optional.empty()),
        new Told(
            "a unit that nobody knows",
            told(VolumeUsage.newBuilder().setUnitValue(9).setTotal(1).build(), bytes),
            false,
            ofBytes,
            Optional.empty()),
        new Told(
            "abnormal", told(bytes).setVolumeCondition(bad()), true, ofBytes, Optional.of(true)),
        new Told(
            "well",
            told().setVolumeCondition(VolumeCondition.getDefaultInstance()),
            true,
            Map.of(),
            Optional.of(false)),
        new Told(
            "a condition of a driver that says it has none",
            told(bytes).setVolumeCondition(bad()),
            false,
            ofBytes,
            Optional.empty()));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void whatIsToldIsKnown(Told told) {
    assertThat(CsiFigures.of(told.told().build(), told.condition(), Instant.EPOCH))
        .contains(new VolumeFigures(Instant.EPOCH, told.known(), told.abnormal()));
  }

  @Test
  void whoTellsNothingIsNotThere() {
    assertThat(CsiFigures.of(told().build(), true, Instant.EPOCH)).isEmpty();
  }
}
