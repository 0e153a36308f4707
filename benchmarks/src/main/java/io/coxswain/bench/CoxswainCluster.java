package io.coxswain.bench;

import io.coxswain.client.ApiClient;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.client.rpc.GrpcTransport;
import io.coxswain.client.rpc.TransportClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A cluster by `bin/coxswain`, in the network namespace that this program runs in: of one node,
/// all in one process, or of several, whose agents are processes of their own.
final class CoxswainCluster implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int PORT = 6443;

  private final Setting setting;
  private final String letter;
  private final int nodes;
  private final int port;
  private final ProcessGroup programs;
  private final ProcessGroup pods;

  CoxswainCluster(Setting setting) throws IOException {
    this(setting, "c", 1, PORT);
  }

  /// @param letter apart from those of others that run at the same time
  /// @param port and the one after it
  CoxswainCluster(Setting setting, String letter, int nodes, int port) throws IOException {
    this.setting = setting;
    this.letter = letter;
    this.nodes = nodes;
    this.port = port;
    this.programs = ProcessGroup.named(setting.id() + "-coxswain-" + letter).create();
    this.pods = ProcessGroup.named(setting.id() + "-" + letter + (nodes > 1 ? "-" + node() : ""));
  }

  /// The last of its nodes.
  String node() {
    return "node-" + nodes;
  }

  /// Of the last node.
  Path networkNamespace() {
    return Path.of("/run/netns", setting.id() + "-" + letter + (nodes > 1 ? "-" + node() : ""));
  }

  /// Starts it, or what of it does not run, and waits until the node is ready.
  ///
  /// @return seconds that it took
  double up() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    coxswain("up", "--nodes", Integer.toString(nodes), "--port", Integer.toString(port));
    return (System.nanoTime() - begin) / 1e9;
  }

  void down() throws IOException, InterruptedException {
    coxswain("down");
  }

  void purge() throws IOException, InterruptedException {
    coxswain("down", "--now", "--purge");
  }

  private void coxswain(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(programs.enter());
    command.add(setting.home().resolve("bin/coxswain").toString());
    command.addAll(List.of(arguments));
    Program.run(PATIENCE, environment(), command);
  }

  Path kubeconfig() {
    return folder().resolve("data/pki/admin.kubeconfig");
  }

  /// As the administrator. The caller closes both.
  GrpcConnection connect() throws IOException {
    Path pki = folder().resolve("data/pki");
    return GrpcConnection.open(
        "127.0.0.1",
        port + 1,
        new ClientIdentity(
            pki.resolve("ca.crt"), pki.resolve("admin.crt"), pki.resolve("admin.key")));
  }

  static ApiClient client(GrpcConnection connection) {
    return new TransportClient(new GrpcTransport(connection));
  }

  /// Everything but what runs inside containers.
  ProcessGroup programs() {
    return programs;
  }

  /// What runs inside containers.
  ProcessGroup pods() {
    return pods;
  }

  private Path folder() {
    return setting.root().resolve(letter);
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("COXSWAIN_NAME", setting.id() + "-" + letter);
    environment.put("COXSWAIN_DATA", folder().resolve("data").toString());
    environment.put("COXSWAIN_RUN", setting.root().resolve("run").resolve(letter).toString());
    environment.put("COXSWAIN_LOGS", folder().resolve("logs").toString());
    environment.put("HOME", setting.root().toString());
    return environment;
  }

  @Override
  public void close() throws IOException {
    try {
      purge();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ending it", e);
    }
  }
}
