package io.coxswain.scheduler;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.client.lifecycle.TaskScope.Task;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A virtual thread for each task; none outlives the scheduler.
final class Threads implements Background, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Threads.class);

  private final TaskScope scope = new TaskScope("scheduler");

  @Override
  public void run(String name, Task task) {
    try {
      scope.fork(name, task);
    } catch (IllegalStateException e) {
      // A later scheduler finds the pod as it is.
      log.debug("{} is left: the scheduler is closed", name);
    }
  }

  @Override
  public void runAfter(Duration delay, String name, Task task) {
    run(
        name,
        () -> {
          Thread.sleep(delay);
          task.run();
        });
  }

  @Override
  public void close() {
    scope.close();
  }
}
