package io.coxswain.node;

import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStateTerminated;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.image.ImageConfig;
import io.coxswain.node.network.FakePodNetwork;
import io.coxswain.node.pressure.PressureOptions;
import io.coxswain.node.pressure.Thresholds;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.RealRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// Needs root: the whole agent with real containers, against an API in memory.
@EnabledIf("io.coxswain.node.host.Root#present")
class NodeAgentTest {

  private RealRuntime real;
  private RealAgent agent;
  private Resources<Pod> pods;

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime();
    agent = new RealAgent(real);
    pods = agent.pods;
    pressure(Thresholds.DEFAULT_HARD);
    agent.start();
  }

  @AfterEach
  void close() throws Exception {
    agent.cleanUp();
  }

  private void pressure(String evictionHard) {
    agent.pressure =
        new PressureOptions(
            Thresholds.parse(evictionHard, "", "", ""),
            Duration.ofSeconds(1),
            Duration.ZERO,
            Duration.ofMillis(200));
  }

  private Pod create(String name, String restartPolicy, Container... containers) {
    Pod.Builder pod = RealAgent.pod(name, containers);
    pod.getSpecBuilder().setRestartPolicy(restartPolicy).setTerminationGracePeriodSeconds(5);
    return pods.create(pod.build());
  }

  private static Set<String> trueConditions(Pod pod) {
    return pod.getStatus().getConditionsList().stream()
        .filter(one -> one.getStatus().equals("True"))
        .map(one -> one.getType())
        .collect(Collectors.toSet());
  }

  @Test
  void twoContainersRunAndAreReportedAndGoWithTheirPod() {
    Pod created =
        create(
            "web",
            "Always",
            shell("one", "sleep 1000"),
            shell("two", "trap 'exit 0' TERM; while :; do sleep 0.1; done"));
    agent.awaitReady("web");
    Pod pod = agent.read("web");
    assertThat(pod.getStatus().getPhase()).isEqualTo("Running");
    assertThat(pod.getStatus().getPodIP()).startsWith("10.244.250.");
    assertThat(pod.getStatus().getHostIP()).isEqualTo("192.0.2.1");
    assertThat(pod.getStatus().getQosClass()).isEqualTo("BestEffort");
    assertThat(pod.getStatus().getContainerStatusesList())
        .allMatch(one -> one.getReady() && one.getStarted() && one.getState().hasRunning());
    assertThat(trueConditions(pod))
        .containsExactlyInAnyOrder(
            "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready");

    pods.delete("default", "web", DeletePolicy.DEFAULT.withGraceSeconds(1));
    await().atMost(Duration.ofSeconds(20)).until(() -> pods.find("default", "web").isEmpty());
    assertThat(real.folders.podFile(created.getMetadata().getUid())).doesNotExist();
  }

  @Test
  void theNodeRegistersAndRenewsItsLease() {
    await()
        .untilAsserted(() -> {
          Node node = agent.client.resources(Node.class).read("", RealAgent.NODE);
          assertThat(node.getMetadata().getLabelsMap())
              .containsEntry("kubernetes.io/hostname", RealAgent.NODE);
          assertThat(node.getStatus().getConditionsList())
              .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True"));
          assertThat(node.getStatus().getAllocatableMap()).containsKeys("cpu", "memory", "pods");
          assertThat(
                  agent
                      .client
                      .resources(Lease.class)
                      .read("kube-node-lease", RealAgent.NODE)
                      .getSpec())
              .matches(spec -> spec.getLeaseDurationSeconds() == 10);
        });
  }

  @Test
  void aJobEndsAndAFailureIsStartedAgain() {
    create("job", "Never", shell("main", "exit 0"));
    create("crash", "Always", shell("main", "sleep 0.2; exit 1"));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> agent.read("job").getStatus().getPhase().equals("Succeeded"));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          var status = agent.read("crash").getStatus().getContainerStatuses(0);
          assertThat(status.getRestartCount()).isEqualTo(1);
          assertThat(status.getState().getWaiting().getReason()).isEqualTo("CrashLoopBackOff");
          assertThat(status.getLastState().getTerminated().getExitCode()).isEqualTo(1);
        });
  }

  private Pod withImages(String name, String script, boolean mounted, String... references) {
    Container.Builder container = shell("main", script).toBuilder();
    Pod.Builder pod = RealAgent.pod(name);
    pod.getSpecBuilder().setTerminationGracePeriodSeconds(1);
    for (int i = 0; i < references.length; i++) {
      pod.getSpecBuilder()
          .addVolumesBuilder()
          .setName("v" + i)
          .getVolumeSourceBuilder()
          .getImageBuilder()
          .setReference(references[i]);
      if (mounted) {
        container.addVolumeMountsBuilder().setName("v" + i).setMountPath("/v" + i);
      }
    }
    pod.getSpecBuilder().addContainers(container);
    return pods.create(pod.build());
  }

  @Test
  void anImageIsAVolume() throws Exception {
    Path files = Files.createDirectories(real.folders.data().resolve("files"));
    Files.writeString(Files.createDirectories(files.resolve("sub")).resolve("said"), "hello");
    var _ = real.images.with("data", files, ImageConfig.EMPTY);
    Pod reader =
        withImages(
            "reader",
            "echo $(cat /v0/sub/said /v1/sub/said) $(touch /v0/x 2>&1); exec sleep 1000",
            true,
            "data",
            "data");
    Pod unused = withImages("unused", "exec sleep 1000", false, "absent");
    Pod waits = withImages("waits", "exec sleep 1000", true, "absent");
    agent.awaitReady("reader");
    agent.awaitReady("unused");
    assertThat(unused.getSpec().getVolumesCount()).isEqualTo(1);
    Path log =
        real.runtime.log(agent.read("reader"), real.runtime.containers(uid("reader")).getFirst());
    await()
        .untilAsserted(() ->
            assertThat(Files.readAllLines(log))
                .extracting(line -> line.replaceFirst("^[^ ]+ [^ ]+ [^ ]+ ", ""))
                .containsExactly("hellohello touch: /v0/x: Read-only file system"));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          var waiting =
              agent.read("waits").getStatus().getContainerStatuses(0).getState().getWaiting();
          assertThat(waiting.getReason()).isEqualTo("ErrImagePull");
          assertThat(waiting.getMessage()).contains("volume \"v0\" of image \"absent\"");
        });
    pods.delete("default", "reader", DeletePolicy.DEFAULT.withGraceSeconds(0));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            real.images.rootfsOwners().stream()
                .noneMatch(owner -> owner.startsWith(reader.getMetadata().getUid())));
    pods.delete("default", waits.getMetadata().getName(), DeletePolicy.DEFAULT.withGraceSeconds(0));
  }

  private String uid(String name) {
    return agent.read(name).getMetadata().getUid();
  }

  private void manifest(String name, String message) throws Exception {
    Files.writeString(
        agent.manifests().resolve(name + ".yaml"),
        """
        kind: Pod
        metadata: {name: %s}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - {name: main, image: busybox, command: [sh, -c, "echo %s; exec sleep 1000"]}
        """
            .formatted(name, message));
  }

  private void awaitMirror() {
    awaitMirror("own-node-1");
  }

  private void awaitMirror(String name) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(ApiException.class)
        .untilAsserted(() -> assertThat(trueConditions(agent.read(name))).contains("Ready"));
  }

  private String containerOfMirror() {
    return agent.read("own-node-1").getStatus().getContainerStatuses(0).getContainerID();
  }

  @Test
  void aManifestsPodRunsIsShownAndGoesWithIt() throws Exception {
    manifest("own", "first");
    awaitMirror();
    Pod mirror = agent.read("own-node-1");
    String hash = mirror.getMetadata().getAnnotationsOrThrow("kubernetes.io/config.hash");
    assertThat(mirror.getMetadata().getAnnotationsMap())
        .containsEntry("kubernetes.io/config.source", "file")
        .containsEntry("kubernetes.io/config.mirror", hash)
        .containsKey("kubernetes.io/config.seen");
    assertThat(mirror.getMetadata().getOwnerReferencesList())
        .singleElement()
        .matches(one -> one.getKind().equals("Node") && one.getName().equals(RealAgent.NODE));
    String container = containerOfMirror();

    // whoever deletes the mirror deletes nothing else
    pods.delete("default", "own-node-1", DeletePolicy.DEFAULT);
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(ApiException.class)
        .until(() -> !uid("own-node-1").equals(mirror.getMetadata().getUid()));
    awaitMirror();
    assertThat(containerOfMirror()).isEqualTo(container);

    // a slip of the pen ends nothing, and hurts no other file
    Files.writeString(agent.manifests().resolve("own.yaml"), "kind: Pod\nspec: {containers: 7}\n");
    agent.end();
    manifest("other", "beside it");
    agent.start();
    awaitMirror("other-node-1");
    Files.delete(agent.manifests().resolve("other.yaml"));
    manifest("own", "first");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> pods.find("default", "other-node-1").isEmpty());
    assertThat(containerOfMirror()).isEqualTo(container);

    manifest("own", "second");
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(ApiException.class)
        .untilAsserted(() -> {
          assertThat(
                  agent
                      .read("own-node-1")
                      .getMetadata()
                      .getAnnotationsOrThrow("kubernetes.io/config.mirror"))
              .isNotEqualTo(hash);
          assertThat(trueConditions(agent.read("own-node-1"))).contains("Ready");
        });
    await().until(() -> !Files.exists(real.folders.podFile(hash)));

    Files.delete(agent.manifests().resolve("own.yaml"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> pods.find("default", "own-node-1").isEmpty());
    await().until(() -> real.runtime.known().isEmpty());
  }

  @Test
  void aManifestsPodNeedsNoApi() throws Exception {
    agent.end();
    agent.api.failing(call -> Optional.of(new ApiError.Unavailable("away")));
    agent.start();
    manifest("own", "alone");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> real.runtime.known().stream().anyMatch(pod -> runs(pod.getMetadata().getUid())));
    agent.api.failing(call -> Optional.empty());
    awaitMirror();
  }

  private boolean runs(String uid) {
    try {
      return real.runtime.containers(uid).stream().anyMatch(ContainerRecord::running);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anotherAgentTakesOverAndNothingIsStartedAgain() throws Exception {
    create("stays", "Always", shell("main", "sleep 1000"));
    Pod goes = create("goes", "Always", shell("main", "sleep 1000"));
    agent.awaitReady("stays");
    agent.awaitReady("goes");
    String before = agent.read("stays").getStatus().getContainerStatuses(0).getContainerID();
    agent.end();
    pods.delete("default", "goes", DeletePolicy.DEFAULT.withGraceSeconds(0));

    agent.start();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !Files.exists(real.folders.podFile(goes.getMetadata().getUid())));
    create("next", "Always", shell("main", "sleep 1000"));
    agent.awaitReady("next");
    assertThat(agent.read("stays").getStatus().getContainerStatuses(0))
        .matches(one -> one.getContainerID().equals(before) && one.getRestartCount() == 0);
    assertThat(trueConditions(agent.read("stays"))).contains("Ready");
  }

  @Test
  void aMachineThatGoesDownEndsItsPodsAndTheNextAgentRunsThemAgain() throws Exception {
    create("polite", "Always", shell("main", "trap 'exit 7' TERM; while :; do sleep 0.05; done"));
    create("stubborn", "Always", shell("main", "trap '' TERM; while :; do sleep 0.05; done"));
    create("job", "Never", shell("main", "trap 'exit 3' TERM; while :; do sleep 0.05; done"));
    for (String name : List.of("polite", "stubborn", "job")) {
      agent.awaitReady(name);
    }
    String uid = agent.read("polite").getMetadata().getUid();

    agent.halt(Duration.ofSeconds(2));
    assertThat(terminated("polite").getExitCode()).isEqualTo(7);
    assertThat(terminated("stubborn").getExitCode()).isEqualTo(137);
    assertThat(terminated("job").getExitCode()).isEqualTo(3);
    assertThat(agent.read("polite").getStatus().getPhase()).isEqualTo("Running");
    assertThat(agent.read("job").getStatus().getPhase()).isEqualTo("Failed");
    assertThat(trueConditions(agent.read("polite"))).doesNotContain("Ready");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(agent.status().getConditionsList())
                .anyMatch(one ->
                    one.getType().equals("Ready")
                        && one.getStatus().equals("False")
                        && one.getMessage().equals("node is shutting down")));
    create("late", "Always", shell("main", "sleep 1000"));
    agent.end();
    assertThat(agent.read("late").getStatus().getContainerStatusesList())
        .noneMatch(one -> one.getState().hasRunning());

    agent.start();
    for (String name : List.of("polite", "stubborn", "late")) {
      agent.awaitReady(name);
    }
    Pod again = agent.read("polite");
    assertThat(again.getMetadata().getUid()).isEqualTo(uid);
    assertThat(again.getStatus().getContainerStatuses(0).getRestartCount()).isEqualTo(1);
    assertThat(agent.read("job").getStatus().getPhase()).isEqualTo("Failed");
  }

  private ContainerStateTerminated terminated(String name) {
    return agent.read(name).getStatus().getContainerStatuses(0).getState().getTerminated();
  }

  /// What was written down of all pods is lost: those that the API or a manifest still has begin
  /// again beside their old logs, and of others none stay.
  @Test
  void logsOfPodsThatDoNotComeBackGo() throws Exception {
    create("stays", "Always", shell("main", "sleep 1000"));
    create("goes", "Always", shell("main", "sleep 1000"));
    manifest("own", "first");
    agent.awaitReady("stays");
    agent.awaitReady("goes");
    awaitMirror();
    Map<String, Path> logs = new HashMap<>();
    for (Pod pod : real.runtime.known()) {
      ContainerRecord container = real.runtime.containers(uid(pod)).getFirst();
      Path old = real.runtime.log(pod, container).resolveSibling("old");
      logs.put(pod.getMetadata().getName(), Files.createFile(old));
    }
    assertThat(logs).containsOnlyKeys("stays", "goes", "own-node-1");
    agent.end();
    for (Pod pod : real.runtime.known()) {
      Files.delete(real.folders.podFile(pod.getMetadata().getUid()));
    }
    pods.delete("default", "goes", DeletePolicy.DEFAULT.withGraceSeconds(0));

    agent.start();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(logs.get("goes")).doesNotExist());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> real.runtime.known().stream().filter(pod -> runs(uid(pod))).count() == 2);
    assertThat(logs.get("stays")).exists();
    assertThat(logs.get("own-node-1")).exists();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }

  /// A container of a former agent's is asked at its pod's address, not at the node's own, though
  /// that address is known later than the container.
  @Test
  void anAgentWhoseNetworkIsNotReadyProbesLaterAndNobodyElse() throws Exception {
    agent.end();
    // addresses that this test can listen at
    agent.network = new FakePodNetwork("127.0.71.");
    agent.start();
    try (ServerSocket pod = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.71.2"));
        ServerSocket node =
            new ServerSocket(pod.getLocalPort(), 50, InetAddress.ofLiteral("127.0.0.1"))) {
      Container.Builder asked = shell("main", "sleep 1000").toBuilder();
      asked
          .getReadinessProbeBuilder()
          .setPeriodSeconds(1)
          .setTimeoutSeconds(5)
          .getHandlerBuilder()
          .getTcpSocketBuilder()
          .getPortBuilder()
          .setIntVal(pod.getLocalPort());
      create("asked", "Always", asked.build());
      agent.awaitReady("asked");
      PodStatus before = agent.read("asked").getStatus();
      agent.end();
      drain(pod);

      agent.network.fail(2);
      agent.start();
      pod.setSoTimeout(20_000);
      pod.accept().close();
      assertThat(agent.network.failures()).isZero();
      assertThat(drain(node)).isZero();
      // nor is it told as one that has just started
      create("next", "Always", shell("main", "sleep 1000"));
      agent.awaitReady("next");
      PodStatus after = agent.read("asked").getStatus();
      assertThat(after.getStartTime()).isEqualTo(before.getStartTime());
      assertThat(after.getConditionsList())
          .filteredOn(one -> one.getType().equals("Ready"))
          .isEqualTo(
              before.getConditionsList().stream()
                  .filter(one -> one.getType().equals("Ready"))
                  .toList());
    }
  }

  /// @return how many connections had come
  private static int drain(ServerSocket server) throws IOException {
    server.setSoTimeout(1);
    for (int count = 0; ; count++) {
      try {
        server.accept().close();
      } catch (SocketTimeoutException e) {
        return count;
      }
    }
  }

  private Pod withVolume(String name, String script, String sizeLimit) {
    Container.Builder container = shell("main", script).toBuilder();
    container.addVolumeMountsBuilder().setName("data").setMountPath("/data");
    Pod.Builder pod = RealAgent.pod(name);
    pod.getSpecBuilder().addContainers(container);
    pod.getSpecBuilder()
        .addVolumesBuilder()
        .setName("data")
        .getVolumeSourceBuilder()
        .getEmptyDirBuilder()
        .setSizeLimit(Quantities.of(sizeLimit));
    return pods.create(pod.build());
  }

  /// Disks are looked at every ten seconds to a minute, as much as that costs.
  private void awaitFailed(String name, String reason, String message) {
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() -> {
          assertThat(agent.read(name).getStatus().getPhase()).isEqualTo("Failed");
          assertThat(agent.read(name).getStatus().getReason()).isEqualTo(reason);
          assertThat(agent.read(name).getStatus().getMessage()).contains(message);
        });
  }

  @Test
  void whoFillsItsVolumeIsEvictedAndNoLaterAgentStartsItAgain() throws Exception {
    withVolume("fits", "head -c 500000 /dev/zero > /data/x; exec sleep 1000", "1Mi");
    Pod hog = withVolume("hog", "head -c 2000000 /dev/zero > /data/x; exec sleep 1000", "1Mi");
    String said = "Usage of EmptyDir volume \"data\" exceeds the limit \"1Mi\". ";
    awaitFailed("hog", "Evicted", said);
    assertThat(trueConditions(agent.read("hog"))).doesNotContain("DisruptionTarget");
    assertThat(agent.events).contains("Evicted: " + said);
    agent.end();
    // not even one that hears nothing from the API
    agent.api.failing(call -> Optional.of(new ApiError.Unavailable("away")));
    agent.start();
    manifest("own", "alone");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            real.runtime.known().stream()
                .anyMatch(pod ->
                    pod.getMetadata().getName().startsWith("own")
                        && runs(pod.getMetadata().getUid())));
    assertThat(runs(hog.getMetadata().getUid())).isFalse();
    agent.api.failing(call -> Optional.empty());
    agent.awaitReady("fits");
    assertThat(agent.read("hog").getStatus().getPhase()).isEqualTo("Failed");
    pods.delete("default", "hog", DeletePolicy.DEFAULT.withGraceSeconds(1));
    await().atMost(Duration.ofSeconds(20)).until(() -> pods.find("default", "hog").isEmpty());
  }

  @Test
  void aNodeWhoseDiskIsFullSaysSoAndEndsPodsAndTakesNone() throws Exception {
    create("runs", "Always", shell("main", "sleep 1000"));
    agent.awaitReady("runs");
    agent.end();
    // every disk of a machine that runs this has a hundredth in use
    pressure("nodefs.available<99%");
    agent.start();
    awaitFailed("runs", "Evicted", "The node was low on resource: ephemeral-storage. Threshold");
    assertThat(agent.read("runs").getStatus().getConditionsList())
        .anyMatch(one ->
            one.getType().equals("DisruptionTarget")
                && one.getStatus().equals("True")
                && one.getReason().equals("TerminationByKubelet")
                && one.getMessage().equals(agent.read("runs").getStatus().getMessage()));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(agent.status().getConditionsList())
                .anyMatch(one ->
                    one.getType().equals("DiskPressure")
                        && one.getStatus().equals("True")
                        && one.getReason().equals("KubeletHasDiskPressure")));
    Pod next = create("next", "Always", shell("main", "sleep 1000"));
    awaitFailed("next", "Evicted", "Pod was rejected: The node had condition: [DiskPressure]. ");
    assertThat(real.folders.podFile(next.getMetadata().getUid())).doesNotExist();
    assertThat(agent.events)
        .contains(
            "Evicted: The node had condition: [DiskPressure]. ",
            "EvictionThresholdMet: Attempting to reclaim ephemeral-storage",
            "NodeHasDiskPressure: Node node-1 status is now: NodeHasDiskPressure");
  }
}
