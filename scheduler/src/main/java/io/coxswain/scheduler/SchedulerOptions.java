package io.coxswain.scheduler;

import java.time.Duration;

/// How a scheduler runs.
///
/// @param name which pods are its own, by their `schedulerName`
/// @param identity unique among schedulers, also across restarts
/// @param elect whether it waits for a Lease, because others run beside it
/// @param bindings how many decisions may be on their way to the API at once
/// @param syncPatience how long starting waits for the first lists
public record SchedulerOptions(
    String name, String identity, boolean elect, int bindings, Duration syncPatience) {

  public static final String DEFAULT_NAME = "default-scheduler";

  public SchedulerOptions {
    if (bindings < 1) {
      throw new IllegalArgumentException("a scheduler needs at least one binding at a time");
    }
  }

  /// Alone, with the name that pods have by default.
  public static SchedulerOptions alone(String identity) {
    return new SchedulerOptions(DEFAULT_NAME, identity, false, 32, Duration.ofMinutes(1));
  }

  public SchedulerOptions elected() {
    return new SchedulerOptions(name, identity, true, bindings, syncPatience);
  }
}
