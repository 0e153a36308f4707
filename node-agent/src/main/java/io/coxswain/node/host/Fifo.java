package io.coxswain.node.host;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/// A named pipe (fifo(7)) through which a program says something that outlives its parent: the
/// JDK's own pipes end with the child that was started.
public final class Fifo implements AutoCloseable {

  private final Path path;
  private final RandomAccessFile held;

  private Fifo(Path path, RandomAccessFile held) {
    this.path = path;
    this.held = held;
  }

  /// Makes it and keeps both ends open, so that nobody waits in opening it.
  public static Fifo create(Path path) throws IOException {
    Libc.makeFifo(path.toString(), 0600);
    return new Fifo(path, new RandomAccessFile(path.toFile(), "rw"));
  }

  /// What is said from now on, to the end of the last program that has it open. Comes when programs
  /// have opened it.
  public InputStream listen() throws IOException {
    InputStream in = new FileInputStream(path.toFile());
    held.close();
    return in;
  }

  @Override
  public void close() throws IOException {
    held.close();
    java.nio.file.Files.deleteIfExists(path);
  }
}
