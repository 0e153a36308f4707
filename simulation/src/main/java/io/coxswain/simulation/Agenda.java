package io.coxswain.simulation;

import io.coxswain.client.lifecycle.TaskScope.Task;
import io.coxswain.scheduler.Background;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// What a process does in the background, done one by one, in any order, when it is due.
final class Agenda implements Background {

  private record Item(Instant due, Task task) {}

  private final VirtualClock clock;
  private final RandomGenerator random;
  private final List<Item> items = new ArrayList<>();

  Agenda(VirtualClock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  @Override
  public void run(String name, Task task) {
    items.add(new Item(clock.instant(), task));
  }

  @Override
  public void runAfter(Duration delay, String name, Task task) {
    items.add(new Item(clock.instant().plus(delay), task));
  }

  /// False when nothing is due.
  boolean step() {
    List<Item> due = items.stream().filter(item -> !item.due.isAfter(clock.instant())).toList();
    if (due.isEmpty()) {
      return false;
    }
    Item next = due.get(random.nextInt(due.size()));
    items.remove(next);
    try {
      next.task.run();
    } catch (Exception e) {
      throw new IllegalStateException("a task in the background failed", e);
    }
    return true;
  }
}
