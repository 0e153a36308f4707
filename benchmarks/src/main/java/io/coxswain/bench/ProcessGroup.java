package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A control group: knows the CPU time of all that ever ran in it and below, and which processes do
/// now. Works on cgroup v1 (hierarchy `cpuacct`) and v2.
final class ProcessGroup {

  /// Memory of processes in bytes. Proportional: a page shared by n processes counts 1/n for each.
  record Memory(long proportional, long resident, int processes) {
    Memory plus(Memory other) {
      return new Memory(
          proportional + other.proportional,
          resident + other.resident,
          processes + other.processes);
    }
  }

  private final Path folder;
  private final boolean unified;

  private ProcessGroup(Path folder, boolean unified) {
    this.folder = folder;
    this.unified = unified;
  }

  /// @param name below the hierarchy's root; the group need not be there yet
  static ProcessGroup named(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      String[] words = line.split(" ", -1);
      int dash = List.of(words).indexOf("-");
      boolean old = words[dash + 1].equals("cgroup");
      if (old && List.of(words[dash + 3].split(",", -1)).contains("cpuacct")) {
        return new ProcessGroup(Path.of(words[4], name), false);
      }
    }
    return new ProcessGroup(Path.of("/sys/fs/cgroup", name), true);
  }

  ProcessGroup create() throws IOException {
    Files.createDirectories(folder);
    return this;
  }

  /// Words before a command that make it, and all that it starts, run in the group.
  List<String> enter() {
    return List.of(
        "/bin/sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", folder.resolve("cgroup.procs") + "");
  }

  /// CPU seconds used so far, also by what has ended; 0 where nothing ran yet.
  double cpuSeconds() throws IOException {
    try {
      if (!unified) {
        return Long.parseLong(Files.readString(folder.resolve("cpuacct.usage")).strip()) / 1e9;
      }
      for (String line : Files.readAllLines(folder.resolve("cpu.stat"))) {
        if (line.startsWith("usage_usec ")) {
          return Long.parseLong(line.substring(11).strip()) / 1e6;
        }
      }
      throw new IOException(folder + "/cpu.stat has no usage_usec");
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  List<Long> processes() throws IOException {
    List<Long> pids = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return pids;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path group, BasicFileAttributes attributes)
              throws IOException {
            for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
              pids.add(Long.parseLong(pid.strip()));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE; // a container's group went meanwhile
          }
        });
    return pids;
  }

  /// Memory of the group's processes, by program.
  Map<String, Memory> memory() throws IOException {
    Map<String, Memory> byProgram = new TreeMap<>();
    for (long pid : processes()) {
      Path process = Path.of("/proc", Long.toString(pid));
      try {
        String program = Files.readString(process.resolve("comm")).strip();
        byProgram.merge(program, memoryOf(pid), Memory::plus);
      } catch (IOException e) {
        Report.say("process " + pid + " ended while it was looked at");
      }
    }
    return byProgram;
  }

  /// Of one process.
  static Memory memoryOf(long pid) throws IOException {
    Path shares = Path.of("/proc/%d/smaps_rollup".formatted(pid));
    return new Memory(kilobytes(shares, "Pss:") << 10, kilobytes(shares, "Rss:") << 10, 1);
  }

  static Memory sum(Map<String, Memory> byProgram) {
    return byProgram.values().stream().reduce(new Memory(0, 0, 0), Memory::plus);
  }

  private static long kilobytes(Path file, String key) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.substring(key.length()).replace("kB", "").strip());
      }
    }
    throw new IOException(file + " has no " + key);
  }
}
