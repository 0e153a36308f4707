package io.coxswain.controlplane.storage;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the store forget, so that it does not grow for ever: every interval, what was superseded
/// before the last one. History is so kept for one to two intervals. Several servers that do this
/// side by side do no harm.
public final class Compactor implements AutoCloseable {

  /// What kube-apiserver does by default.
  public static final Duration INTERVAL = Duration.ofMinutes(5);

  private static final Logger log = LoggerFactory.getLogger(Compactor.class);

  private final Store store;
  private final Duration interval;
  private final CountDownLatch closing = new CountDownLatch(1);

  public Compactor(Store store, Duration interval) {
    this.store = store;
    this.interval = interval;
  }

  /// Begins; returns at once.
  public void start() {
    var _ = Thread.ofVirtual().name("compactor").start(this::run);
  }

  private void run() {
    long before = 0;
    try {
      while (!closing.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        before = step(before);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// @param before the revision of an interval ago, 0 when not known
  /// @return the revision now
  private long step(long before) {
    try {
      long now = store.revision();
      if (before > 0) {
        store.compact(before);
      }
      return now;
    } catch (StoreException failed) {
      log.warn("The store was not compacted; the next try is in {}", interval, failed);
      return before;
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
