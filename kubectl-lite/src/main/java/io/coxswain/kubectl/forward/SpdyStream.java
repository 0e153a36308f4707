package io.coxswain.kubectl.forward;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One stream of a [SpdySession]. What came is kept until it is taken, up to a bound: then the
/// session's reader waits, and with it the server, because these servers know no flow control for
/// single streams.
final class SpdyStream {

  private static final int MOST_WAITING = 4 << 20;

  private final SpdySession session;
  private final int id;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // all of it under the lock
  private final ArrayDeque<byte[]> arrived = new ArrayDeque<>();
  private int waiting;
  private boolean accepted;
  private boolean ended;
  private boolean dropped;
  private @Nullable String broken;

  SpdyStream(SpdySession session, int id) {
    this.session = session;
    this.id = id;
  }

  int id() {
    return id;
  }

  /// Blocks until the server took the stream.
  ///
  /// @throws IOException when it did not
  void awaitAccepted(Duration patience) throws IOException {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (!accepted && broken == null) {
        if (left <= 0) {
          throw new IOException("timed out waiting for the server to accept the stream");
        }
        left = changed.awaitNanos(left);
      }
      if (broken != null) {
        throw new IOException(broken);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  /// The next bytes; nothing after the last. Blocks.
  Optional<byte[]> take() throws IOException {
    lock.lock();
    try {
      while (arrived.isEmpty() && !ended && broken == null) {
        changed.awaitUninterruptibly();
      }
      byte[] next = arrived.poll();
      if (next != null) {
        waiting -= next.length;
        changed.signalAll();
        return Optional.of(next);
      }
      if (broken != null) {
        throw new IOException(broken);
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  byte[] takeAll() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Optional<byte[]> next = take(); next.isPresent(); next = take()) {
      all.writeBytes(next.get());
    }
    return all.toByteArray();
  }

  void write(byte[] bytes, int length) throws IOException {
    session.data(id, bytes, length, false);
  }

  /// Nothing more is written.
  void finish() throws IOException {
    session.data(id, new byte[0], 0, true);
  }

  /// Ends it in both directions; what is under way is dropped.
  void reset() {
    change(() -> {
      dropped = true;
      arrived.clear();
      waiting = 0;
    });
    session.reset(id);
  }

  void accept() {
    change(() -> accepted = true);
  }

  /// Blocks while too much waits to be taken.
  void arrive(byte[] bytes) {
    lock.lock();
    try {
      while (waiting > MOST_WAITING && !dropped) {
        changed.awaitUninterruptibly();
      }
      if (!dropped && bytes.length > 0) {
        arrived.add(bytes);
        waiting += bytes.length;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void end() {
    change(() -> ended = true);
  }

  void breakOff(String why) {
    change(() -> {
      if (broken == null) {
        broken = why;
      }
    });
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
