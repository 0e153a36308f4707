package io.coxswain.node.stream;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.image.ImageException;
import io.coxswain.node.image.Images;
import io.coxswain.node.image.TooManySavesException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Archives of images that people fetch from a node.
final class ImageSaves {

  private static final int PIECE = 32 << 10;

  /// Whoever reads so slowly is given up, for the images cannot go meanwhile.
  private static final Duration LONGEST = Duration.ofDays(1);

  private final Images images;

  ImageSaves(Images images) {
    this.images = images;
  }

  /// Blocks until the archive is sent, or nobody wants it any more.
  ///
  /// @throws StreamRefused when there is none of these images, or too many archives are written
  /// @throws IOException also in the middle: what was sent is not whole then
  void run(List<String> names, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException, StreamRefused {
    Thread writer = Thread.currentThread();
    // Who leaves says so by ending the stream, which may be long before anything is sent.
    tasks.fork(
        "watch-reader",
        () -> {
          while (carrier.receive().isPresent()) {
            // nothing that a reader of an archive sends means anything
          }
          writer.interrupt();
        });
    try (OutputStream out = new BufferedOutputStream(new Sent(carrier), PIECE)) {
      images.save(names, out);
    } catch (ImageException e) {
      String message = String.valueOf(e.getMessage());
      throw e.reason() == ImageException.Reason.NEVER_PULL
          ? StreamRefused.notFound(message)
          : StreamRefused.badRequest(message);
    } catch (TooManySavesException e) {
      throw StreamRefused.tooManyRequests(String.valueOf(e.getMessage()));
    }
  }

  /// Says what it is before its first piece.
  private static final class Sent extends OutputStream {

    private final Carrier carrier;
    private final long end = System.nanoTime() + LONGEST.toNanos();
    private boolean begun;

    Sent(Carrier carrier) {
      this.carrier = carrier;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (System.nanoTime() - end > 0) {
        throw new IOException("the archive was not read within " + LONGEST);
      }
      try {
        if (!begun) {
          begun = true;
          carrier.send(Carrier.STDOUT, "application/x-tar".getBytes(StandardCharsets.UTF_8));
        }
        for (int at = 0; at < length; at += PIECE) {
          int count = Math.min(PIECE, length - at);
          carrier.send(
              Carrier.STDOUT, Arrays.copyOfRange(bytes, offset + at, offset + at + count), count);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("nobody wants the archive any more");
      }
    }
  }
}
