package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// What a figure has to be read with.
final class MachineFacts {

  private static final List<String> PLACES =
      List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin");

  private MachineFacts() {}

  static Optional<Path> find(String program) {
    return PLACES.stream()
        .map(place -> Path.of(place, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static void write(Report report) throws IOException, InterruptedException {
    Report.Table table = new Report.Table("machine", "");
    table.row("taken", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    table.row("processors", Runtime.getRuntime().availableProcessors() + " x " + model());
    table.row("memory", field("/proc/meminfo", "MemTotal"));
    table.row("kernel", System.getProperty("os.version", ""));
    table.row("Java", System.getProperty("java.runtime.version", ""));
    for (String program : List.of("runc", "crun", "conmon", "etcd")) {
      Optional<Path> found = find(program);
      if (found.isPresent()) {
        String said = Program.run(found.get().toString(), "--version");
        table.row(program, said.lines().findFirst().orElse(""));
      } else {
        table.row(program, "not installed");
      }
    }
    table.row("Docker", DockerEngine.isInstalled() ? DockerEngine.version() : "not installed");
    table.row("load before", load());
    report.table(table);
  }

  /// Mean number of processes that wanted to run, over 1, 5 and 15 minutes: above the number of
  /// processors, others were measured too.
  static String load() throws IOException {
    String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
    return words[0] + " " + words[1] + " " + words[2];
  }

  private static String model() throws IOException {
    return field("/proc/cpuinfo", "model name");
  }

  private static String field(String file, String key) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(key)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "unknown";
  }
}
