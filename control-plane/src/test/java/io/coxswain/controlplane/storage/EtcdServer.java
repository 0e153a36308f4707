package io.coxswain.controlplane.storage;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A real etcd of one member on loopback, in a folder of its own, that can be killed and started
/// again on its data.
public final class EtcdServer implements AutoCloseable {

  private static final Path PROGRAM = Path.of("/usr/bin/etcd");

  private final Path folder;
  private final int clientPort;
  private final int peerPort;
  private @Nullable Process process;

  private EtcdServer(Path folder) {
    this.folder = folder;
    this.clientPort = freePort();
    this.peerPort = freePort();
  }

  /// Whether the program is on this machine.
  public static boolean installed() {
    return Files.isExecutable(PROGRAM);
  }

  public static EtcdServer start() {
    try {
      EtcdServer server = new EtcdServer(Files.createTempDirectory("coxswain-etcd"));
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      server.launch();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public EtcdOptions options() {
    return EtcdOptions.plain("127.0.0.1:" + clientPort);
  }

  /// The way by its socket.
  EtcdOptions localOptions() {
    return EtcdOptions.local(folder.resolve("client:0"), Duration.ofSeconds(5));
  }

  /// Starts it on the data that is there.
  public void launch() {
    String client = "http://127.0.0.1:" + clientPort;
    String peer = "http://127.0.0.1:" + peerPort;
    List<String> command =
        List.of(
            PROGRAM.toString(),
            "--name=one",
            "--data-dir=" + folder.resolve("data"),
            "--listen-client-urls=" + client + ",unix://client:0",
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=one=" + peer,
            "--heartbeat-interval=50",
            "--election-timeout=500",
            "--log-level=error");
    try {
      Files.deleteIfExists(folder.resolve("client:0"));
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// `kill -9`, and waits until it is dead.
  public void kill() {
    Process running = process;
    if (running == null) {
      return;
    }
    running.destroyForcibly();
    try {
      if (!running.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("etcd " + running.pid() + " does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process = null;
  }

  /// Kills it and forgets its data: the next start is another store.
  public void wipe() {
    kill();
    delete(folder.resolve("data"));
  }

  @Override
  public void close() {
    kill();
    delete(folder);
  }

  private File log() {
    return folder.resolve("log").toFile();
  }

  private static void delete(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
