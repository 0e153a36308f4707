package io.coxswain.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Runs the benchmarks that are named, or all.
public final class Bench {

  private static final String ROUNDS = "3";
  private static final Set<String> OPTIONS =
      Set.of("--rounds", "--peer", "--peer-token", "--peer-ca", "--peer-pid");

  private Bench() {}

  /// @param arguments names of benchmarks, and `--rounds N`
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> options = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      if (OPTIONS.contains(arguments[i]) && i + 1 < arguments.length) {
        options.put(arguments[i], arguments[++i]);
      } else {
        names.add(arguments[i]);
      }
    }
    int rounds = Integer.parseInt(options.getOrDefault("--rounds", ROUNDS));
    // A cluster that has just been started is what is looked at while idle, so that comes first.
    List<Benchmark> all =
        List.of(
            new UpBenchmark(rounds),
            new IdleBenchmark(),
            new PodsBenchmark(rounds),
            new NodeBenchmark(rounds),
            new CliBenchmark(),
            new ApiBenchmark(peer(options)),
            new BooksBenchmark());
    List<String> known = all.stream().map(Benchmark::name).toList();
    if (!known.containsAll(names) || rounds < 1) {
      System.err.println(
          "bench: no such benchmark in %s; there are %s, and the options %s"
              .formatted(names, known, new TreeSet<>(OPTIONS)));
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

  /// An API server beside which ours is measured.
  private static Optional<ApiBenchmark.Peer> peer(Map<String, String> options) {
    String url = options.get("--peer");
    if (url == null) {
      return Optional.empty();
    }
    String token = options.get("--peer-token");
    String authority = options.get("--peer-ca");
    if (token == null || authority == null) {
      throw new IllegalArgumentException("--peer URL needs --peer-token T and --peer-ca FILE");
    }
    return Optional.of(
        new ApiBenchmark.Peer(
            URI.create(url),
            token,
            Path.of(authority),
            Optional.ofNullable(options.get("--peer-pid")).map(Long::valueOf).stream().toList()));
  }

  private static void makeRootfs(Path rootfs) throws IOException {
    Path busybox =
        MachineFacts.find("busybox")
            .orElseThrow(
                () -> new IOException("busybox is not installed: apt-get install busybox-static"));
    for (String folder : List.of("bin", "dev", "etc", "proc", "sys", "tmp", "www")) {
      Files.createDirectories(rootfs.resolve(folder));
    }
    Files.copy(busybox, rootfs.resolve("bin/busybox"));
    Files.writeString(rootfs.resolve("www/index.html"), "ready\n");
    for (String name : List.of("sh", "sleep")) {
      Files.createSymbolicLink(rootfs.resolve("bin").resolve(name), Path.of("busybox"));
    }
  }
}
