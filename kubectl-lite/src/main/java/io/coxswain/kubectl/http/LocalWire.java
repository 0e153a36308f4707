package io.coxswain.kubectl.http;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A Unix domain socket. The JDK knows no read with a time limit on one, so a thread beside it
/// closes the socket under a read that waits too long; a selector would cost more than the whole
/// request.
final class LocalWire implements Wire {

  private static final long OFTEN_ENOUGH = Duration.ofSeconds(1).toNanos();

  private final SocketChannel channel;
  private final InputStream in;
  private final OutputStream out;
  private @Nullable Thread guard;
  private volatile long patience;

  /// Of the clock of `nanoTime`; 0 when nobody reads or who reads may wait for ever.
  private volatile long deadline;

  private volatile boolean late;

  private LocalWire(SocketChannel channel) {
    this.channel = channel;
    this.in = new BufferedInputStream(new Guarded(Channels.newInputStream(channel)), 16 * 1024);
    this.out = new BufferedOutputStream(Channels.newOutputStream(channel), 16 * 1024);
  }

  static LocalWire open(Path file) throws IOException {
    return new LocalWire(SocketChannel.open(UnixDomainSocketAddress.of(file)));
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void patience(Duration silence) {
    patience = silence.toNanos();
    if (patience > 0 && guard == null) {
      Thread thread = new Thread(this::watch, "request-timeout");
      thread.setDaemon(true);
      thread.start();
      guard = thread;
    }
  }

  private void watch() {
    while (channel.isOpen()) {
      long end = deadline;
      long left = end == 0 ? Math.max(patience, OFTEN_ENOUGH) : end - System.nanoTime();
      if (left <= 0) {
        late = true;
        try {
          channel.close();
        } catch (IOException e) {
          // who reads is told all the same
        }
        return;
      }
      LockSupport.parkNanos(this, left);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    LockSupport.unpark(guard);
  }

  private final class Guarded extends InputStream {

    private final InputStream from;

    Guarded(InputStream from) {
      this.from = from;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      deadline = patience == 0 ? 0 : (System.nanoTime() + patience) | 1;
      try {
        return from.read(bytes, offset, length);
      } catch (ClosedChannelException e) {
        if (late) {
          SocketTimeoutException timeout = new SocketTimeoutException("Read timed out");
          timeout.initCause(e);
          throw timeout;
        }
        throw e;
      } finally {
        deadline = 0;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
