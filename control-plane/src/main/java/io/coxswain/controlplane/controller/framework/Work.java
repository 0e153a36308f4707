package io.coxswain.controlplane.controller.framework;

import com.google.protobuf.Message;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.ControllerLoop;
import io.coxswain.client.controller.Execution;
import io.coxswain.client.controller.Pace;
import io.coxswain.client.controller.Reconciler;
import io.coxswain.client.queue.Backoff;
import io.coxswain.client.queue.WorkQueue;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The keys of one controller and the threads that work on them: a queue and a loop that can be
/// started again. While it is not started, keys are dropped: a start looks at everything anyway.
public final class Work implements AutoCloseable {

  // Short at its longest: after an outage of the API nothing should wait long for its next try.
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(5), Duration.ofSeconds(10), 0.1);

  private final String name;
  private final int workers;
  private final Pace pace;
  private final MeterRegistry metrics;
  private final Execution execution;
  private final Reconciler reconciler;
  private final Supplier<? extends Collection<ObjectKey>> everything;
  private volatile @Nullable WorkQueue<ObjectKey> queue;
  private @Nullable ControllerLoop loop;

  /// @param everything the keys to look at when it starts
  public Work(
      String name,
      int workers,
      ControllerContext context,
      Reconciler reconciler,
      Supplier<? extends Collection<ObjectKey>> everything) {
    this(name, workers, Pace.AT_ONCE, context, reconciler, everything);
  }

  /// @param everything the keys to look at when it starts
  public Work(
      String name,
      int workers,
      Pace pace,
      ControllerContext context,
      Reconciler reconciler,
      Supplier<? extends Collection<ObjectKey>> everything) {
    this.name = name;
    this.workers = workers;
    this.pace = pace;
    this.metrics = context.metrics();
    this.execution = context.execution();
    this.reconciler = reconciler;
    this.everything = everything;
  }

  public String name() {
    return name;
  }

  public void enqueue(ObjectKey key) {
    WorkQueue<ObjectKey> open = queue;
    if (open != null) {
      open.add(key);
    }
  }

  public void enqueue(Message object) {
    enqueue(ObjectMetas.key(object));
  }

  /// The key as soon as the delay has passed, unless it comes up before.
  public void enqueueAfter(ObjectKey key, Duration delay) {
    WorkQueue<ObjectKey> open = queue;
    if (open != null) {
      open.addAfter(key, delay);
    }
  }

  public synchronized void start() {
    if (loop != null) {
      return;
    }
    WorkQueue<ObjectKey> fresh = execution.queue(BACKOFF);
    ControllerLoop started = new ControllerLoop(name, reconciler, fresh, workers, pace, metrics);
    // Open for handlers before everything is read: nothing falls between.
    queue = fresh;
    everything.get().forEach(fresh::add);
    execution.start(started);
    loop = started;
  }

  @Override
  public synchronized void close() {
    queue = null;
    if (loop != null) {
      loop.close();
      loop = null;
    }
  }
}
