package io.coxswain.node.pressure;

import io.coxswain.node.pressure.Signal.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a node remembers of having been short of something. Each look makes another one: pure.
///
/// @param lastSeen when each condition was last seen
/// @param firstMet since when each threshold has been met
/// @param acting thresholds whose grace is over, until what they ask for is reclaimed
record PressureState(
    Map<NodePressure, Instant> lastSeen, Map<Threshold, Instant> firstMet, Set<Threshold> acting) {

  static final PressureState NONE = new PressureState(Map.of(), Map.of(), Set.of());

  PressureState {
    lastSeen = Map.copyOf(lastSeen);
    firstMet = Map.copyOf(firstMet);
    acting = Set.copyOf(acting);
  }

  /// What follows from a look.
  ///
  /// @param conditions what the node is short of, as it is told
  /// @param due thresholds for which something is to be done now, the most urgent first
  record Step(PressureState state, Set<NodePressure> conditions, List<Threshold> due) {
    Step {
      conditions = Set.copyOf(conditions);
      due = List.copyOf(due);
    }
  }

  /// @param transition how long a condition is told after it was last seen
  Step look(
      List<Threshold> thresholds, Map<Signal, Observed> seen, Duration transition, Instant now) {
    List<Threshold> met = met(thresholds, seen, false);
    for (Threshold threshold : met(thresholds, seen, true)) {
      if (acting.contains(threshold) && !met.contains(threshold)) {
        met.add(threshold);
      }
    }
    Map<Threshold, Instant> first = new HashMap<>();
    Map<NodePressure, Instant> last = new HashMap<>(lastSeen);
    for (Threshold threshold : met) {
      first.put(threshold, firstMet.getOrDefault(threshold, now));
      last.put(threshold.signal().pressure(), now);
    }
    Set<NodePressure> conditions = EnumSet.noneOf(NodePressure.class);
    last.forEach((pressure, at) -> {
      if (now.equals(at) || at.plus(transition).isAfter(now)) {
        conditions.add(pressure);
      }
    });
    List<Threshold> due = new ArrayList<>();
    for (Threshold threshold : met) {
      if (!first.getOrDefault(threshold, now).plus(threshold.grace()).isAfter(now)) {
        due.add(threshold);
      }
    }
    // memory before all else: who lacks it cannot do the rest
    due.sort(Comparator.comparing(one -> one.signal().pressure() != NodePressure.MEMORY));
    return new Step(new PressureState(last, first, new HashSet<>(due)), conditions, due);
  }

  /// @param reclaimed whether a threshold also counts as met until its minimum is reclaimed
  static List<Threshold> met(
      List<Threshold> thresholds, Map<Signal, Observed> seen, boolean reclaimed) {
    List<Threshold> met = new ArrayList<>();
    for (Threshold threshold : thresholds) {
      Observed observed = seen.get(threshold.signal());
      if (observed != null && threshold.isMet(observed, reclaimed)) {
        met.add(threshold);
      }
    }
    return met;
  }
}
