package io.coxswain.controlplane.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a server holds: taken from its process and from what it says of itself.
///
/// @param heapBytes that are reachable, after a collection of all garbage
/// @param virtualThreads that are reachable
/// @param connections of clients, as the server counts them
/// @param longRunning watches, logs and terminals, as the server counts them
record Vitals(
    long heapBytes,
    int threads,
    int virtualThreads,
    int descriptors,
    long residentBytes,
    int connections,
    int longRunning) {

  private static final long MORE_HEAP = 48 << 20;
  private static final int MORE_THREADS = 12;
  private static final int MORE_VIRTUAL_THREADS = 60;
  private static final int MORE_DESCRIPTORS = 25;

  static Vitals of(long pid, Target target) throws IOException, InterruptedException {
    String histogram = histogram(pid);
    String metrics = new String(target.get("/metrics", "*/*").body(), StandardCharsets.UTF_8);
    String status = Files.readString(process(pid).resolve("status"));
    return new Vitals(
        number(histogram, "^Total +\\d+ +(\\d+)"),
        (int) number(status, "^Threads:\\s+(\\d+)"),
        (int) number(histogram, "^ *\\d+: +(\\d+) +\\d+ +java\\.lang\\.VirtualThread( |$)"),
        descriptors(pid),
        number(status, "^VmRSS:\\s+(\\d+)") << 10,
        (int) number(metrics, "^coxswain_edge_connections (\\d+)"),
        (int) number(metrics, "^apiserver_longrunning_requests (\\d+)"));
  }

  private static Path process(long pid) {
    return Path.of("/proc", Long.toString(pid));
  }

  /// Counts what lives, which collects what does not. The attached tool leaves two threads behind.
  private static String histogram(long pid) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(List.of(jcmd.toString(), Long.toString(pid), "GC.class_histogram"))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("the server tells nothing of its heap: " + said);
    }
    return said;
  }

  private static int descriptors(long pid) throws IOException {
    try (Stream<Path> open = Files.list(process(pid).resolve("fd"))) {
      return (int) open.count();
    }
  }

  private static long number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /// Whether no more is held than before, but for what a server keeps for a while.
  boolean isNear(Vitals before) {
    return heapBytes < before.heapBytes + MORE_HEAP
        && threads <= before.threads + MORE_THREADS
        && virtualThreads <= before.virtualThreads + MORE_VIRTUAL_THREADS
        && descriptors <= before.descriptors + MORE_DESCRIPTORS
        && connections <= before.connections + 2
        && longRunning <= before.longRunning;
  }

  @Override
  public String toString() {
    return "heap %.1f MB, resident %d MB, %d threads, %d virtual threads, %d descriptors, %d connections, %d long requests"
        .formatted(
            heapBytes / 1e6,
            residentBytes >> 20,
            threads,
            virtualThreads,
            descriptors,
            connections,
            longRunning);
  }
}
