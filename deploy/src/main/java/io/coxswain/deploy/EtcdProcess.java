package io.coxswain.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A one-member etcd as a child. It is started again when it ends, and outlives a crash of this
/// process: the next start finds it by its pid file and adopts it, so that no write waits for etcd
/// to come up again.
///
/// It listens on a socket in a folder that is closed to others, which this process uses: what one
/// machine keeps to itself need not be encrypted, and that was a third of what talking to etcd
/// cost. For people's tools it also listens on loopback, and asks for a certificate of the
/// cluster's CA.
final class EtcdProcess implements AutoCloseable {

  /// PEM files.
  record Tls(Path authority, Path certificate, Path key) {}

  private static final Logger log = LoggerFactory.getLogger(EtcdProcess.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);
  private static final Duration PATIENCE_AT_END = Duration.ofSeconds(10);
  private static final Duration RAN_WELL = Duration.ofMinutes(1);

  /// etcd takes a socket's name only in the form of a host and a port, and makes it in the folder
  /// that it is started in.
  private static final String SOCKET = "client:0";

  /// Of `sun_path`, with the zero that ends it (unix(7)).
  private static final int MOST_PATH_BYTES = 107;

  private final Path data;
  private final Path run;
  private final Path pidFile;
  private final Path logFile;
  private final Tls tls;
  private final boolean adopted;
  private final int clientPort;
  private final int peerPort;
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile ProcessHandle process;

  private EtcdProcess(Path data, Path run, Path pidFile, Path logFile, Tls tls) {
    this.data = data;
    this.run = run;
    this.pidFile = pidFile;
    this.logFile = logFile;
    this.tls = tls;
    Optional<ProcessHandle> survivor = survivor();
    List<Integer> ports = ports(survivor.isPresent());
    this.clientPort = ports.get(0);
    this.peerPort = ports.get(1);
    this.adopted = survivor.isPresent();
    this.process = survivor.orElseGet(this::spawn);
  }

  /// Starts etcd, or adopts the one that is still there. Does not wait until it answers.
  ///
  /// @param run folder for its socket, which nobody else uses
  static EtcdProcess start(Path data, Path run, Path pidFile, Path logFile, Tls tls) {
    EtcdProcess etcd = new EtcdProcess(data, run, pidFile, logFile, tls);
    Thread.ofVirtual().name("etcd-keeper").start(etcd::keep);
    return etcd;
  }

  URI endpoint() {
    return URI.create("https://127.0.0.1:" + clientPort);
  }

  /// The socket, when etcd has one: its path may be too long, and an etcd that was adopted may be
  /// older than this folder.
  Optional<Path> socket() {
    Path socket = run.resolve(SOCKET);
    boolean fits = socket.toString().getBytes(StandardCharsets.UTF_8).length <= MOST_PATH_BYTES;
    return fits && (!adopted || Files.exists(socket)) ? Optional.of(socket) : Optional.empty();
  }

  long pid() {
    return process.pid();
  }

  private Optional<ProcessHandle> survivor() {
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    try {
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      // the pid may be another program's by now
      String command = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
      if (command.contains("etcd") && command.contains(data.toString())) {
        log.info("adopting etcd, pid {}", pid);
        return ProcessHandle.of(pid);
      }
    } catch (IOException | NumberFormatException e) {
      log.debug("no etcd to adopt: {}", e.toString());
    }
    return Optional.empty();
  }

  /// The ports of the last start when they are free, so that an endpoint someone wrote down stays
  /// right.
  private List<Integer> ports(boolean running) {
    Path file = data.resolve("ports");
    try {
      if (Files.exists(file)) {
        List<Integer> ports =
            Files.readAllLines(file).stream().map(line -> Integer.parseInt(line.strip())).toList();
        if (ports.size() == 2 && (running || ports.stream().allMatch(EtcdProcess::isFree))) {
          return ports;
        }
      }
      List<Integer> ports = freePorts();
      Files.createDirectories(data);
      Files.writeString(file, ports.get(0) + "\n" + ports.get(1) + "\n");
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot choose etcd's ports in " + file, e);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static List<Integer> freePorts() throws IOException {
    try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return List.of(first.getLocalPort(), second.getLocalPort());
    }
  }

  private ProcessHandle spawn() {
    List<String> command = new ArrayList<>(List.of("etcd", "--name", "coxswain"));
    command.addAll(List.of("--data-dir", data.resolve("member-data").toString()));
    command.addAll(List.of("--listen-client-urls", endpoint() + ",unix://" + SOCKET));
    command.addAll(List.of("--advertise-client-urls", endpoint().toString()));
    String peer = "https://127.0.0.1:" + peerPort;
    command.addAll(List.of("--listen-peer-urls", peer));
    command.addAll(List.of("--initial-advertise-peer-urls", peer));
    command.addAll(List.of("--initial-cluster", "coxswain=" + peer));
    for (String side : List.of("", "peer-")) {
      command.addAll(List.of("--" + side + "trusted-ca-file", tls.authority().toString()));
      command.addAll(List.of("--" + side + "cert-file", tls.certificate().toString()));
      command.addAll(List.of("--" + side + "key-file", tls.key().toString()));
      command.add("--" + side + "client-cert-auth");
    }
    // one member has nobody to wait for: it answers when it has elected itself, one to five beats
    // after its start
    command.addAll(List.of("--heartbeat-interval", "100", "--election-timeout", "500"));
    // what is written is on the disk in the log at once, and in the database this much later
    command.addAll(List.of("--backend-batch-interval", "1s"));
    command.addAll(List.of("--quota-backend-bytes", Long.toString(8L << 30)));
    command.addAll(List.of("--logger", "zap", "--log-level", "warn"));
    try {
      Files.createDirectories(data);
      Files.createDirectories(run);
      // it does not start when the one before it left its socket
      Files.deleteIfExists(run.resolve(SOCKET));
      Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
      Files.createDirectories(logFile.toAbsolutePath().getParent());
      ProcessBuilder builder = new ProcessBuilder(command).directory(run.toFile());
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
      builder.environment().put("GOGC", "50");
      // It shares the machine with everything else. Each processor that it may use is woken to look
      // for work whenever there is some: on two, an idle etcd costs a quarter more than on one.
      int processors = Runtime.getRuntime().availableProcessors();
      builder.environment().put("GOMAXPROCS", Integer.toString(Math.max(1, processors / 2)));
      Process started = builder.start();
      started.getOutputStream().close();
      Files.createDirectories(pidFile.toAbsolutePath().getParent());
      Files.writeString(pidFile, started.pid() + "\n");
      log.info("started etcd, pid {}, at {}", started.pid(), endpoint());
      return started.toHandle();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot start etcd: is the package etcd-server installed? " + e.getMessage(), e);
    }
  }

  private void keep() {
    Duration delay = FIRST_DELAY;
    try {
      while (!closing.get()) {
        long began = System.nanoTime();
        process.onExit().get();
        if (closing.get()) {
          return;
        }
        if (System.nanoTime() - began > RAN_WELL.toNanos()) {
          delay = FIRST_DELAY;
        }
        log.warn(
            "etcd ended; starting it again in {} ms. Its log is {}", delay.toMillis(), logFile);
        TimeUnit.MILLISECONDS.sleep(delay.toMillis());
        delay =
            delay.multipliedBy(2).compareTo(LONGEST_DELAY) < 0
                ? delay.multipliedBy(2)
                : LONGEST_DELAY;
        process = spawn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      log.error("lost track of etcd", e.getCause());
    }
  }

  /// Ends etcd and waits for it.
  @Override
  public void close() {
    closing.set(true);
    process.destroy();
    try {
      process.onExit().get(PATIENCE_AT_END.toMillis(), TimeUnit.MILLISECONDS);
      Files.deleteIfExists(pidFile);
    } catch (TimeoutException e) {
      log.warn("etcd did not end in {} s: killed", PATIENCE_AT_END.toSeconds());
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | IOException e) {
      log.warn("ending etcd: {}", e.toString());
    }
  }
}
