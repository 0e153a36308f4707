package io.coxswain.node.volume;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// A lock for each of many things, there only while somebody has it or waits for it.
///
/// @param <K> what tells one thing from another
public final class KeyedLocks<K> {

  /// Gives the lock back.
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private static final class Shared {
    private final ReentrantLock lock = new ReentrantLock();
    private int holders;
  }

  // guarded by itself, as is what each counts
  private final Map<K, Shared> locks = new HashMap<>();

  /// Waits for the lock of this thing. Whoever has it already has it twice.
  public Held hold(K key) throws InterruptedException {
    Shared shared;
    synchronized (locks) {
      shared = locks.computeIfAbsent(key, _ -> new Shared());
      shared.holders++;
    }
    try {
      shared.lock.lockInterruptibly();
    } catch (InterruptedException e) {
      leave(key, shared);
      throw e;
    }
    return () -> {
      shared.lock.unlock();
      leave(key, shared);
    };
  }

  private void leave(K key, Shared shared) {
    synchronized (locks) {
      shared.holders--;
      if (shared.holders == 0) {
        locks.remove(key);
      }
    }
  }

  /// How many there are now.
  int size() {
    synchronized (locks) {
      return locks.size();
    }
  }
}
