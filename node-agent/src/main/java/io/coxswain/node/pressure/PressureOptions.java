package io.coxswain.node.pressure;

import java.time.Duration;
import java.util.List;

/// When a node thinks that it is short of something, and how it goes about it. Names and defaults
/// are the kubelet's.
///
/// @param transition how long a condition is told after it was last seen
/// @param mostGrace what a pod gets at the most when it goes for a soft threshold
/// @param every how often it looks
public record PressureOptions(
    List<Threshold> thresholds, Duration transition, Duration mostGrace, Duration every) {

  public static final PressureOptions DEFAULT =
      new PressureOptions(
          Thresholds.parse(Thresholds.DEFAULT_HARD, "", "", ""),
          Duration.ofMinutes(5),
          Duration.ZERO,
          Duration.ofSeconds(10));

  public PressureOptions {
    thresholds = List.copyOf(thresholds);
  }
}
