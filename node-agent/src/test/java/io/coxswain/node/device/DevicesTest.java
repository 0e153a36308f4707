package io.coxswain.node.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.ResourceHealth;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.cdi.CdiFolders;
import io.coxswain.node.device.testing.TestDevicePlugin;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.node.runtime.BindMount;
import io.coxswain.plugin.device.CDIDevice;
import io.coxswain.plugin.device.ContainerAllocateResponse;
import io.coxswain.plugin.device.DeviceSpec;
import io.coxswain.plugin.device.Mount;
import io.coxswain.plugin.podresources.ContainerDevices;
import io.coxswain.plugin.podresources.GetPodResourcesRequest;
import io.coxswain.plugin.podresources.ListPodResourcesRequest;
import io.coxswain.plugin.podresources.PodResourcesListerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pods and plugins with real sockets between them.
class DevicesTest {

  private static final String THING = "vendor.example/thing";

  @TempDir Path folder;

  private final HeldClock clock = new HeldClock();
  private final Set<String> changed = ConcurrentHashMap.newKeySet();
  private final List<AutoCloseable> parts = new ArrayList<>();
  private Devices devices;

  // Stands still until a test turns it.
  private static final class HeldClock extends Clock {
    volatile Instant now = Instant.parse("2026-11-29T10:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void start() throws Exception {
    devices = agent("boot-1");
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }

  private Devices agent(String boot) throws IOException {
    UnixSockets sockets = new UnixSockets();
    parts.add(sockets);
    Devices made =
        new Devices(folder, new CdiFolders(List.of(folder.resolve("cdi"))), sockets, boot, clock);
    parts.add(made);
    made.serves(List::of, changed::addAll);
    made.restore();
    made.start();
    return made;
  }

  private static ContainerAllocateResponse response(List<String> ids) {
    return ContainerAllocateResponse.newBuilder()
        .putEnvs("THINGS", String.join(",", ids))
        .addMounts(
            Mount.newBuilder()
                .setHostPath("/usr/lib/thing")
                .setContainerPath("/opt/thing")
                .setReadOnly(true))
        .addDevices(
            DeviceSpec.newBuilder()
                .setHostPath("/dev/null")
                .setContainerPath("/dev/thing")
                .setPermissions("rw"))
        .build();
  }

  private TestDevicePlugin plugin(
      List<String> ids, Function<List<String>, ContainerAllocateResponse> given)
      throws IOException {
    TestDevicePlugin plugin = new TestDevicePlugin(folder, THING, ids, given);
    parts.add(plugin);
    return plugin;
  }

  private TestDevicePlugin registered(String... ids) throws IOException {
    TestDevicePlugin plugin = plugin(List.of(ids), DevicesTest::response).register();
    awaitCount(ids.length, ids.length);
    return plugin;
  }

  private void awaitCount(long all, long healthy) {
    await()
        .untilAsserted(
            () -> assertThat(devices.counts()).containsEntry(THING, new DeviceCount(all, healthy)));
  }

  private static Container.Builder container(String name, int things) {
    Container.Builder container = Container.newBuilder().setName(name);
    if (things > 0) {
      container.getResourcesBuilder().putLimits(THING, Quantities.ofCount(things));
    }
    return container;
  }

  private static Pod pod(String uid, Container.Builder... containers) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setUid(uid).setName(uid).setNamespace("default");
    Stream.of(containers).forEach(pod.getSpecBuilder()::addContainers);
    return pod.build();
  }

  private String things(Pod pod, int container) throws DeviceException {
    return devices
        .forStart(pod, pod.getSpec().getContainers(container))
        .environment()
        .getOrDefault("THINGS", "");
  }

  @Test
  void aContainerGetsWhatThePluginSaysForItsDevices() throws Exception {
    registered("a", "b");
    Pod pod = pod("u1", container("main", 1), container("other", 0));
    devices.admit(pod);
    io.coxswain.node.device.ContainerDevices has =
        devices.forStart(pod, pod.getSpec().getContainers(0));
    assertThat(has.environment()).isEqualTo(Map.of("THINGS", "a"));
    assertThat(has.mounts())
        .containsExactly(BindMount.readOnly(Path.of("/usr/lib/thing"), "/opt/thing"));
    assertThat(has.edits().devices())
        .singleElement()
        .satisfies(device -> {
          assertThat(device.path()).isEqualTo("/dev/thing");
          assertThat(device.type() + device.major() + ":" + device.minor()).isEqualTo("c1:3");
          assertThat(device.access()).isEqualTo("rw");
          assertThat(device.mode()).hasValue(0666);
        });
    assertThat(devices.forStart(pod, pod.getSpec().getContainers(1)))
        .isEqualTo(io.coxswain.node.device.ContainerDevices.NONE);
  }

  @Test
  void devicesFareWellAndBadlyAndTheirPodsHearOfIt() throws Exception {
    TestDevicePlugin plugin = registered("a", "b");
    Pod pod = pod("u1", container("main", 1));
    devices.admit(pod);
    assertThat(health(pod)).containsExactly("a Healthy");
    plugin.tell("a", "Unhealthy");
    awaitCount(2, 1);
    await().until(() -> changed.contains("u1"));
    assertThat(health(pod)).containsExactly("a Unhealthy");
    plugin.tell("a", "Healthy");
    awaitCount(2, 2);
  }

  private List<String> health(Pod pod) {
    PodStatus plain =
        PodStatus.newBuilder()
            .addContainerStatuses(ContainerStatus.newBuilder().setName("main"))
            .build();
    return devices
        .described(pod, plain)
        .getContainerStatuses(0)
        .getAllocatedResourcesStatusList()
        .stream()
        .flatMap(one -> one.getResourcesList().stream())
        .map((ResourceHealth one) -> one.getResourceID() + " " + one.getHealth())
        .toList();
  }

  @Test
  void aPluginThatEndsLeavesNothingToGiveAndAfterSomeTimeNothingAtAll() throws Exception {
    TestDevicePlugin plugin = registered("a", "b");
    plugin.close();
    awaitCount(2, 0);
    assertThatThrownBy(() -> devices.admit(pod("u1", container("main", 1))))
        .hasMessage(
            "Allocate failed due to no healthy devices present; cannot allocate unhealthy devices"
                + " vendor.example/thing, which is unexpected");
    clock.now = clock.now.plus(DeviceBook.GRACE).plus(Duration.ofSeconds(1));
    awaitCount(0, 0);
    // nobody's any more: as an unknown resource it is no business of this node's
    devices.admit(pod("u1", container("main", 1)));
    registered("a");
    assertThat(devices.counts()).containsEntry(THING, new DeviceCount(1, 1));
  }

  @Test
  void whatIsGivenIsNotGivenTwice() throws Exception {
    registered("a", "b", "c");
    devices.admit(pod("u1", container("main", 2)));
    assertThatThrownBy(() -> devices.admit(pod("u2", container("main", 2))))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "Allocate failed due to requested number of devices unavailable for"
                + " vendor.example/thing. Requested: 2, Available: 1, which is unexpected");
    devices.over("u1");
    Pod second = pod("u2", container("main", 2));
    devices.admit(second);
    assertThat(things(second, 0)).isEqualTo("a,b");
    devices.drop("u2");
    Pod third = pod("u3", container("main", 3));
    devices.admit(third);
    assertThat(things(third, 0)).isEqualTo("a,b,c");
  }

  @Test
  void oneThatCannotHaveAllHasNothing() throws Exception {
    registered("a", "b");
    Pod wants = pod("u1", container("one", 1), container("two", 2));
    assertThatThrownBy(() -> devices.admit(wants)).isInstanceOf(DeviceException.class);
    Pod other = pod("u2", container("main", 2));
    devices.admit(other);
    assertThat(things(other, 0)).isEqualTo("a,b");
  }

  @Test
  void initContainersPassTheirDevicesOnAndSidecarsKeepThem() throws Exception {
    TestDevicePlugin plugin = registered("a", "b", "c");
    Pod.Builder pod = pod("u1", container("main", 2)).toBuilder();
    pod.getSpecBuilder()
        .addInitContainers(container("first", 1))
        .addInitContainers(container("sidecar", 1).setRestartPolicy("Always"))
        .addInitContainers(container("second", 2));
    devices.admit(pod.build());
    assertThat(plugin.allocated())
        .containsExactly(List.of("a"), List.of("a"), List.of("b", "c"), List.of("b", "c"));
  }

  @Test
  void aPluginThatWantsAWordIsAsked() throws Exception {
    TestDevicePlugin plugin =
        plugin(List.of("a", "b", "c"), DevicesTest::response).demanding().register();
    awaitCount(3, 3);
    Pod pod = pod("u1", container("main", 2));
    devices.admit(pod);
    assertThat(plugin.allocated()).containsExactly(List.of("c", "b"));
    assertThat(plugin.preStarted()).isEmpty();
    String ignored = things(pod, 0) + things(pod, 0);
    assertThat(plugin.preStarted())
        .hasSize(2)
        .allMatch(ids -> Set.copyOf(ids).equals(Set.of("b", "c")));
  }

  @Test
  void aPluginsRefusalIsToldInItsWords() throws Exception {
    registered("a").refuse("thing a burns");
    assertThatThrownBy(() -> devices.admit(pod("u1", container("main", 1))))
        .hasMessage(
            "Allocate failed due to rpc error: code = Unknown desc = thing a burns, which is"
                + " unexpected");
  }

  @Test
  void afterARestartOfTheAgentAPodHasTheSameDevicesThoughNoPluginIsBack() throws Exception {
    TestDevicePlugin plugin = registered("a", "b");
    Pod pod = pod("u1", container("main", 1));
    Pod gone = pod("u2", container("main", 1));
    devices.admit(pod);
    devices.admit(gone);
    devices.close();
    plugin.close();

    devices = agent("boot-1");
    devices.adopt(Set.of("u1"));
    assertThat(devices.counts()).containsEntry(THING, new DeviceCount(0, 0));
    devices.admit(pod);
    assertThat(things(pod, 0)).isEqualTo("a");
    assertThat(health(pod)).containsExactly("a Unknown");
    TestDevicePlugin again = registered("a", "b");
    Pod next = pod("u3", container("main", 1));
    devices.admit(next);
    assertThat(things(next, 0)).isEqualTo("b");
    assertThat(again.allocated()).containsExactly(List.of("b"));
  }

  @Test
  void afterARestartOfTheMachineDevicesHaveToBeThereAndWell() throws Exception {
    TestDevicePlugin plugin = registered("a", "b");
    Pod pod = pod("u1", container("main", 1));
    devices.admit(pod);
    devices.close();
    plugin.close();

    devices = agent("boot-2");
    devices.adopt(Set.of("u1"));
    TestDevicePlugin again = registered("a", "b");
    devices.admit(pod);
    assertThat(again.allocated()).isEmpty();
    assertThat(things(pod, 0)).isEqualTo("a");
    again.tell("a", "Unhealthy");
    awaitCount(2, 1);
    assertThatThrownBy(() -> devices.admit(pod))
        .hasMessageContaining("previously allocated devices are no longer healthy");
  }

  @Test
  void aPluginThatComesAgainTakesThePlaceOfTheOneBefore() throws Exception {
    TestDevicePlugin plugin = registered("a");
    plugin.register();
    plugin.tell("a", "Unhealthy");
    awaitCount(1, 0);
    plugin.tell("a", "Healthy");
    awaitCount(1, 1);
  }

  @Test
  void devicesThatCdiDescribesAreLookedUpThere() throws Exception {
    Files.createDirectories(folder.resolve("cdi"));
    Files.writeString(
        folder.resolve("cdi/thing.yaml"),
        """
        cdiVersion: 0.6.0
        kind: vendor.example/thing
        devices:
        - name: a
          containerEdits: {env: [CDI=a]}
        """);
    plugin(
            List.of("a"),
            ids ->
                ContainerAllocateResponse.newBuilder()
                    .addCdiDevices(CDIDevice.newBuilder().setName("vendor.example/thing=a"))
                    .putAnnotations("cdi.k8s.io/thing", "vendor.example/thing=a")
                    .build())
        .register();
    awaitCount(1, 1);
    Pod pod = pod("u1", container("main", 1));
    devices.admit(pod);
    assertThat(devices.forStart(pod, pod.getSpec().getContainers(0)).edits().environment())
        .containsExactly("CDI=a");
    Files.delete(folder.resolve("cdi/thing.yaml"));
    assertThatThrownBy(() -> devices.forStart(pod, pod.getSpec().getContainers(0)))
        .hasMessageStartingWith(
            "CDI device injection failed: unresolvable CDI devices vendor.example/thing=a in ");
  }

  @ParameterizedTest
  @CsvSource({
    "v1alpha, vendor.example/thing, 'requested API version \"v1alpha\" is not supported by kubelet."
        + " Supported version is [\"v1beta1\"]'",
    "v1beta1, cpu, the ResourceName \"cpu\" is invalid",
    "v1beta1, kubernetes.io/thing, the ResourceName \"kubernetes.io/thing\" is invalid",
  })
  void otherPluginsAreToldWhyNot(String version, String resource, String why) throws Exception {
    try (TestDevicePlugin plugin =
        new TestDevicePlugin(folder, resource, List.of("a"), DevicesTest::response)) {
      assertThatThrownBy(() -> plugin.register(version))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessage("UNKNOWN: " + why);
    }
    assertThat(devices.counts()).isEmpty();
  }

  @Test
  void aFolderThatAnotherProgramHasIsLeftToIt() throws Exception {
    registered("a");
    Pod pod = pod("u1", container("main", 1));
    devices.admit(pod);
    byte[] checkpoint =
        Files.readAllBytes(folder.resolve("device-plugins").resolve(DeviceCheckpoint.FILE));
    Devices second = agent("boot-1");
    second.adopt(Set.of());
    assertThat(second.counts()).isEmpty();
    assertThat(folder.resolve("device-plugins").resolve(DeviceCheckpoint.FILE))
        .hasBinaryContent(checkpoint);
    assertThat(things(pod, 0)).isEqualTo("a");
  }

  @Test
  void whoWatchesOverDevicesIsToldWhichPodHasWhich() throws Exception {
    registered("a", "b");
    Pod pod = pod("u1", container("main", 1), container("other", 0));
    devices.admit(pod);
    devices.serves(() -> List.of(pod), changed::addAll);
    UnixSockets sockets = new UnixSockets();
    parts.add(sockets);
    ManagedChannel channel = sockets.channel(folder.resolve("pod-resources/kubelet.sock"));
    try {
      var lister = PodResourcesListerGrpc.newBlockingStub(channel);
      var list = lister.list(ListPodResourcesRequest.getDefaultInstance());
      assertThat(list.getPodResourcesList())
          .singleElement()
          .satisfies(one -> {
            assertThat(one.getName()).isEqualTo("u1");
            assertThat(one.getContainersList()).hasSize(2);
            assertThat(one.getContainers(0).getDevicesList())
                .containsExactly(
                    ContainerDevices.newBuilder().setResourceName(THING).addDeviceIds("a").build());
            assertThat(one.getContainers(1).getDevicesList()).isEmpty();
          });
      assertThat(
              lister
                  .getAllocatableResources(
                      io.coxswain.plugin.podresources.AllocatableResourcesRequest
                          .getDefaultInstance())
                  .getDevicesList())
          .flatExtracting(ContainerDevices::getDeviceIdsList)
          .containsExactly("a", "b");
      assertThatThrownBy(() ->
              lister.get(
                  GetPodResourcesRequest.newBuilder()
                      .setPodName("no")
                      .setPodNamespace("default")
                      .build()))
          .hasMessageContaining("pod no in namespace default not found");
    } finally {
      channel.shutdownNow();
    }
  }
}
