package io.coxswain.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// Three nodes, each with a small disk of its own in memory, so that it can be filled without harm.
final class SoakCluster implements AutoCloseable {

  private static final int NODES = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /// Of each node's disk: large enough that pods' few files do not count.
  static final long DISK_BYTES = 200L << 20;

  private static final String THRESHOLDS =
      "--eviction-hard nodefs.available<20%,memory.available<50Mi"
          + " --eviction-pressure-transition-period 10s";

  private final TestCluster cluster;
  private final List<String> nodes =
      IntStream.rangeClosed(1, NODES).mapToObj(number -> "node-" + number).toList();
  private final KubernetesClient client;

  private SoakCluster(TestCluster cluster) {
    this.cluster = cluster;
    try {
      for (String node : nodes) {
        Path disk = Files.createDirectories(cluster.data().resolve("nodes").resolve(node));
        shell("mount -t tmpfs -o size=%d,mode=700 soak-disk %s".formatted(DISK_BYTES, disk));
      }
      cluster.coxswain("up", "--nodes", Integer.toString(NODES)).succeeded();
    } catch (IOException e) {
      throw new IllegalStateException("making the nodes' disks", e);
    }
    Config config = Config.fromKubeconfig(cluster.kubeconfig().toFile());
    config.setRequestRetryBackoffLimit(0);
    config.setConnectionTimeout(3_000);
    config.setRequestTimeout(10_000);
    this.client = new KubernetesClientBuilder().withConfig(config).build();
  }

  static SoakCluster up() {
    TestCluster cluster = TestCluster.prepared().with("COXSWAIN_NODE_OPTIONS", THRESHOLDS);
    try {
      return new SoakCluster(cluster);
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  TestCluster cluster() {
    return cluster;
  }

  KubernetesClient client() {
    return client;
  }

  List<String> nodes() {
    return nodes;
  }

  /// The parts that are Java programs, by their names below the run folder.
  List<String> parts() {
    return List.of("server", "node-1", "node-2", "node-3");
  }

  Path disk(String node) {
    return cluster.data().resolve("nodes").resolve(node);
  }

  /// The process of a part; empty between two lives.
  OptionalLong pid(String part) {
    try {
      return OptionalLong.of(
          Long.parseLong(Files.readString(cluster.run().resolve(part + ".pid")).strip()));
    } catch (NoSuchFileException | NumberFormatException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw new IllegalStateException("the pid of " + part, e);
    }
  }

  /// kill -9.
  boolean kill(String part) {
    OptionalLong pid = part.endsWith(".supervisor") ? supervisor(part) : pid(part);
    return pid.isPresent()
        && ProcessHandle.of(pid.getAsLong()).map(ProcessHandle::destroyForcibly).orElse(false);
  }

  private OptionalLong supervisor(String file) {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(cluster.run().resolve(file)).strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /// All processes of a node at once: supervisor, agent, monitors and pods.
  void losePower(String node) {
    kill(node + ".supervisor");
    kill(node);
    shell(
        "%s --processes %s %s %s"
            .formatted(
                cluster.home().resolve("deploy/libexec/node-cleanup"),
                cluster.name() + "-" + node,
                cluster.run().resolve(node),
                disk(node)));
  }

  /// Whatever does not run starts again, and all nodes are ready.
  void wellAgain() {
    cluster.coxswain("up").succeeded();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            cluster
                .kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=20s")
                .succeeded());
  }

  static Command.Result shell(String line) {
    return Command.run(Duration.ofSeconds(60), Map.of(), "", List.of("sh", "-c", line)).succeeded();
  }

  @Override
  public void close() {
    client.close();
    cluster.close();
  }
}
