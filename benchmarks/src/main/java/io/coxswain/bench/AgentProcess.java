package io.coxswain.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The process of one node's agent, and what it costs.
///
/// @param programs everything of the cluster but what runs in containers
record AgentProcess(long pid, ProcessGroup programs) {

  /// @param core part of one processor, 1 for all of it
  /// @param monitors of the pods of all nodes
  record Cost(ProcessGroup.Memory memory, double core, ProcessGroup.Memory monitors) {}

  /// That of the cluster's last node.
  static AgentProcess of(CoxswainCluster cluster) throws IOException {
    for (long pid : cluster.programs().processes()) {
      List<String> words;
      try {
        String line = Files.readString(Path.of("/proc/%d/cmdline".formatted(pid)));
        words = List.of(line.split("\0", -1));
      } catch (NoSuchFileException e) {
        continue; // it has ended
      }
      int node = words.indexOf("--node");
      if (words.getFirst().endsWith("java")
          && words.contains("agent")
          && node > 0
          && words.get(node + 1).equals(cluster.node())) {
        return new AgentProcess(pid, cluster.programs());
      }
    }
    throw new IOException("the agent of " + cluster.node() + " does not run");
  }

  Cost watch(Duration settle, Duration time) throws IOException, InterruptedException {
    Thread.sleep(settle);
    double before = cpuSeconds();
    long begin = System.nanoTime();
    Thread.sleep(time);
    double core = (cpuSeconds() - before) / ((System.nanoTime() - begin) / 1e9);
    Map<String, ProcessGroup.Memory> all = programs.memory();
    return new Cost(
        ProcessGroup.memoryOf(pid),
        core,
        all.getOrDefault("conmon", new ProcessGroup.Memory(0, 0, 0)));
  }

  /// Of all threads there are, by the scheduler's own count: its ticks are too coarse here.
  private double cpuSeconds() throws IOException {
    long nanoseconds = 0;
    try (var threads = Files.list(Path.of("/proc/%d/task".formatted(pid)))) {
      for (Path thread : threads.toList()) {
        try {
          String line = Files.readString(thread.resolve("schedstat"), StandardCharsets.US_ASCII);
          nanoseconds += Long.parseLong(line.split(" ", -1)[0]);
        } catch (NoSuchFileException e) {
          // it has ended
        }
      }
    }
    return nanoseconds / 1e9;
  }
}
