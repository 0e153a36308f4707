package io.coxswain.client.lifecycle;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Owns virtual threads: none outlives it. A task that throws is logged and ends alone.
public final class TaskScope implements AutoCloseable {

  /// Work that may block and be interrupted.
  @FunctionalInterface
  public interface Task {
    void run() throws Exception;
  }

  private static final Logger log = LoggerFactory.getLogger(TaskScope.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String name;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public TaskScope(String name) {
    this.name = name;
  }

  /// Starts the task on a virtual thread of its own.
  ///
  /// @throws IllegalStateException when the scope is closed
  public void fork(String task, Task work) {
    Thread thread = Thread.ofVirtual().name(name + "/" + task).unstarted(() -> run(task, work));
    threads.add(thread);
    if (closed) {
      threads.remove(thread);
      throw new IllegalStateException(name + " is closed: " + task + " cannot start");
    }
    thread.start();
  }

  /// Tasks that have not ended.
  public int size() {
    return threads.size();
  }

  /// Interrupts every task and waits for them, 10 s at most altogether; one that does not end is
  /// logged. A task may close its own scope.
  @Override
  public void close() {
    closed = true;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    threads.forEach(Thread::interrupt);
    boolean interrupted = Thread.interrupted();
    for (Thread thread : threads) {
      if (thread == Thread.currentThread()) {
        interrupted = true;
        continue;
      }
      try {
        long left = deadline - System.nanoTime();
        if (!thread.join(Duration.ofNanos(Math.max(1, left)))) {
          log.warn("{} did not end within {}", thread.getName(), PATIENCE);
        }
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (IllegalThreadStateException e) {
        // Forked while closing and not started: its fork sees the flag and throws.
        log.debug("{} never started", thread.getName());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(String task, Task work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      if (closed) {
        log.debug("{}/{} ended while closing", name, task, e);
      } else {
        log.error("{}/{} ended by an error", name, task, e);
      }
    } finally {
      threads.remove(Thread.currentThread());
    }
  }
}
