package io.coxswain.node.stream;

import io.coxswain.node.host.Fifo;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a program says on one of its outputs, on its way to a carrier. Ends with the last process
/// that has it open, or when it is closed: the program may have left others behind.
final class ExecOutput implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ExecOutput.class);
  private static final int BUFFER_BYTES = 16 << 10;

  private final Fifo fifo;
  private final Carrier carrier;
  private final int channel;
  private final boolean wanted;
  private final AtomicLong taken = new AtomicLong();
  private volatile boolean sending;
  private Thread reader = Thread.ofPlatform().unstarted(() -> {});

  /// @param path where nothing is yet
  /// @param wanted whether it is sent; otherwise it is read and forgotten
  ExecOutput(Path path, Carrier carrier, int channel, boolean wanted) throws IOException {
    this.fifo = Fifo.create(path);
    this.carrier = carrier;
    this.channel = channel;
    this.wanted = wanted;
  }

  File file() {
    return fifo.path().toFile();
  }

  /// Once the program has it open.
  void carry() throws IOException {
    FileChannel from = fifo.channel();
    // A platform thread: reading on a virtual one cannot be interrupted.
    reader = Thread.ofPlatform().daemon().name("exec-output").start(() -> copy(from));
  }

  private void copy(FileChannel from) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (from) {
      for (int n = from.read(ByteBuffer.wrap(buffer));
          n >= 0;
          n = from.read(ByteBuffer.wrap(buffer))) {
        taken.addAndGet(n);
        if (wanted) {
          sending = true;
          carrier.send(channel, buffer, n);
          sending = false;
        }
      }
    } catch (IOException e) {
      log.debug("output of an exec ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Waits until everything was said, or nothing more came for so long.
  void await(Duration patience) throws InterruptedException {
    long before = -1;
    while (!reader.join(patience) && (sending || taken.get() != before)) {
      before = taken.get();
    }
  }

  @Override
  public void close() throws IOException {
    reader.interrupt();
    fifo.close();
  }
}
