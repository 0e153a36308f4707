package io.coxswain.controlplane.hostile;

import io.coxswain.controlplane.pki.Pki;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `./dev bench fuzz`: starts the program as a server, with an etcd and in a folder of its own, and
/// throws hostile requests at it: `Fuzz <launcher> <folder> <count> <seed> <first>`.
final class Fuzz {

  private static final long BATCH = 5_000;
  private static final int READY_SECONDS = 60;

  private final Path launcher;
  private final Path folder;

  private Fuzz(Path launcher, Path folder) {
    this.launcher = launcher;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    Fuzz fuzz = new Fuzz(Path.of(arguments[0]), Path.of(arguments[1]));
    long count = Long.parseLong(arguments[2]);
    long seed = Long.parseLong(arguments[3]);
    long first = Long.parseLong(arguments[4]);
    System.out.printf("%d requests of seed %d from number %d%n", count, seed, first);
    List<String> problems = fuzz.run(new Siege.Plan(seed, first, count, BATCH));
    problems.forEach(System.out::println);
    if (!problems.isEmpty()) {
      System.out.printf(
          "%d problems. A request again by itself: ./dev bench fuzz 1 %d NUMBER%n"
              + "or what came before it, too: ./dev bench fuzz %d %d %d%n",
          problems.size(), seed, count, seed, first);
    }
    System.exit(problems.isEmpty() ? 0 : 1);
  }

  private List<String> run(Siege.Plan plan) throws Exception {
    int port = freePorts();
    Process server = start(port);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
    try (Target target = ready(server, port)) {
      long begin = System.nanoTime();
      Siege siege = new Siege(target, server.pid(), plan);
      siege.run();
      System.out.printf(
          "%d s; at most %d objects stored%n",
          TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin), siege.stored());
      List<String> problems = siege.problems();
      if (!server.isAlive()) {
        problems.add("the server has ended with " + server.exitValue());
      }
      try (Stream<String> lines = Files.lines(log())) {
        lines
            .filter(line -> line.contains(" ERROR "))
            .limit(20)
            .forEach(line -> problems.add("in its log: " + line));
      }
      return problems;
    } finally {
      stop(server);
    }
  }

  private Path log() {
    return folder.resolve("server.log");
  }

  /// A port whose neighbour is free, too.
  private static int freePorts() throws IOException {
    while (true) {
      try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        int port = first.getLocalPort();
        try (ServerSocket second =
            new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
          return second.getLocalPort() - 1;
        } catch (IOException | IllegalArgumentException taken) {
          // another one
        }
      }
    }
  }

  private Process start(int port) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                launcher.toString(),
                "server",
                "--port",
                Integer.toString(port),
                "--advertise",
                "127.0.0.1")
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log().toFile());
    builder.environment().put("COXSWAIN_NAME", folder.getFileName().toString());
    builder.environment().put("COXSWAIN_DATA", folder.resolve("data").toString());
    builder.environment().put("COXSWAIN_RUN", folder.resolve("run").toString());
    builder.environment().put("COXSWAIN_LOGS", folder.resolve("logs").toString());
    return builder.start();
  }

  /// Waits until it answers. What runs in the launcher's place by then is the server itself.
  private Target ready(Process server, int port) throws Exception {
    Path pki = folder.resolve("data/pki");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (System.nanoTime() < end && server.isAlive()) {
      // the last thing that is made once requests are answered
      if (Files.exists(pki.resolve("admin.kubeconfig"))) {
        Target target = new Target(port, Pki.open(pki, Clock.systemUTC()));
        if (target.get("/readyz", "*/*").statusCode() == 200) {
          return target;
        }
        target.close();
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new HttpTimeoutException("the server does not become ready: see " + log());
  }

  private static void stop(Process server) {
    server.destroy();
    try {
      if (!server.waitFor(20, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
