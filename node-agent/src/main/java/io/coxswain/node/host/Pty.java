package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A pseudo-terminal (pty(7)): this side is the terminal, a program on [#slave] has it as its own.
/// Reading and writing block their thread, which must be a platform thread.
public final class Pty implements AutoCloseable {

  private final Descriptor master;
  private final String slave;
  private final Descriptor held;

  private Pty(int master, String slave, int held) {
    this.master = new Descriptor(master);
    this.slave = slave;
    this.held = new Descriptor(held);
  }

  public static Pty open() throws IOException {
    int master = Libc.open("/dev/ptmx", Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC);
    try {
      Libc.ioctlInt(master, Libc.TIOCSPTLCK, 0);
      String slave = "/dev/pts/" + Libc.ioctlInt(master, Libc.TIOCGPTN, 0);
      // Held until the program has ended, so that reading does not end before it has begun.
      int held = Libc.open(slave, Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC);
      return new Pty(master, slave, held);
    } catch (IOException e) {
      Libc.close(master);
      throw e;
    }
  }

  /// Path of the program's side.
  public String slave() {
    return slave;
  }

  /// The program has ended: what it has written can still be read, and then reading ends.
  public void hangUp() throws IOException {
    held.close();
  }

  /// @return how many bytes came; 0 when no program has the terminal any more
  public int read(byte[] buffer) throws IOException {
    try {
      return master.use(number -> Libc.read(number, buffer));
    } catch (SystemCallException e) {
      if (e.errno() == Errno.EIO) {
        return 0;
      }
      throw e;
    }
  }

  public void write(byte[] data) throws IOException {
    int _ = master.use(number -> Libc.writeAll(number, data));
  }

  public void resize(int columns, int rows) throws IOException {
    int _ = master.use(number -> Libc.setWindowSize(number, columns, rows));
  }

  /// Gives the terminals that another program holds for what it runs the same size, too. `crun`
  /// looks at the size of its own terminal only once (1.8), and `runc` when it is told of a change;
  /// this works with both and needs neither.
  ///
  /// @param holder one that only trusted programs have made
  public static void resizeThoseOf(int holder, int columns, int rows) throws IOException {
    int process = Libc.pidfdOpen(holder);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc/" + holder + "/fd"))) {
      for (Path file : files) {
        if (isTerminal(file)) {
          int terminal = Libc.pidfdGet(process, Integer.parseInt(file.getFileName().toString()));
          try {
            Libc.setWindowSize(terminal, columns, rows);
          } finally {
            Libc.close(terminal);
          }
        }
      }
    } finally {
      Libc.close(process);
    }
  }

  /// This side of one; the path before it depends on who sees it.
  private static boolean isTerminal(Path file) throws IOException {
    try {
      return Files.readSymbolicLink(file).endsWith("ptmx");
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    hangUp();
    master.close();
  }
}
