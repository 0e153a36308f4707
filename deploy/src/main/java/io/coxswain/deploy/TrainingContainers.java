package io.coxswain.deploy;

import io.coxswain.node.host.ControlGroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// Containers of a node in [Training]: each is a process that sleeps. The program that stands in
/// for conmon and for the runtime starts it, and writes its number down under the container's id;
/// this stands in for the machine's control groups, counts nothing, and knows by that number what
/// to end.
final class TrainingContainers implements ControlGroups {

  private final Path pids;

  private TrainingContainers(Path pids) {
    this.pids = pids;
  }

  /// @param program both the monitor and the runtime
  /// @param pids the folder that the program writes to, which it knows by itself
  static NodeRole.Containers by(Path program, Path pids) throws IOException {
    Files.createDirectories(pids);
    return new NodeRole.Containers(new TrainingContainers(pids), program, program.toString());
  }

  @Override
  public Set<String> hugePages() {
    return Set.of();
  }

  @Override
  public Layout layout() {
    return Layout.V2;
  }

  @Override
  public void create(String path, Limits limits) {}

  @Override
  public long limit(String path, Limit what) {
    return -1;
  }

  @Override
  public void limit(String path, Limit what, long value) {}

  @Override
  public void remove(String path) {}

  @Override
  public long outOfMemoryKills(String path) {
    return 0;
  }

  @Override
  public void kill(String path) throws IOException {
    Path file = pids.resolve(path.substring(path.lastIndexOf('/') + 1));
    if (Files.exists(file)) {
      ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
          .ifPresent(ProcessHandle::destroyForcibly);
      Files.deleteIfExists(file);
    }
  }

  @Override
  public Usage usage(String path) {
    return new Usage(0, 0, 0, 0, 0);
  }

  @Override
  public List<Integer> processes(String path) {
    return List.of();
  }

  @Override
  public List<String> children(String path) {
    return List.of();
  }
}
