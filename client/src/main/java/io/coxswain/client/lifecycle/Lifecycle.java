package io.coxswain.client.lifecycle;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of a program: started in the order they were added, closed in the reverse. A part that
/// fails to start closes those before it. One thread adds and starts; any may close.
public final class Lifecycle implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

  /// One step of starting.
  @FunctionalInterface
  public interface Step {
    void run() throws Exception;
  }

  private static final class Part {
    final String name;
    final Step start;
    final AutoCloseable close;
    boolean running;

    Part(String name, Step start, AutoCloseable close, boolean running) {
      this.name = name;
      this.start = start;
      this.close = close;
      this.running = running;
    }
  }

  private final String name;
  private final List<Part> parts = new ArrayList<>();
  private boolean closed;

  public Lifecycle(String name) {
    this.name = name;
  }

  /// A part with a start and an end.
  public synchronized Lifecycle add(String part, Step start, AutoCloseable close) {
    parts.add(new Part(part, start, close, false));
    return this;
  }

  /// A part that runs already and is only to be closed.
  public synchronized <C extends AutoCloseable> C own(String part, C closeable) {
    parts.add(new Part(part, () -> {}, closeable, true));
    return closeable;
  }

  /// Starts every part that does not run yet; blocks until the last has started.
  ///
  /// @throws IllegalStateException naming the part that failed, after those before it were closed
  public synchronized void start() {
    for (Part part : parts) {
      if (closed) {
        throw new IllegalStateException(name + " was closed before " + part.name + " started");
      }
      if (part.running) {
        continue;
      }
      // Also a part that failed half-way is closed, since it may hold something already.
      part.running = true;
      try {
        part.start.run();
        log.debug("{}: {} started", name, part.name);
      } catch (Exception e) {
        close();
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        throw new IllegalStateException(
            name + ": " + part.name + " did not start: " + e.getMessage(), e);
      }
    }
  }

  /// Closes what was started, last first. A part that fails to close is logged and does not keep
  /// the others open. Harmless twice.
  @Override
  public synchronized void close() {
    closed = true;
    boolean interrupted = false;
    for (Part part : parts.reversed()) {
      if (!part.running) {
        continue;
      }
      part.running = false;
      try {
        part.close.close();
        log.debug("{}: {} closed", name, part.name);
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (Exception e) {
        log.warn("{}: {} did not close cleanly", name, part.name, e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
