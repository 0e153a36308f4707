package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Operations that some workers did as fast as they could, and what that took.
///
/// @param latencies of each, in milliseconds
/// @param cpuSeconds of the server; 0 where its processes are not known
record Load(List<Double> latencies, double seconds, double cpuSeconds) {

  /// One operation.
  interface Operation {
    /// @param worker who does it
    /// @param number counted over all workers
    void run(int worker, int number) throws IOException, InterruptedException;
  }

  Load {
    latencies = List.copyOf(latencies);
  }

  double perSecond() {
    return latencies.size() / seconds;
  }

  double percentile(double percent) {
    return Figures.percentile(latencies, percent);
  }

  double cpuMicros() {
    return cpuSeconds * 1e6 / latencies.size();
  }

  /// Does an operation so many times. Blocks.
  ///
  /// @throws IOException with the first that failed
  static Load run(LoadTarget target, int workers, int operations, Operation operation)
      throws IOException, InterruptedException {
    double[] latencies = new double[operations];
    AtomicInteger next = new AtomicInteger();
    double cpu = cpuSeconds(target.pids());
    long begin = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<? extends Future<?>> running =
          java.util.stream.IntStream.range(0, workers)
              .mapToObj(worker ->
                  threads.submit(() -> {
                    for (int i = next.getAndIncrement();
                        i < operations;
                        i = next.getAndIncrement()) {
                      long sent = System.nanoTime();
                      operation.run(worker, i);
                      latencies[i] = (System.nanoTime() - sent) / 1e6;
                    }
                    return null;
                  }))
              .toList();
      for (Future<?> worker : running) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("an operation failed: " + e.getCause(), e);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Load(
        java.util.Arrays.stream(latencies).boxed().toList(),
        seconds,
        cpuSeconds(target.pids()) - cpu);
  }

  /// What processes used so far, of user and system time.
  static double cpuSeconds(List<Long> pids) throws IOException {
    long ticks = 0;
    for (long pid : pids) {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // the program's name may hold spaces, and ends with the last bracket (proc(5))
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
    return ticks / 100.0;
  }

  static double residentMegabytes(List<Long> pids) throws IOException {
    long kilobytes = 0;
    for (long pid : pids) {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith("VmRSS:")) {
          kilobytes += Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    }
    return kilobytes / 1024.0;
  }
}
