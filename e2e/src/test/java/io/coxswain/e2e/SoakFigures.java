package io.coxswain.e2e;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What one part of the cluster holds when nothing is going on: descriptors, threads, and heap
/// after a full collection.
///
/// @param descriptors how many of each sort
record SoakFigures(
    String part,
    long pid,
    long ageSeconds,
    Map<String, Integer> descriptors,
    int threads,
    long heapKb,
    long residentKb) {

  private static final Pattern USED = Pattern.compile(" used (\\d+)K");
  private static final int DESCRIPTORS = 30;
  private static final int THREADS = 25;
  private static final long AGENT_HEAP_KB = 16 << 10;

  /// What the server keeps of each kind's changes for watches grows with what is written, up to a
  /// bound.
  private static final long SERVER_HEAP_KB = 16 << 10;

  static List<SoakFigures> of(SoakCluster soak) {
    List<SoakFigures> all = new ArrayList<>();
    for (String part : soak.parts()) {
      OptionalLong pid = soak.pid(part);
      if (pid.isPresent()) {
        all.add(of(part, pid.getAsLong()));
      }
    }
    return all;
  }

  private static SoakFigures of(String part, long pid) {
    String tool = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
    // twice: what the first one finds to be finalised or cleared goes by the second
    SoakCluster.shell("%s %d GC.run && %s %d GC.run".formatted(tool, pid, tool, pid));
    String heap = SoakCluster.shell("%s %d GC.heap_info".formatted(tool, pid)).out();
    try {
      String status = Files.readString(Path.of("/proc", Long.toString(pid), "status"));
      return new SoakFigures(
          part,
          pid,
          Long.parseLong(SoakCluster.shell("ps -o etimes= -p " + pid).out().strip()),
          descriptors(pid),
          (int) number(status, "Threads:\\s+(\\d+)"),
          used(heap),
          number(status, "VmRSS:\\s+(\\d+)"));
    } catch (IOException e) {
      throw new IllegalStateException("figures of " + part, e);
    }
  }

  /// Of the young and the old generation; the classes' space is no part of the heap.
  private static long used(String heap) {
    String generations =
        heap.lines().takeWhile(line -> !line.contains("Metaspace")).reduce("", String::concat);
    return USED.matcher(generations)
        .results()
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .sum();
  }

  private static long number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private static Map<String, Integer> descriptors(long pid) throws IOException {
    Map<String, Integer> sorts = new TreeMap<>();
    try (DirectoryStream<Path> links =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path link : links) {
        try {
          sorts.merge(sort(Files.readSymbolicLink(link).toString()), 1, Integer::sum);
        } catch (IOException e) {
          // closed while it was looked at
        }
      }
    }
    return sorts;
  }

  private static String sort(String target) {
    return target.replaceAll("\\[\\d+]", "").replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "UID");
  }

  int open() {
    return descriptors.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// What it holds more of than the same part did then, beyond what comes and goes.
  List<String> grownSince(SoakFigures before) {
    List<String> grown = new ArrayList<>();
    if (open() > before.open() + DESCRIPTORS) {
      Map<String, Integer> more = new TreeMap<>();
      descriptors.forEach((sort, count) -> {
        int extra = count - before.descriptors.getOrDefault(sort, 0);
        if (extra > 0) {
          more.put(sort, extra);
        }
      });
      grown.add(
          "%s has %d descriptors, and had %d; more of %s"
              .formatted(part, open(), before.open(), more));
    }
    if (threads > before.threads + THREADS) {
      grown.add("%s has %d threads, and had %d".formatted(part, threads, before.threads));
    }
    long more = part.equals("server") ? SERVER_HEAP_KB : AGENT_HEAP_KB;
    if (heapKb > before.heapKb + more) {
      grown.add(
          "%s has %d kB of heap after a collection, and had %d"
              .formatted(part, heapKb, before.heapKb));
    }
    return grown;
  }

  @Override
  public String toString() {
    return "%s (%d, %d s old): %d descriptors, %d threads, heap %d kB, resident %d kB"
        .formatted(part, pid, ageSeconds, open(), threads, heapKb, residentKb);
  }
}
