package io.coxswain.node;

import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.ControlGroups.Limit;
import io.coxswain.node.runtime.RealRuntime;
import io.coxswain.node.status.Reserved;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// Needs root: what comes to a node that has no room for it. The node has two cpus, a gibibyte and
/// room for three pods.
@EnabledIf("io.coxswain.node.host.Root#present")
class NodeRoomTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private RealRuntime real;
  private RealAgent agent;
  private Resources<Pod> pods;

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime();
    agent = new RealAgent(real).small(3, Reserved.parse("--kube-reserved", "memory=24Mi"));
    pods = agent.pods;
    agent.start();
  }

  @AfterEach
  void close() throws Exception {
    agent.cleanUp();
  }

  private Pod create(String name, int priority, String cpu) {
    Pod.Builder pod = RealAgent.pod(name, shell("main", "exec sleep 1000"));
    pod.getSpecBuilder()
        .setPriority(priority)
        .setTerminationGracePeriodSeconds(1)
        .getContainersBuilder(0)
        .getResourcesBuilder()
        .putRequests("cpu", Quantities.of(cpu));
    return pods.create(pod.build());
  }

  private void awaitFailed(String name, String reason, String message) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          PodStatus status = agent.read(name).getStatus();
          assertThat(status.getPhase()).isEqualTo("Failed");
          assertThat(status.getReason()).isEqualTo(reason);
          assertThat(status.getMessage()).isEqualTo(message);
        });
  }

  @Test
  void whatDoesNotFitIsRefusedAndACriticalPodMakesRoom() throws Exception {
    create("large", 0, "1500m");
    create("small", 0, "100m");
    agent.awaitReady("large");
    agent.awaitReady("small");
    create("more", 0, "1");
    String lack =
        "Node didn't have enough resource: cpu, requested: 1000, used: 1600, capacity: 2000";
    awaitFailed("more", "OutOfcpu", "Pod was rejected: " + lack);
    assertThat(agent.events).contains("OutOfcpu: " + lack);

    create("critical", 2_000_000_000, "1");
    awaitFailed("large", "Preempting", "Preempted in order to admit critical pod");
    agent.awaitReady("critical");
    assertThat(agent.read("large").getStatus().getConditionsList())
        .anyMatch(one ->
            one.getType().equals("DisruptionTarget")
                && one.getReason().equals("TerminationByKubelet"));
    agent.awaitReady("small");

    // who was refused takes no place, and a deleted one's is free at once
    create("third", 0, "10m");
    agent.awaitReady("third");
    create("fourth", 0, "10m");
    awaitFailed(
        "fourth",
        "OutOfpods",
        "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3");
    for (int i = 0; i < 5; i++) {
      pods.delete("default", "third", DeletePolicy.DEFAULT.withGraceSeconds(1));
      await().atMost(SOON).until(() -> pods.find("default", "third").isEmpty());
      create("third", 0, "10m");
      agent.awaitReady("third");
    }
  }

  @Test
  void anAgentThatComesBackFindsTheRoomOfWhatWasReplacedMeanwhile() throws Exception {
    create("before", 0, "1500m");
    agent.awaitReady("before");
    agent.end();
    pods.delete("default", "before", DeletePolicy.DEFAULT.withGraceSeconds(0));
    create("after", 0, "1500m");
    agent.start();
    agent.awaitReady("after");
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
            assertThat(agent.status().getAllocatableOrThrow("memory"))
                .isEqualTo(Quantities.of("900Mi")));
    assertThat(agent.events)
        .contains("NodeAllocatableEnforced: Updated Node Allocatable limit across pods");
  }
}
