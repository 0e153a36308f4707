package io.coxswain.bench;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The API server by itself, with its etcd and controllers and no node: what it does in a second,
/// how long that takes, and what it costs. Beside it another server, when one is named, which gets
/// the same requests in the same run.
///
/// The load comes from this very process, which compiles itself while it works, too. So that the
/// first server is not measured with a slower client than the second, both are asked by one that
/// has worked before, for a server that does not count.
final class ApiBenchmark implements Benchmark {

  /// A server that runs already.
  ///
  /// @param authority file of who signed its certificate
  /// @param pids of its process, when it is on this machine
  record Peer(URI url, String token, Path authority, List<Long> pids) {}

  private static final int PORT = 16443;
  private static final long READY_SECONDS = 60;

  private static final int FIRST = 5_000;
  private static final int CREATED = 5_000;
  private static final int READ = 20_000;
  private static final int UPDATED_PODS = 1_000;
  private static final int UPDATED = 3_000;
  private static final int LISTS = 20;
  private static final int PODS_A_SECOND = 200;

  private final Optional<Peer> peer;

  ApiBenchmark(Optional<Peer> peer) {
    this.peer = peer;
  }

  @Override
  public String name() {
    return "api";
  }

  @Override
  public void run(Contenders contenders, Report report) throws IOException, InterruptedException {
    Setting setting = contenders.setting();
    warmUp(setting);
    long begin = System.nanoTime();
    Process server = start(setting, "api");
    try {
      LoadTarget ours = ready(setting, "api", server);
      double readySeconds = (System.nanoTime() - begin) / 1e9;
      Map<String, Map<String, Load>> loads = new LinkedHashMap<>();
      Map<String, Double> megabytes = new LinkedHashMap<>();
      measure(ours, loads, megabytes);
      if (peer.isPresent()) {
        Peer one = peer.get();
        measure(
            LoadTarget.byToken("peer", one.url(), one.authority(), one.token(), one.pids()),
            loads,
            megabytes);
      }
      write(report, readySeconds, loads, megabytes);
    } finally {
      end(server);
    }
  }

  private static void warmUp(Setting setting) throws IOException, InterruptedException {
    Report.say("warming up");
    Process server = start(setting, "warm");
    try {
      LoadTarget target = ready(setting, "warm", server);
      try (LoadClient client = new LoadClient(target, ApiCases.CONNECTIONS)) {
        ApiCases cases = new ApiCases(target, client);
        cases.prepare();
        cases.createAndDelete("", 1, FIRST);
        cases.get(CREATED);
        cases.update(UPDATED_PODS, UPDATED_PODS);
        cases.watch("events to 50 watches", 50, UPDATED_PODS, PODS_A_SECOND);
      }
    } finally {
      end(server);
    }
  }

  private static void end(Process server) throws InterruptedException {
    server.destroy();
    if (!server.waitFor(20, TimeUnit.SECONDS)) {
      server.destroyForcibly();
    }
  }

  /// @param name of its folder and its processes
  private static Process start(Setting setting, String name) throws IOException {
    Path folder = Files.createDirectories(setting.root().resolve(name));
    Map<String, String> environment = new HashMap<>();
    environment.put("COXSWAIN_NAME", setting.id() + "-" + name);
    environment.put("COXSWAIN_DATA", folder.resolve("data").toString());
    environment.put("COXSWAIN_RUN", folder.resolve("run").toString());
    environment.put("COXSWAIN_LOGS", folder.resolve("logs").toString());
    List<String> command =
        new java.util.ArrayList<>(ProcessGroup.named(setting.id() + "-" + name).create().enter());
    command.add(setting.home().resolve("bin/coxswain").toString());
    command.addAll(List.of("server", "--port", PORT + "", "--advertise", "127.0.0.1"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /// Waits until it answers. What runs in its place by then is the server itself.
  private static LoadTarget ready(Setting setting, String name, Process server)
      throws IOException, InterruptedException {
    Path pki = setting.root().resolve(name).resolve("data/pki");
    URI url = URI.create("https://127.0.0.1:" + PORT);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (System.nanoTime() < end && server.isAlive()) {
      // the last thing that is made once requests are answered
      if (Files.exists(pki.resolve("admin.kubeconfig"))) {
        LoadTarget target = LoadTarget.byCertificate("Coxswain", url, pki, List.of(server.pid()));
        try (LoadClient client = new LoadClient(target, 1)) {
          if (client.call("GET", "/readyz", "", new byte[0]).status() == 200) {
            return target;
          }
        }
      }
      Thread.sleep(5);
    }
    throw new IOException(
        "the server does not become ready in "
            + READY_SECONDS
            + " s: see "
            + setting.root().resolve(name).resolve("server.log")
            + " (BENCH_KEEP=1 keeps it)");
  }

  private static void measure(
      LoadTarget target, Map<String, Map<String, Load>> loads, Map<String, Double> megabytes)
      throws IOException, InterruptedException {
    try (LoadClient client = new LoadClient(target, ApiCases.CONNECTIONS)) {
      double idle = Load.residentMegabytes(target.pids());
      ApiCases cases = new ApiCases(target, client);
      cases.prepare();
      cases.createAndDelete(", first " + FIRST, 1, FIRST);
      cases.createAndDelete("", 2, CREATED);
      cases.get(READ);
      cases.update(UPDATED_PODS, UPDATED);
      cases.watch("events to 50 watches", 50, 1_000, PODS_A_SECOND);
      cases.watch("events to 500 watches", 500, 1_000, PODS_A_SECOND);
      cases.list(LISTS);
      megabytes.put(target.name() + ", idle", idle);
      megabytes.put(
          target.name() + ", with " + ApiCases.LISTED + " pods, after all this",
          Load.residentMegabytes(target.pids()));
      cases.removeAll();
      loads.put(target.name(), cases.loads());
    }
  }

  private void write(
      Report report,
      double readySeconds,
      Map<String, Map<String, Load>> loads,
      Map<String, Double> megabytes)
      throws IOException {
    report.text(
        """
        ## The API server

        Pods as JSON over TLS and HTTP/2 from %d workers on %d connections, which share the machine's \
        processors with the server; CPU is the server's without etcd. Ready %s s after its start.\
        """
            .formatted(ApiCases.WORKERS, ApiCases.CONNECTIONS, Figures.text(readySeconds)));
    Report.Table table =
        new Report.Table("operation", "server", "per second", "p50, ms", "p99, ms", "CPU each, µs");
    for (String operation : loads.values().iterator().next().keySet()) {
      loads.forEach((server, all) -> {
        Load load = all.get(operation);
        if (load != null) {
          table.row(
              operation,
              server,
              Figures.text(load.perSecond()),
              Figures.text(load.percentile(50)),
              Figures.text(load.percentile(99)),
              load.cpuSeconds() == 0 ? "" : Figures.text(load.cpuMicros()));
        }
      });
    }
    report.table(table);
    Report.Table memory = new Report.Table("server", "resident, MB");
    megabytes.forEach((server, size) -> memory.row(server, size == 0 ? "" : Figures.text(size)));
    report.table(memory);
  }
}
