package io.coxswain.node.image;

import io.coxswain.node.filesystem.FullDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;

/// Fetches one blob into a file, going on where an earlier attempt, also of an earlier agent,
/// ended. The file is whole and checked when this returns. Blocks.
final class BlobDownload {

  /// How often a transfer that breaks is taken up again, and how long to wait before: twice as long
  /// each time. A transfer that got further starts counting anew.
  record Retries(int attempts, Duration first) {
    static final Retries DEFAULT = new Retries(5, Duration.ofMillis(500));
  }

  private static final int BUFFER_BYTES = 128 << 10;

  private final RegistryClient client;
  private final ImageManifest.Descriptor blob;
  private final Path file;
  private final Retries retries;
  private final PullSteps steps;

  BlobDownload(
      RegistryClient client,
      ImageManifest.Descriptor blob,
      Path file,
      Retries retries,
      PullSteps steps) {
    this.client = client;
    this.blob = blob;
    this.file = file;
    this.retries = retries;
    this.steps = steps;
  }

  /// @throws RegistryException when the registry refuses, or sends something else for good
  void run() throws IOException, InterruptedException {
    Duration pause = retries.first();
    long reached = length();
    for (int attempt = 1; ; attempt++) {
      try {
        transfer();
        return;
      } catch (RegistryException e) {
        if (!e.isPassing() || attempt >= retries.attempts()) {
          throw e;
        }
      } catch (IOException e) {
        if (FullDisk.isCauseOf(e)) {
          Files.deleteIfExists(file); // what is here keeps others from what they need
          throw e;
        }
        if (attempt >= retries.attempts()) {
          throw e;
        }
      }
      long now = length();
      if (now > reached) {
        reached = now;
        attempt = 0;
        pause = retries.first();
      }
      Thread.sleep(pause);
      pause = pause.multipliedBy(2);
    }
  }

  private long length() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private void transfer() throws IOException, InterruptedException {
    steps.before("download");
    try (FileChannel out =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MessageDigest hash = blob.digest().hash();
      if (out.size() > blob.size()) {
        out.truncate(0);
      }
      long offset = rehash(out, hash);
      if (offset < blob.size() || blob.size() == 0) {
        receive(out, hash, offset);
      }
      check(out, hash, offset > 0);
    }
  }

  private void receive(FileChannel out, MessageDigest hash, long asked)
      throws IOException, InterruptedException {
    try (RegistryClient.Blob answer = client.blob(blob.digest(), asked)) {
      if (answer.offset() != asked) {
        hash.reset();
        out.truncate(0);
      }
      InputStream in = answer.content();
      long position = answer.offset();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (position + count > blob.size()) {
          out.truncate(0);
          throw new RegistryException(
              0, "the registry sends more than the %d bytes it named".formatted(blob.size()));
        }
        hash.update(buffer, 0, count);
        writeAll(out, ByteBuffer.wrap(buffer, 0, count), position);
        position += count;
      }
      if (position < blob.size()) {
        throw new IOException(
            "the transfer ended after %d of %d bytes".formatted(position, blob.size()));
      }
    }
  }

  private void check(FileChannel out, MessageDigest hash, boolean resumed) throws IOException {
    if (!blob.digest().matches(hash)) {
      out.truncate(0);
      if (resumed) {
        throw new IOException("the part that was here already was damaged: " + blob.digest());
      }
      throw new RegistryException(
          0, "the registry sent something else than %s".formatted(blob.digest()));
    }
  }

  /// @return bytes that are in the file already
  private static long rehash(FileChannel out, MessageDigest hash) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long position = 0;
    for (int count = out.read(buffer, position); count > 0; count = out.read(buffer, position)) {
      hash.update(buffer.array(), 0, count);
      buffer.clear();
      position += count;
    }
    return position;
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes, long position)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += out.write(bytes, at);
    }
  }
}
