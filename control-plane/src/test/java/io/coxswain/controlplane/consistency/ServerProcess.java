package io.coxswain.controlplane.consistency;

import io.coxswain.controlplane.storage.EtcdServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A control plane in a process of its own, that can be killed and started again in its place.
public final class ServerProcess implements AutoCloseable {

  private static final String MAIN = "io.coxswain.controlplane.ControlPlaneMain";

  private final Path folder;
  private final EtcdServer etcd;
  private final int port;
  private final boolean controllers;
  private @Nullable Process process;

  ServerProcess(Path folder, EtcdServer etcd) throws IOException {
    this(folder, etcd, false);
  }

  private ServerProcess(Path folder, EtcdServer etcd, boolean controllers) throws IOException {
    this.folder = folder;
    this.etcd = etcd;
    this.controllers = controllers;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    }
  }

  /// One in which more happens than what clients do.
  public static ServerProcess withControllers(Path folder, EtcdServer etcd) throws IOException {
    return new ServerProcess(folder, etcd, true);
  }

  /// Starts it and waits until it answers.
  public void launch() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process started =
        new ProcessBuilder(
                List.of(
                    java,
                    controllers ? "-Xmx1g" : "-Xmx256m",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    classes,
                    MAIN,
                    folder.toString(),
                    etcd.options().endpoints().getFirst(),
                    Integer.toString(port),
                    Boolean.toString(controllers)))
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    process = started;
    BufferedReader said = started.inputReader(StandardCharsets.UTF_8);
    String line = said.readLine();
    while (line != null && !line.startsWith("ready at ")) {
      line = said.readLine();
    }
    if (line == null) {
      throw new IOException("the server ended before it was ready: see " + folder.resolve("log"));
    }
  }

  public int port() {
    return port;
  }

  /// Of the process that runs.
  public long pid() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("the server does not run");
    }
    return running.pid();
  }

  String url() {
    return "https://127.0.0.1:" + port;
  }

  /// `kill -9`, and waits until it is dead.
  void kill() {
    Process running = process;
    if (running == null) {
      return;
    }
    running.destroyForcibly();
    try {
      if (!running.waitFor(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("server " + running.pid() + " does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process = null;
  }

  @Override
  public void close() {
    kill();
  }
}
