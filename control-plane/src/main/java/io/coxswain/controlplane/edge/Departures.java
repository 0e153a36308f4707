package io.coxswain.controlplane.edge;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What leaves by one event loop. Many threads write answers; all that has gathered when the loop
/// comes to it is written in one go, and then each connection is flushed once. So an event that
/// hundreds watch leaves in as few packets as there are connections, and wakes the loop once.
///
/// It is no longer than what its writers may have under way: each has a [SendWindow].
final class Departures {

  /// Something to write, on the event loop.
  interface Departure {

    /// @return the connection that is to be flushed then, if any
    Optional<Channel> leave();
  }

  private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

  /// After so many the loop looks at what comes in.
  private static final int AT_ONCE = 1024;

  private final EventExecutor loop;
  private final Queue<Departure> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean called = new AtomicBoolean();

  /// Of the loop's own thread.
  private final Set<Channel> written = Collections.newSetFromMap(new IdentityHashMap<>());

  Departures(EventExecutor loop) {
    this.loop = loop;
  }

  /// Never blocks. What is added by one thread leaves in its order.
  void add(Departure departure) {
    waiting.add(departure);
    call();
  }

  private void call() {
    if (called.get() || !called.compareAndSet(false, true)) {
      return;
    }
    try {
      loop.execute(this::run);
    } catch (RejectedExecutionException e) {
      LOG.debug("the server has closed, nothing leaves any more", e);
    }
  }

  private void run() {
    called.set(false); // who adds from here on calls again
    for (int i = 0; i < AT_ONCE; i++) {
      Departure next = waiting.poll();
      if (next == null) {
        break;
      }
      leave(next);
    }
    if (!waiting.isEmpty()) {
      call();
    }
    for (Channel connection : written) {
      connection.flush();
    }
    written.clear();
  }

  private void leave(Departure departure) {
    try {
      departure.leave().ifPresent(written::add);
    } catch (RuntimeException e) {
      LOG.error("a part of an answer could not be written", e);
    }
  }
}
