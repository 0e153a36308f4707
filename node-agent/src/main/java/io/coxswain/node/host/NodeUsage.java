package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// What the whole machine used.
///
/// @param cpuNanos busy time of all cpus since the start
/// @param memoryBytes in use, without what the kernel caches
/// @param workingSetBytes what cannot be had back easily
/// @param startedAt when the machine was started
public record NodeUsage(long cpuNanos, long memoryBytes, long workingSetBytes, Instant startedAt) {

  /// The kernel's clock tick for `/proc/stat` is 10 ms on every architecture served here.
  private static final long TICK_NANOS = 10_000_000;

  public static NodeUsage read() throws IOException {
    List<String> memory = Files.readAllLines(Path.of("/proc/meminfo"));
    long total = Machine.kilobytes(memory, "MemTotal:") * 1024;
    long available = Machine.kilobytes(memory, "MemAvailable:") * 1024;
    long free = Machine.kilobytes(memory, "MemFree:") * 1024;
    long cached = Machine.kilobytes(memory, "Cached:") * 1024;
    long ticks = 0;
    long started = 0;
    for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
      String[] fields = line.split(" +", -1);
      if (fields[0].equals("cpu")) {
        // user, nice, system, idle, iowait, irq, softirq, steal
        for (int i : new int[] {1, 2, 3, 6, 7}) {
          ticks += Long.parseLong(fields[i]);
        }
      } else if (fields[0].equals("btime")) {
        started = Long.parseLong(fields[1]);
      }
    }
    return new NodeUsage(
        ticks * TICK_NANOS,
        Math.max(0, total - free - cached),
        total - available,
        Instant.ofEpochSecond(started));
  }
}
