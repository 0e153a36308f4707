package io.coxswain.controlplane.connection;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Connections that nobody uses now, kept for whoever needs one to the same place next: the newest
/// first, since the oldest is the likeliest to have been closed at its other end. Bounded in number
/// and in time. Safe for use by many threads.
///
/// @param <K> where a connection leads
public final class KeptConnections<K, C extends AutoCloseable> implements AutoCloseable {

  private record Idle<K, C>(K place, C connection, long sinceNanos) {}

  private final int most;
  private final Duration patience;
  private final Deque<Idle<K, C>> idle = new ArrayDeque<>();
  private boolean watched;
  private boolean closed;

  /// @param most to all places together
  /// @param patience how long one is kept for nobody
  public KeptConnections(int most, Duration patience) {
    this.most = most;
    this.patience = patience;
  }

  /// One that leads there, which is the caller's from now on. Its other end may have closed it.
  public synchronized Optional<C> take(K place) {
    for (Iterator<Idle<K, C>> all = idle.iterator(); all.hasNext(); ) {
      Idle<K, C> one = all.next();
      if (one.place().equals(place)) {
        all.remove();
        return Optional.of(one.connection());
      }
    }
    return Optional.empty();
  }

  /// Takes one over that is ready for the next request.
  public void keep(K place, C connection) {
    List<C> superfluous = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        superfluous.add(connection);
      } else {
        idle.addFirst(new Idle<>(place, connection, System.nanoTime()));
        if (idle.size() > most) {
          superfluous.add(idle.removeLast().connection());
        }
        if (!watched) {
          watched = true;
          Thread.ofVirtual().name("idle-connections").start(this::watch);
        }
      }
    }
    superfluous.forEach(KeptConnections::end);
  }

  /// Closes what nobody wanted for long, as long as there is anything.
  private void watch() {
    try {
      while (true) {
        List<C> old = new ArrayList<>();
        long wait;
        synchronized (this) {
          long now = System.nanoTime();
          while (!idle.isEmpty() && age(idle.getLast(), now) >= patience.toNanos()) {
            old.add(idle.removeLast().connection());
          }
          if (idle.isEmpty()) {
            watched = false;
          }
          wait = idle.isEmpty() ? 0 : patience.toNanos() - age(idle.getLast(), now);
        }
        old.forEach(KeptConnections::end);
        if (wait == 0) {
          return;
        }
        Thread.sleep(Duration.ofNanos(wait));
      }
    } catch (InterruptedException e) {
      close();
    }
  }

  private static long age(Idle<?, ?> one, long now) {
    return now - one.sinceNanos();
  }

  private static void end(AutoCloseable connection) {
    try {
      connection.close();
    } catch (Exception e) {
      // it is gone then
    }
  }

  /// What is taken back later is closed at once.
  @Override
  public void close() {
    List<Idle<K, C>> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(idle);
      idle.clear();
    }
    all.forEach(one -> end(one.connection()));
  }
}
