package io.coxswain.scheduler;

import io.coxswain.client.lifecycle.TaskScope.Task;
import java.time.Duration;

/// Where a scheduler has its decisions written down while it makes the next: threads, or a
/// simulation's agenda.
public interface Background {

  void run(String name, Task task);

  void runAfter(Duration delay, String name, Task task);
}
