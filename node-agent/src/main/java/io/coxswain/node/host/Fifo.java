package io.coxswain.node.host;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A named pipe (fifo(7)) through which a program says something: one that outlives its parent,
/// where the JDK's own pipes end with the child that was started; or one that is not waited for to
/// the end, where reading from the JDK's own pipes can only be ended by who writes.
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

  /// As [#listen], for a platform thread that may be interrupted while it waits.
  public FileChannel channel() throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    held.close();
    return channel;
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    held.close();
    java.nio.file.Files.deleteIfExists(path);
  }
}
