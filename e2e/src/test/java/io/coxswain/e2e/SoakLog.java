package io.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// What was done when, on standard output and in a file that stays. Safe for use by many threads.
final class SoakLog implements AutoCloseable {

  private final Path file;
  private final Writer writer;
  private final long began = System.nanoTime();

  SoakLog(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    this.file = file;
    this.writer = Files.newBufferedWriter(file);
  }

  Path file() {
    return file;
  }

  @SuppressWarnings("AnnotateFormatMethod") // would be the only use of a library of annotations
  synchronized void say(String format, Object... arguments) {
    String line =
        "%s +%.1fs %s"
            .formatted(
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                (System.nanoTime() - began) / 1e9,
                format.formatted(arguments));
    System.out.println(line);
    try {
      writer.write(line + "\n");
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
