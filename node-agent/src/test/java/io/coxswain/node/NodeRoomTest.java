package io.coxswain.node;

import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.node.host.ControlGroups.Limit;
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
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// Needs root: what comes to a node that has no room for it. The node has two cpus, a gibibyte and
/// room for three pods.
@EnabledIf("io.coxswain.node.host.Root#present")
class NodeRoomTest {

  private static final String NODE = "node-1";
  private static final Duration SOON = Duration.ofSeconds(30);

  private final InMemoryApi api = new InMemoryApi();
  private final ApiClient client = api.client();
  private final Resources<Pod> pods = client.resources(Pod.class);
  private final List<String> events = new CopyOnWriteArrayList<>();
  private RealRuntime real;
  private NodeAgent agent;

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime();
    agent = agent();
    agent.start();
  }

  @AfterEach
  void close() throws Exception {
    agent.close();
    real.cleanUp();
    api.close();
  }

  private NodeAgent agent() throws Exception {
    NodeOptions node =
        new NodeOptions(
            NODE,
            List.of(InetAddress.ofLiteral("192.0.2.1")),
            Map.of(),
            Map.of(),
            List.of(),
            3,
            2000,
            1L << 30,
            Reserved.parse("--kube-reserved", "memory=24Mi"),
            true,
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            "v1.36.0");
    return new NodeAgent(
        new NodeAgentOptions(
            node,
            real.folders,
            real.options,
            new PluginOptions(real.folders.run().resolve("kubelet"), List.of()),
            Map.of(),
            Duration.ofMinutes(1),
            10 << 20,
            5,
            real.folders.data().resolve("manifests"),
            0,
            PressureOptions.DEFAULT,
            AllowedSysctls.DEFAULT),
        client,
        recorder(),
        new NodeAgent.Providers(
            real.images,
            new FakeVolumes(real.folders.data().resolve("volumes")),
            new FakePodNetwork(),
            new FakeConfigObjects(),
            new NodeAgent.Plugins(real.sockets, List.of(), Set::of),
            real.host),
        new SimpleMeterRegistry(),
        Clock.systemUTC());
  }

  private EventRecorder recorder() {
    return (regarding, type, reason, message) -> events.add(reason + ": " + message);
  }

  private Pod create(String name, int priority, String cpu) {
    Pod.Builder pod = RealRuntime.pod(name, shell("main", "exec sleep 1000")).toBuilder();
    pod.getMetadataBuilder().clearUid();
    pod.getSpecBuilder()
        .setNodeName(NODE)
        .setPriority(priority)
        .setTerminationGracePeriodSeconds(1)
        .getContainersBuilder(0)
        .getResourcesBuilder()
        .putRequests("cpu", Quantities.of(cpu));
    return pods.create(pod.build());
  }

  private void awaitReady(String name) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(pods.read("default", name).getStatus().getConditionsList())
                .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True")));
  }

  private void awaitFailed(String name, String reason, String message) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          PodStatus status = pods.read("default", name).getStatus();
          assertThat(status.getPhase()).isEqualTo("Failed");
          assertThat(status.getReason()).isEqualTo(reason);
          assertThat(status.getMessage()).isEqualTo(message);
        });
  }

  @Test
  void whatDoesNotFitIsRefusedAndACriticalPodMakesRoom() throws Exception {
    create("large", 0, "1500m");
    create("small", 0, "100m");
    awaitReady("large");
    awaitReady("small");
    create("more", 0, "1");
    String lack =
        "Node didn't have enough resource: cpu, requested: 1000, used: 1600, capacity: 2000";
    awaitFailed("more", "OutOfcpu", "Pod was rejected: " + lack);
    assertThat(events).contains("OutOfcpu: " + lack);

    create("critical", 2_000_000_000, "1");
    awaitFailed("large", "Preempting", "Preempted in order to admit critical pod");
    awaitReady("critical");
    assertThat(pods.read("default", "large").getStatus().getConditionsList())
        .anyMatch(one ->
            one.getType().equals("DisruptionTarget")
                && one.getReason().equals("TerminationByKubelet"));
    awaitReady("small");

    // who was refused takes no place, and a deleted one's is free at once
    create("third", 0, "10m");
    awaitReady("third");
    create("fourth", 0, "10m");
    awaitFailed(
        "fourth",
        "OutOfpods",
        "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3");
    for (int i = 0; i < 5; i++) {
      pods.delete("default", "third", DeletePolicy.DEFAULT.withGraceSeconds(1));
      await().atMost(SOON).until(() -> pods.find("default", "third").isEmpty());
      create("third", 0, "10m");
      awaitReady("third");
    }
  }

  @Test
  void anAgentThatComesBackFindsTheRoomOfWhatWasReplacedMeanwhile() throws Exception {
    create("before", 0, "1500m");
    awaitReady("before");
    agent.close();
    pods.delete("default", "before", DeletePolicy.DEFAULT.withGraceSeconds(0));
    create("after", 0, "1500m");
    agent = agent();
    agent.start();
    awaitReady("after");
  }

  @Test
  void podsTogetherGetWhatIsNotReserved() throws Exception {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(real.controlGroups().limit(real.options.cgroupParent(), Limit.MEMORY))
                .isEqualTo(1000L << 20));
    assertThat(real.controlGroups().limit(real.options.cgroupParent(), Limit.CPU_SHARES))
        .isEqualTo(2048);
    await()
        .atMost(SOON)
        .ignoreException(ApiException.class)
        .untilAsserted(() ->
            assertThat(
                    client
                        .resources(Node.class)
                        .read("", NODE)
                        .getStatus()
                        .getAllocatableOrThrow("memory"))
                .isEqualTo(Quantities.of("900Mi")));
    assertThat(events)
        .contains("NodeAllocatableEnforced: Updated Node Allocatable limit across pods");
  }
}
