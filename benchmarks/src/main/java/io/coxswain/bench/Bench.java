package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs the benchmarks that are named, or all.
public final class Bench {

  private static final int ROUNDS = 3;

  private Bench() {}

  /// @param arguments names of benchmarks, and `--rounds N`
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int rounds = ROUNDS;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals("--rounds") && i + 1 < arguments.length) {
        rounds = Integer.parseInt(arguments[++i]);
      } else {
        names.add(arguments[i]);
      }
    }
    // A cluster that has just been started is what is looked at while idle, so that comes first.
    List<Benchmark> all =
        List.of(
            new UpBenchmark(rounds),
            new IdleBenchmark(),
            new PodsBenchmark(rounds),
            new CliBenchmark(),
            new BooksBenchmark());
    List<String> known = all.stream().map(Benchmark::name).toList();
    if (!known.containsAll(names) || rounds < 1) {
      System.err.println(
          "bench: no such benchmark in %s; there are %s, and --rounds N".formatted(names, known));
      System.exit(2);
    }
    Setting setting = Setting.ofEnvironment();
    makeRootfs(setting.rootfs());
    Report report = new Report(setting.home().resolve("benchmarks/target/bench.md"));
    try (Contenders contenders = new Contenders(setting)) {
      MachineFacts.write(report);
      for (Benchmark benchmark : all) {
        if (names.isEmpty() || names.contains(benchmark.name())) {
          benchmark.run(contenders, report);
        }
      }
    }
    Report.say("also written to " + report.file());
    // the connection's threads may linger, and nothing is left to wait for
    System.exit(0);
  }

  private static void makeRootfs(Path rootfs) throws IOException {
    Path busybox =
        MachineFacts.find("busybox")
            .orElseThrow(
                () -> new IOException("busybox is not installed: apt-get install busybox-static"));
    for (String folder : List.of("bin", "dev", "etc", "proc", "sys", "tmp")) {
      Files.createDirectories(rootfs.resolve(folder));
    }
    Files.copy(busybox, rootfs.resolve("bin/busybox"));
    for (String name : List.of("sh", "sleep")) {
      Files.createSymbolicLink(rootfs.resolve("bin").resolve(name), Path.of("busybox"));
    }
  }
}
