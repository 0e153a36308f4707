package io.coxswain.node;

import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.ControlGroups.Limit;
import io.coxswain.node.runtime.RealRuntime;
import io.coxswain.node.status.Reserved;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// Needs root: running pods get other resources (KEP-1287), and the kernel's own files say so. The
/// node has two cpus for pods.
@EnabledIf("io.coxswain.node.host.Root#present")
class PodResizeTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private RealRuntime real;
  private RealAgent agent;
  private Resources<Pod> pods;

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime();
    agent = new RealAgent(real).small(110, Reserved.NOTHING);
    pods = agent.pods;
    agent.start();
  }

  @AfterEach
  void close() throws Exception {
    agent.cleanUp();
  }

  /// Reasons of the events about resizing.
  private List<String> resizes() {
    return agent.events.stream()
        .filter(event -> event.startsWith("Resize"))
        .map(event -> event.substring(0, event.indexOf(':')))
        .toList();
  }

  /// @param amounts as `cpu=100m`, limits of which requests are the same
  private static ResourceRequirements amounts(String... amounts) {
    ResourceRequirements.Builder resources = ResourceRequirements.newBuilder();
    for (String amount : amounts) {
      String[] pair = amount.split("=", 2);
      resources
          .putRequests(pair[0], Quantities.of(pair[1]))
          .putLimits(pair[0], Quantities.of(pair[1]));
    }
    return resources.build();
  }

  private static Container sleeper(String name, String... amounts) {
    return shell(name, "exec sleep 1000").toBuilder().setResources(amounts(amounts)).build();
  }

  private void create(String name, Container... containers) {
    create(name, spec -> {}, containers);
  }

  private void create(String name, Consumer<PodSpec.Builder> change, Container... containers) {
    Pod.Builder pod = RealAgent.pod(name, containers);
    pod.getSpecBuilder().setTerminationGracePeriodSeconds(1);
    change.accept(pod.getSpecBuilder());
    Pod _ = pods.create(pod.build());
    await()
        .atMost(SOON)
        .until(() -> condition(name, "Ready").filter(PodResizeTest::is).isPresent());
  }

  private static boolean is(PodCondition condition) {
    return condition.getStatus().equals("True");
  }

  private ContainerStatus status(String name, int container) {
    return agent.read(name).getStatus().getContainerStatuses(container);
  }

  private Optional<PodCondition> condition(String name, String type) {
    return agent.read(name).getStatus().getConditionsList().stream()
        .filter(one -> one.getType().equals(type))
        .findFirst();
  }

  /// As a person does by the pod's `resize`.
  private void resize(String name, ResourceRequirements... resources) {
    change(
        name,
        spec -> {
          for (int i = 0; i < resources.length; i++) {
            spec.getContainersBuilder(i).setResources(resources[i]);
          }
        });
  }

  private void change(String name, Consumer<PodSpec.Builder> change) {
    while (true) {
      Pod.Builder changed = agent.read(name).toBuilder();
      change.accept(changed.getSpecBuilder());
      try {
        Pod _ = pods.update(changed.build());
        return;
      } catch (ApiException e) {
        assertThat(e.isConflict()).as("%s", e).isTrue();
      }
    }
  }

  private String group(String name) {
    return real.runtime.cgroup(agent.read(name));
  }

  private String group(String name, int container) {
    return group(name)
        + "/"
        + status(name, container).getContainerID().substring("coxswain://".length());
  }

  private long limit(String group, Limit what) {
    try {
      return real.controlGroups().limit(group, what);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitResized(String name) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          Pod pod = agent.read(name);
          assertThat(pod.getStatus().getObservedGeneration())
              .isEqualTo(pod.getMetadata().getGeneration());
          assertThat(condition(name, "PodResizePending")).isEmpty();
          assertThat(condition(name, "PodResizeInProgress")).isEmpty();
          assertThat(condition(name, "Ready")).get().matches(PodResizeTest::is);
          for (int i = 0; i < pod.getSpec().getContainersCount(); i++) {
            assertThat(pod.getStatus().getContainerStatuses(i).getResources())
                .isEqualTo(pod.getSpec().getContainers(i).getResources());
          }
        });
  }

  @Test
  void theKernelAllowsMoreAndLessAndNothingIsStartedAgain() {
    create(
        "web",
        sleeper("one", "cpu=100m", "memory=64Mi"),
        sleeper("two", "cpu=200m", "memory=96Mi"));
    String before = status("web", 0).getContainerID();
    assertThat(limit(group("web"), Limit.CPU_QUOTA)).isEqualTo(30_000);

    resize("web", amounts("cpu=400m", "memory=128Mi"), amounts("cpu=100m", "memory=64Mi"));
    awaitResized("web");
    assertThat(limit(group("web", 0), Limit.CPU_QUOTA)).isEqualTo(40_000);
    assertThat(limit(group("web", 0), Limit.MEMORY)).isEqualTo(128 << 20);
    assertThat(limit(group("web", 1), Limit.CPU_QUOTA)).isEqualTo(10_000);
    assertThat(limit(group("web", 1), Limit.MEMORY)).isEqualTo(64 << 20);
    assertThat(limit(group("web"), Limit.CPU_QUOTA)).isEqualTo(50_000);
    assertThat(limit(group("web"), Limit.MEMORY)).isEqualTo(192 << 20);

    resize("web", amounts("cpu=100m", "memory=64Mi"), amounts("cpu=100m", "memory=64Mi"));
    awaitResized("web");
    assertThat(limit(group("web", 0), Limit.MEMORY)).isEqualTo(64 << 20);
    assertThat(limit(group("web"), Limit.CPU_QUOTA)).isEqualTo(20_000);
    assertThat(limit(group("web"), Limit.MEMORY)).isEqualTo(128 << 20);
    assertThat(status("web", 0))
        .matches(one -> one.getContainerID().equals(before) && one.getRestartCount() == 0);
    assertThat(resizes())
        .containsExactly("ResizeStarted", "ResizeCompleted", "ResizeStarted", "ResizeCompleted");
  }

  @Test
  void aContainerWhosePolicySaysSoStartsAgainAlone() {
    Container.Builder restarts = sleeper("one", "cpu=100m", "memory=64Mi").toBuilder();
    restarts
        .addResizePolicyBuilder()
        .setResourceName("memory")
        .setRestartPolicy("RestartContainer");
    create(
        "web",
        spec -> spec.setRestartPolicy("OnFailure"),
        restarts.build(),
        sleeper("two", "cpu=100m", "memory=64Mi"));
    String other = status("web", 1).getContainerID();

    resize("web", amounts("cpu=200m", "memory=128Mi"), amounts("cpu=100m", "memory=96Mi"));
    awaitResized("web");
    assertThat(status("web", 0).getRestartCount()).isEqualTo(1);
    assertThat(limit(group("web", 0), Limit.MEMORY)).isEqualTo(128 << 20);
    assertThat(limit(group("web", 0), Limit.CPU_QUOTA)).isEqualTo(20_000);
    assertThat(limit(group("web"), Limit.MEMORY)).isEqualTo(224 << 20);
    assertThat(status("web", 1).getContainerID()).isEqualTo(other);

    resize("web", amounts("cpu=100m", "memory=128Mi"), amounts("cpu=100m", "memory=96Mi"));
    awaitResized("web");
    assertThat(status("web", 0).getRestartCount()).as("cpu needs none").isEqualTo(1);
  }

  @Test
  void whatTheNodeHasNoRoomForWaitsForIt() {
    create("web", sleeper("main", "cpu=500m"));
    create("other", sleeper("main", "cpu=1200m"));
    resize("web", amounts("cpu=1"));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(condition("web", "PodResizePending"))
                .get()
                .matches(one -> one.getReason().equals("Deferred"))
                .matches(one -> one.getObservedGeneration() == 2)
                .matches(one -> one.getMessage().contains("used: 1200, capacity: 2000")));
    assertThat(status("web", 0).getAllocatedResourcesOrThrow("cpu").getString()).isEqualTo("500m");
    assertThat(limit(group("web", 0), Limit.CPU_QUOTA)).isEqualTo(50_000);

    pods.delete("default", "other", DeletePolicy.DEFAULT.withGraceSeconds(1));
    awaitResized("web");
    assertThat(limit(group("web", 0), Limit.CPU_QUOTA)).isEqualTo(100_000);

    resize("web", amounts("cpu=3"));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(condition("web", "PodResizePending"))
                .get()
                .matches(one -> one.getReason().equals("Infeasible")));
    resize("web", amounts("cpu=1"));
    awaitResized("web");
    assertThat(resizes())
        .containsExactly("ResizeDeferred", "ResizeStarted", "ResizeCompleted", "ResizeInfeasible");
  }

  @Test
  void memoryInUseIsNotTakenAway() {
    Container holds =
        shell("main", "dd if=/dev/zero of=/dev/shm/held bs=1M count=40; exec sleep 1000")
            .toBuilder()
            .setResources(amounts("memory=128Mi"))
            .build();
    create("web", holds);
    await()
        .atMost(SOON)
        .until(() -> real.controlGroups().usage(group("web", 0)).memoryBytes() > 40 << 20);
    resize("web", amounts("memory=16Mi"));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(condition("web", "PodResizeInProgress"))
                .get()
                .matches(one -> one.getReason().equals("Error"))
                .matches(one -> one.getMessage().contains("memory limit (16777216) below current"))
                .matches(one -> one.getObservedGeneration() == 2));
    assertThat(limit(group("web", 0), Limit.MEMORY)).isEqualTo(128 << 20);
    assertThat(status("web", 0).getResources().getLimitsOrThrow("memory").getString())
        .isEqualTo("128Mi");
    assertThat(status("web", 0).getAllocatedResourcesOrThrow("memory").getString())
        .isEqualTo("16Mi");

    resize("web", amounts("memory=96Mi"));
    awaitResized("web");
    assertThat(limit(group("web", 0), Limit.MEMORY)).isEqualTo(96 << 20);
    assertThat(status("web", 0).getRestartCount()).isZero();
    assertThat(resizes()).contains("ResizeError").endsWith("ResizeCompleted");
  }

  @Test
  void thePodAsAWholeGetsMoreAndLess() {
    Container.Builder restarts = sleeper("one").toBuilder();
    restarts.addResizePolicyBuilder().setResourceName("cpu").setRestartPolicy("RestartContainer");
    create(
        "web",
        spec -> spec.setResources(amounts("cpu=400m", "memory=128Mi")),
        restarts.build(),
        sleeper("two", "cpu=100m", "memory=64Mi"));
    assertThat(limit(group("web"), Limit.CPU_QUOTA)).isEqualTo(40_000);
    assertThat(limit(group("web", 0), Limit.CPU_QUOTA)).as("its pod's").isEqualTo(40_000);
    assertThat(limit(group("web", 0), Limit.CPU_SHARES)).as("it asks for nothing").isEqualTo(2);
    assertThat(limit(group("web", 1), Limit.CPU_QUOTA)).isEqualTo(10_000);
    String other = status("web", 1).getContainerID();

    resizePod("web", amounts("cpu=400m", "memory=256Mi"));
    awaitResized("web");
    assertThat(limit(group("web"), Limit.MEMORY)).isEqualTo(256 << 20);
    assertThat(limit(group("web", 0), Limit.MEMORY)).isEqualTo(256 << 20);
    assertThat(status("web", 0).getRestartCount()).isZero();

    resizePod("web", amounts("cpu=200m", "memory=256Mi"));
    awaitResized("web");
    assertThat(limit(group("web"), Limit.CPU_QUOTA)).isEqualTo(20_000);
    assertThat(limit(group("web"), Limit.CPU_SHARES)).isEqualTo(204);
    assertThat(limit(group("web", 0), Limit.CPU_QUOTA)).isEqualTo(20_000);
    assertThat(status("web", 0).getRestartCount()).isEqualTo(1);
    assertThat(status("web", 1).getContainerID()).isEqualTo(other);
    Pod pod = agent.read("web");
    assertThat(pod.getStatus().getResources()).isEqualTo(pod.getSpec().getResources());
    assertThat(pod.getStatus().getAllocatedResourcesMap())
        .isEqualTo(pod.getSpec().getResources().getRequestsMap());
    assertThat(pod.getStatus().getQosClass()).isEqualTo("Guaranteed");
  }

  private void resizePod(String name, ResourceRequirements resources) {
    change(name, spec -> spec.setResources(resources));
  }

  @Test
  void anotherAgentEndsWhatOneBegan() throws Exception {
    create("web", sleeper("main", "cpu=500m", "memory=128Mi"));
    create("waits", sleeper("main", "cpu=100m"));
    resize("waits", amounts("cpu=1800m"));
    await().atMost(SOON).until(() -> condition("waits", "PodResizePending").isPresent());
    String before = status("web", 0).getContainerID();
    agent.end();
    // as one that was killed when it had written down what it set aside, and done a half of it
    resize("web", amounts("cpu=200m", "memory=64Mi"));
    real.runtime.note(agent.read("web"));
    real.controlGroups().limit(group("web", 0), Limit.MEMORY, 64 << 20);
    resize("waits", amounts("cpu=1900m"));

    agent.start();
    awaitResized("web");
    assertThat(limit(group("web", 0), Limit.MEMORY)).isEqualTo(64 << 20);
    assertThat(limit(group("web", 0), Limit.CPU_QUOTA)).isEqualTo(20_000);
    assertThat(limit(group("web"), Limit.CPU_QUOTA)).isEqualTo(20_000);
    assertThat(limit(group("web"), Limit.MEMORY)).isEqualTo(64 << 20);
    assertThat(status("web", 0))
        .matches(one -> one.getContainerID().equals(before) && one.getRestartCount() == 0);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(condition("waits", "PodResizePending"))
                .get()
                .matches(one -> one.getReason().equals("Deferred"))
                .matches(one -> one.getObservedGeneration() == 3));
    assertThat(status("waits", 0).getAllocatedResourcesOrThrow("cpu").getString())
        .isEqualTo("100m");
  }
}
