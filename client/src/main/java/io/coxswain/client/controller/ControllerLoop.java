package io.coxswain.client.controller;

import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.client.queue.WorkQueue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a reconciler on the keys of a queue, with a fixed number of virtual threads. Closing it
/// closes the queue and waits for the workers.
public final class ControllerLoop implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ControllerLoop.class);

  private final String name;
  private final Reconciler reconciler;
  private final WorkQueue<ObjectKey> queue;
  private final int workers;
  private final Pace pace;
  private final TaskScope scope;
  private final Timer duration;
  private final Counter errors;

  public ControllerLoop(
      String name, Reconciler reconciler, WorkQueue<ObjectKey> queue, int workers) {
    this(name, reconciler, queue, workers, Pace.AT_ONCE, new SimpleMeterRegistry());
  }

  public ControllerLoop(
      String name,
      Reconciler reconciler,
      WorkQueue<ObjectKey> queue,
      int workers,
      Pace pace,
      MeterRegistry metrics) {
    if (workers < 1) {
      throw new IllegalArgumentException("controller " + name + " needs at least one worker");
    }
    this.name = name;
    this.reconciler = reconciler;
    this.queue = queue;
    this.workers = workers;
    this.pace = pace;
    this.scope = new TaskScope(name);
    this.duration = metrics.timer("coxswain.reconcile.duration", "controller", name);
    this.errors = metrics.counter("coxswain.reconcile.errors", "controller", name);
    Gauge.builder("coxswain.queue.depth", queue, WorkQueue::size)
        .tag("controller", name)
        .register(metrics);
  }

  public void start() {
    for (int i = 0; i < workers; i++) {
      scope.fork("worker-" + i, this::work);
    }
  }

  /// Takes one ready key and reconciles it in the caller's thread; false when none is ready. For
  /// tests and for drivers with a virtual clock.
  public boolean runOne() {
    Optional<ObjectKey> key = queue.poll();
    key.ifPresent(this::reconcile);
    return key.isPresent();
  }

  @Override
  public void close() {
    queue.close();
    scope.close();
  }

  private void work() throws InterruptedException {
    for (Optional<ObjectKey> key = queue.take(); key.isPresent(); key = queue.take()) {
      reconcile(key.get());
    }
  }

  // Whatever a reconciler throws must not end the worker: it would stop the controller for good.
  @SuppressWarnings("CatchAndPrintStackTrace")
  private void reconcile(ObjectKey key) {
    long begin = System.nanoTime();
    long taken = queue.now();
    try {
      switch (reconciler.reconcile(key)) {
        case Result.Done() -> queue.forget(key);
        case Result.After(var delay) -> {
          queue.forget(key);
          queue.addAfter(key, delay);
        }
        case Result.Retry() -> queue.addRateLimited(key);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ApiException e) {
      // somebody was quicker: what reconciles it next sees it as it is, or gone with its namespace
      failed(key, e, e.isConflict() || e.isNotFound() || e.isNamespaceTerminating());
    } catch (Exception e) {
      failed(key, e, false);
    } finally {
      duration.record(Duration.ofNanos(System.nanoTime() - begin));
      queue.done(key, pace.rest(Duration.ofNanos(queue.now() - taken)));
    }
  }

  private void failed(ObjectKey key, Exception e, boolean expected) {
    if (expected || Thread.currentThread().isInterrupted()) {
      log.debug("{}: {} changed while it was reconciled", name, key);
    } else {
      errors.increment();
      log.warn("{}: reconciling {} failed, will try again", name, key, e);
    }
    queue.addRateLimited(key);
  }
}
