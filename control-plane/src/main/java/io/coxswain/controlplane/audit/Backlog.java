package io.coxswain.controlplane.audit;

import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events that wait for one sink, and the thread that takes them there. Whoever brings one never
/// waits: what does not fit is lost and counted.
final class Backlog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);

  /// How long the last events may take when the server ends.
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  /// A sink that is out of order says so this often.
  private static final Duration COMPLAINTS = Duration.ofSeconds(30);

  /// @param events that wait at the most
  /// @param bytes that they may have together
  /// @param batch events taken to the sink at once
  /// @param linger how long a batch that is not full waits for more
  record Bounds(int events, long bytes, int batch, Duration linger) {}

  private final Sink sink;
  private final Bounds bounds;
  private final Counter overflown;
  private final Counter failed;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private boolean closed;

  private final AtomicLong complained = new AtomicLong(System.nanoTime() - COMPLAINTS.toNanos());

  Backlog(Sink sink, Bounds bounds, AuditFigures figures) {
    this.sink = sink;
    this.bounds = bounds;
    this.overflown = figures.lost("buffered");
    this.failed = figures.lost(sink.name());
    // A file's writes would hold a carrier of virtual threads.
    this.thread = Thread.ofPlatform().name("audit-" + sink.name()).daemon().start(this::run);
  }

  void offer(byte[] event) {
    boolean taken;
    lock.lock();
    try {
      taken =
          !closed
              && waiting.size() < bounds.events()
              && waitingBytes + event.length <= bounds.bytes();
      if (taken) {
        waiting.add(event);
        waitingBytes += event.length;
        arrived.signal();
      }
    } finally {
      lock.unlock();
    }
    if (!taken) {
      overflown.increment();
      complain("an audit event was lost: too many wait for the " + sink.name());
    }
  }

  private void run() {
    try {
      List<byte[]> batch = next();
      while (!batch.isEmpty()) {
        deliver(batch);
        batch = next();
      }
    } catch (InterruptedException e) {
      LOG.debug("the audit {} ends with events left", sink.name());
    }
  }

  private void deliver(List<byte[]> batch) throws InterruptedException {
    try {
      sink.write(batch);
    } catch (IOException | RuntimeException e) {
      failed.increment(batch.size());
      complain(batch.size() + " audit events were lost: " + e.getMessage());
    }
  }

  /// @return nothing when there will be no more
  private List<byte[]> next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty()) {
        if (closed) {
          return List.of();
        }
        arrived.await();
      }
      long left = bounds.linger().toNanos();
      while (waiting.size() < bounds.batch() && !closed && left > 0) {
        left = arrived.awaitNanos(left);
      }
      List<byte[]> batch = new ArrayList<>(Math.min(waiting.size(), bounds.batch()));
      while (!waiting.isEmpty() && batch.size() < bounds.batch()) {
        byte[] event = waiting.remove();
        waitingBytes -= event.length;
        batch.add(event);
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void complain(String what) {
    long now = System.nanoTime();
    long last = complained.get();
    if (now - last >= COMPLAINTS.toNanos() && complained.compareAndSet(last, now)) {
      LOG.warn(
          "{} (said at most every {} s; see apiserver_audit_error_total)",
          what,
          COMPLAINTS.toSeconds());
    }
  }

  /// Takes what waits to the sink, as far as there is time.
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    sink.hurry();
    try {
      if (!thread.join(FAREWELL)) {
        thread.interrupt();
        boolean _ = thread.join(Duration.ofMillis(500));
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
    sink.close();
  }
}
