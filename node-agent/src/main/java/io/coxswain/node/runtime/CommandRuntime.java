package io.coxswain.node.runtime;

import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Processes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// `runc` or `crun`: they share commands and the layout of their state.
final class CommandRuntime implements OciRuntime {

  private final String name;
  private final Path origin;
  private final Path program;
  private final Path root;
  private final Processes processes;
  private final Mounts mounts;
  private final String version;

  /// @param origin where the program is installed
  /// @param root folder of its own for the runtime's state; lives as long as the machine runs
  CommandRuntime(
      String name,
      Path origin,
      Path program,
      Path root,
      Processes processes,
      Mounts mounts,
      String version) {
    this.origin = origin;
    this.version = version;
    this.name = name;
    this.program = program;
    this.root = root;
    this.processes = processes;
    this.mounts = mounts;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String version() {
    return name + "://" + version;
  }

  @Override
  public Path program() {
    return program;
  }

  @Override
  public Path origin() {
    return origin;
  }

  @Override
  public List<String> globalArguments() {
    return name.equals("crun")
        ? List.of("--root=" + root, "--cgroup-manager=cgroupfs")
        : List.of("--root=" + root);
  }

  /// A created container waits at a fifo until somebody reads from it (`runc`) or writes to it
  /// (`crun`): that is all that the `start` command does. Doing it here saves a process of some ten
  /// milliseconds for each container.
  @Override
  public void start(String id) throws IOException, InterruptedException {
    Path fifo = root.resolve(id).resolve("exec.fifo");
    try {
      if (name.equals("crun") ? say(fifo) : hear(fifo)) {
        Files.deleteIfExists(fifo);
        return;
      }
    } catch (NoSuchFileException e) {
      // Another layout than the one known here: the program knows its own.
    }
    processes.mustRun(command("start", id));
  }

  private static boolean hear(Path fifo) throws IOException {
    try (SeekableByteChannel gate = Files.newByteChannel(fifo, StandardOpenOption.READ)) {
      return gate.read(ByteBuffer.allocate(1)) == 1;
    }
  }

  /// Opens both ends, so as not to wait for a container that was killed.
  private static boolean say(Path fifo) throws IOException {
    try (SeekableByteChannel gate =
        Files.newByteChannel(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return gate.write(ByteBuffer.allocate(1)) == 1;
    }
  }

  @Override
  public void forget(String id) throws IOException {
    Path state = root.resolve(id);
    try {
      DiskState.deleteAll(state);
    } catch (FileSystemException e) {
      // runc mounts its own program there for a moment, and may have been killed in it.
      mounts.unmountBelow(state);
      DiskState.deleteAll(state);
    }
  }

  @Override
  public List<String> execCommand(String id, Path processFile, boolean terminal) {
    List<String> words = new ArrayList<>();
    words.add(program.toString());
    words.addAll(globalArguments());
    words.add("exec");
    if (terminal) {
      words.add("--tty");
    }
    words.add("--process");
    words.add(processFile.toString());
    words.add(id);
    return words;
  }

  private Processes.Command command(String... words) {
    List<String> all = new ArrayList<>();
    all.add(program.toString());
    all.addAll(globalArguments());
    all.addAll(List.of(words));
    return Processes.Command.of(all);
  }
}
