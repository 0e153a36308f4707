package io.coxswain.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiClient;
import io.coxswain.client.Resources;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.node.network.FakePodNetwork;
import io.coxswain.node.podsource.FakeConfigObjects;
import io.coxswain.node.podworker.AllowedSysctls;
import io.coxswain.node.pressure.PressureOptions;
import io.coxswain.node.runtime.RealRuntime;
import io.coxswain.node.status.NodeOptions;
import io.coxswain.node.status.Reserved;
import io.coxswain.node.volume.FakeVolumes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The whole agent of a node with real containers, against an API in memory. As a process it can
/// end and start again, and then finds what it left behind. [#cleanUp] takes all of it away.
final class RealAgent {

  static final String NODE = "node-1";

  private static final Duration SOON = Duration.ofSeconds(30);

  final InMemoryApi api = new InMemoryApi();
  final ApiClient client = api.client();
  final Resources<Pod> pods = client.resources(Pod.class);

  /// What it told of, as `reason: message`, the oldest first.
  final List<String> events = new CopyOnWriteArrayList<>();

  final RealRuntime real;

  /// These count for an agent that starts from now on.
  PressureOptions pressure = PressureOptions.DEFAULT;

  FakePodNetwork network = new FakePodNetwork();
  private Room room = new Room(110, 0, 0, Reserved.NOTHING);
  private @Nullable NodeAgent running;

  /// What the node has for pods, as [NodeOptions] has it.
  private record Room(int pods, long milliCpus, long memoryBytes, Reserved reserved) {}

  RealAgent(RealRuntime real) {
    this.real = real;
  }

  /// The node has two cpus and a gibibyte, whatever the machine has.
  ///
  /// @param pods how many it takes
  RealAgent small(int pods, Reserved reserved) {
    room = new Room(pods, 2000, 1L << 30, reserved);
    return this;
  }

  void start() throws Exception {
    NodeOptions node =
        new NodeOptions(
            NODE,
            List.of(InetAddress.ofLiteral("192.0.2.1")),
            Map.of(),
            Map.of(),
            List.of(),
            room.pods(),
            room.milliCpus(),
            room.memoryBytes(),
            room.reserved(),
            true,
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            "v1.36.0");
    NodeAgent agent =
        new NodeAgent(
            new NodeAgentOptions(
                node,
                real.folders,
                real.options,
                new PluginOptions(real.folders.run().resolve("kubelet"), List.of()),
                Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
                Duration.ofMinutes(1),
                10 << 20,
                5,
                manifests(),
                0,
                pressure,
                AllowedSysctls.DEFAULT),
            client,
            (regarding, type, reason, message) -> events.add(reason + ": " + message),
            new NodeAgent.Providers(
                real.images,
                new FakeVolumes(real.folders.data().resolve("volumes")),
                network,
                new FakeConfigObjects(),
                new NodeAgent.Plugins(real.sockets, List.of(), Set::of),
                real.host),
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    running = agent;
    agent.start();
  }

  /// Ends the agent; containers go on.
  void end() {
    NodeAgent agent = running;
    running = null;
    if (agent != null) {
      agent.close();
    }
  }

  /// The machine goes down.
  void halt(Duration grace) throws InterruptedException {
    NodeAgent agent = running;
    if (agent != null) {
      agent.halt(grace);
    }
  }

  void cleanUp() throws Exception {
    end();
    real.cleanUp();
    api.close();
  }

  /// Folder of the pods that the node runs by itself.
  Path manifests() {
    return real.folders.data().resolve("manifests");
  }

  /// A pod for this node, which the API does not have yet.
  static Pod.Builder pod(String name, Container... containers) {
    Pod.Builder pod = RealRuntime.pod(name, containers).toBuilder();
    pod.getMetadataBuilder().clearUid();
    pod.getSpecBuilder().setNodeName(NODE);
    return pod;
  }

  Pod read(String name) {
    return pods.read("default", name);
  }

  /// The node's status, as the API has it.
  NodeStatus status() {
    return client.resources(Node.class).read("", NODE).getStatus();
  }

  void awaitReady(String name) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(read(name).getStatus().getConditionsList())
                .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True")));
  }
}
