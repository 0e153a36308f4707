package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One reader's events. A reader that falls 10,000 events behind is cut off.
final class MemoryWatch implements Watch<Message> {

  private static final int BUFFER = 10_000;

  private final Selection selection;
  private final Consumer<MemoryWatch> onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<WatchEvent<Message>> events = new ArrayDeque<>();
  private @Nullable ApiError end;
  private boolean closed;

  MemoryWatch(Selection selection, Consumer<MemoryWatch> onClose) {
    this.selection = selection;
    this.onClose = onClose;
  }

  Selection selection() {
    return selection;
  }

  void offer(WatchEvent<Message> event) {
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      if (events.size() == BUFFER) {
        end = new ApiError.Expired("the watch fell " + BUFFER + " events behind");
        events.clear();
      } else {
        events.add(event);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void end(ApiError error) {
    lock.lock();
    try {
      if (end == null) {
        end = error;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<WatchEvent<Message>> next(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (true) {
        if (closed) {
          throw new IllegalStateException("the watch is closed");
        }
        WatchEvent<Message> event = events.poll();
        if (event != null) {
          return Optional.of(event);
        }
        if (end != null) {
          throw new ApiException(end);
        }
        if (left <= 0) {
          return Optional.empty();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
  }
}
