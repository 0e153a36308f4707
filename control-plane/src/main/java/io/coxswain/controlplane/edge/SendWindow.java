package io.coxswain.controlplane.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Holds a writer back while too many of its bytes are still on the way to a slow reader. Netty's
/// own mark of writability is only known on the event loop, this is known at once.
public final class SendWindow {

  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private volatile long underWay; // written under the lock
  private boolean closed;

  /// @param patience how long the reader may take to make room
  public SendWindow(Duration patience) {
    this.patience = patience;
  }

  /// Writes to the channel when no more than `most` bytes are on the way. Blocks until then.
  ///
  /// @param message is released when it cannot be sent
  /// @throws IOException when the reader is gone, or made no room in time
  public void write(Channel channel, Object message, int size, long most, boolean flush)
      throws IOException {
    try {
      await(most);
    } catch (IOException e) {
      io.netty.util.ReferenceCountUtil.release(message);
      throw e;
    }
    sent(size, flush ? channel.writeAndFlush(message) : channel.write(message));
  }

  void sent(long size, ChannelFuture written) {
    add(size + 1);
    var _ = written.addListener(_ -> add(-size - 1));
  }

  /// How many bytes are on the way.
  long underWay() {
    return underWay;
  }

  /// Counts bytes that are about to be written elsewhere.
  @SuppressWarnings("NonAtomicVolatileUpdate") // only under the lock
  void add(long size) {
    lock.lock();
    try {
      underWay += size;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Blocks until no more than `most` bytes are on the way.
  void await(long most) throws IOException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (underWay > most) {
        if (closed) {
          throw new IOException("the reader has gone");
        }
        if (left <= 0) {
          throw new SlowReaderException("nothing was read for " + patience.toSeconds() + " s");
        }
        left = room.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while writing", e);
    } finally {
      lock.unlock();
    }
  }

  /// Lets nobody wait any longer.
  public void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The reader is there but does not read.
  static final class SlowReaderException extends IOException {
    SlowReaderException(String message) {
      super(message);
    }
  }
}
