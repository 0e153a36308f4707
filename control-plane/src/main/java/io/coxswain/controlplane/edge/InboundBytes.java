package io.coxswain.controlplane.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What comes in on a connection, for a thread that reads it: while much of it waits, the
/// connection is not read, so that its sender waits, too.
final class InboundBytes extends InputStream {

  private static final int FULL = 256 << 10;
  private static final int LOW = 64 << 10;

  private final Channel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition came = lock.newCondition();
  private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
  private int at; // in the first piece
  private int waiting;
  private boolean paused;
  private boolean over;
  private @Nullable String failure;

  InboundBytes(Channel channel) {
    this.channel = channel;
  }

  /// Takes a copy. On the event loop.
  void add(ByteBuf data) {
    if (!data.isReadable()) {
      return;
    }
    byte[] piece = new byte[data.readableBytes()];
    data.readBytes(piece);
    lock.lock();
    try {
      if (over) {
        return;
      }
      pieces.add(piece);
      waiting += piece.length;
      if (waiting > FULL) {
        paused = true;
        channel.config().setAutoRead(false);
      }
      came.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Nothing more comes.
  void end() {
    lock.lock();
    try {
      over = true;
      came.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// What has come is not all, and the rest does not come. Nothing when it is over already.
  void fail(String why) {
    lock.lock();
    try {
      if (!over) {
        over = true;
        failure = why;
        came.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    lock.lock();
    try {
      while (pieces.isEmpty()) {
        if (failure != null) {
          throw new IOException(failure);
        }
        if (over) {
          return -1;
        }
        came.await();
      }
      byte[] piece = pieces.getFirst();
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, buffer, offset, count);
      at += count;
      if (at == piece.length) {
        pieces.removeFirst();
        at = 0;
      }
      waiting -= count;
      if (paused && waiting <= LOW) {
        paused = false;
        channel.config().setAutoRead(true);
      }
      return count;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading", e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int available() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }
}
