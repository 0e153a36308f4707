package io.coxswain.node.csi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.TokenRequest;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Sha256;
import io.coxswain.client.volume.CsiNames;
import io.coxswain.node.csi.testing.TestCsiDriver;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.plugin.PluginFolder;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.node.podsource.FakeConfigObjects;
import io.coxswain.node.podsource.FakeDriverObjects;
import io.coxswain.node.podsource.FakeTokens;
import io.coxswain.node.volume.DriverVolumes.Published;
import io.coxswain.node.volume.InfeasibleException;
import io.coxswain.node.volume.VolumeException;
import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.plugin.csi.NodeGetVolumeStatsResponse;
import io.coxswain.plugin.csi.NodePublishVolumeRequest;
import io.coxswain.plugin.csi.NodeServiceCapability.RPC;
import io.coxswain.plugin.csi.VolumeCapability.AccessMode;
import io.coxswain.plugin.csi.VolumeUsage;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A driver with real sockets and real mounts. Needs root.
class CsiVolumesTest {

  private static final String DRIVER = "disk.example";

  @TempDir Path folder;

  private final FakeDriverObjects objects = new FakeDriverObjects(node());
  private final FakeConfigObjects config = new FakeConfigObjects();
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final LinuxMounts mounts = new LinuxMounts();
  private CsiDrivers drivers;
  private CsiVolumes volumes;
  private TestCsiDriver driver;

  private static Node node() {
    Node.Builder node = Node.newBuilder();
    node.getMetadataBuilder().setName("n1").setUid("node-uid");
    return node.build();
  }

  @BeforeEach
  void start() throws Exception {
    agent();
    driver = driver(EnumSet.of(RPC.Type.STAGE_UNSTAGE_VOLUME));
  }

  /// The agent, or the next one on the same folder.
  private void agent() throws IOException {
    UnixSockets sockets = new UnixSockets();
    parts.add(sockets);
    drivers = new CsiDrivers(sockets, objects);
    parts.add(drivers);
    PluginFolder plugins =
        new PluginFolder(folder.resolve("plugins_registry"), sockets, List.of(drivers));
    plugins.start();
    parts.add(plugins);
    volumes =
        new CsiVolumes(
            folder,
            "n1",
            drivers,
            objects,
            new CsiSecrets(config, new FakeTokens(Clock.systemUTC())),
            mounts,
            Clock.systemUTC());
    volumes.start();
    parts.add(volumes);
  }

  private TestCsiDriver driver(EnumSet<RPC.Type> capabilities) throws IOException {
    TestCsiDriver made = new TestCsiDriver(folder, DRIVER, folder.resolve("storage"), capabilities);
    parts.add(made);
    awaitDriver();
    return made;
  }

  private void awaitDriver() {
    await().until(() -> drivers.find(DRIVER).isPresent());
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
    mounts.unmountBelow(folder);
  }

  private static Pod pod(String uid) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName("web").setNamespace("default").setUid(uid);
    pod.getSpecBuilder().setServiceAccountName("runner");
    return pod.build();
  }

  private static final Volume NAMED = Volume.newBuilder().setName("data").build();

  private static PersistentVolume.Builder volume(String mode) {
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume.getMetadataBuilder().setName("pv-1");
    volume.getSpecBuilder().addAccessModes(mode).addMountOptions("noatime");
    volume
        .getSpecBuilder()
        .getPersistentVolumeSourceBuilder()
        .getCsiBuilder()
        .setDriver(DRIVER)
        .setVolumeHandle("h1")
        .setFsType("ext4")
        .putVolumeAttributes("size", "small");
    return volume;
  }

  private CSIDriver.Builder about() {
    CSIDriver.Builder about = CSIDriver.newBuilder();
    about.getMetadataBuilder().setName(DRIVER);
    about
        .getSpecBuilder()
        .setAttachRequired(false)
        .setFsGroupPolicy("ReadWriteOnceWithFSType")
        .addVolumeLifecycleModes("Persistent");
    return about;
  }

  private Published publish(String uid) throws Exception {
    return volumes.publish(pod(uid), NAMED, volume("ReadWriteOnce").build(), false);
  }

  @Test
  void theApiSaysWhichDriversANodeHas() throws Exception {
    var entry = objects.csiNode().orElseThrow().getSpec().getDrivers(0);
    assertThat(entry.getName() + " " + entry.getNodeID() + " " + entry.getAllocatable().getCount())
        .isEqualTo("disk.example id-of-this-node 3");
    assertThat(entry.getTopologyKeysList()).containsExactly("topology.disk.example/zone");
    assertThat(objects.csiNode().get().getMetadata().getOwnerReferences(0).getUid())
        .isEqualTo("node-uid");
    assertThat(objects.node().getMetadata().getLabelsMap())
        .containsEntry("topology.disk.example/zone", "z1");
    driver.close();
    await().until(() -> objects.csiNode().orElseThrow().getSpec().getDriversCount() == 0);
    assertThatThrownBy(() -> drivers.register(DRIVER, Path.of("/no"), List.of("0.3.0")))
        .hasMessageContaining("none of the CSI versions reported by this driver are supported");
  }

  @Test
  void aVolumeIsStagedOnceAndPublishedForEachPodAndGoesTheOtherWayRound() throws Exception {
    objects.put(about().build());
    Published one = publish("u1");
    Files.writeString(one.path().resolve("file"), "kept");
    Published two = publish("u2");
    assertThat(two.path().resolve("file")).hasContent("kept");
    assertThat(one.path())
        .isEqualTo(folder.resolve("pods/u1/volumes/kubernetes.io~csi/pv-1/mount"));
    NodePublishVolumeRequest request = driver.published().getFirst();
    assertThat(request.getStagingTargetPath())
        .isEqualTo(
            folder
                .resolve("plugins/kubernetes.io/csi/disk.example")
                .resolve(Sha256.hex("h1"))
                .resolve("globalmount")
                .toString());
    assertThat(request.getVolumeCapability().getMount().getFsType()).isEqualTo("ext4");
    assertThat(request.getVolumeCapability().getMount().getMountFlagsList())
        .containsExactly("noatime");
    assertThat(request.getVolumeCapability().getAccessMode().getMode())
        .isEqualTo(AccessMode.Mode.SINGLE_NODE_WRITER);
    assertThat(request.getVolumeContextMap()).isEqualTo(Map.of("size", "small"));
    assertThat(volumes.inUse()).containsExactly("kubernetes.io/csi/disk.example^h1");

    volumes.takeBack("u1");
    assertThat(volumes.inUse()).hasSize(1);
    volumes.takeBack("u2");
    volumes.takeBack("u2");
    assertThat(driver.calls())
        .containsExactly(
            "registered",
            "stage h1",
            "publish h1",
            "publish h1",
            "unpublish h1",
            "unpublish h1",
            "unstage h1");
    assertThat(volumes.inUse()).isEmpty();
    assertThat(folder.resolve("pods/u1")).doesNotExist();
    assertThat(folder.resolve("storage/h1/file")).hasContent("kept");
  }

  @Test
  void aBlockDeviceIsAFileForEachPod() throws Exception {
    objects.put(about().build());
    Files.writeString(
        Files.createDirectories(folder.resolve("storage")).resolve("h1"), "the device");
    PersistentVolume.Builder volume = volume("ReadWriteOnce");
    volume.getSpecBuilder().setVolumeMode("Block");
    Published one = volumes.publish(pod("u1"), NAMED, volume.build(), false);
    assertThat(one.path())
        .isEqualTo(folder.resolve("plugins/kubernetes.io/csi/volumeDevices/publish/pv-1/u1"))
        .hasContent("the device");
    assertThat(one.shared()).as("no group can have it").isFalse();
    NodePublishVolumeRequest request = driver.published().getFirst();
    assertThat(request.getVolumeCapability().hasBlock()).isTrue();
    assertThat(driver.staged("h1").getVolumeCapability().hasBlock()).isTrue();
    agent(); // the next one
    awaitDriver();
    assertThat(volumes.inUse()).containsExactly("kubernetes.io/csi/disk.example^h1");
    volumes.takeBack("u1");
    assertThat(driver.calls()).endsWith("unpublish h1", "unstage h1");
    assertThat(one.path().getParent()).doesNotExist();
    assertThat(folder.resolve("pods/u1")).doesNotExist();
    assertThat(volumes.inUse()).isEmpty();
  }

  @Test
  void aDriverThatHasAPartInGrowingIsAskedToGrow() throws Exception {
    objects.put(about().build());
    PersistentVolume.Builder volume = volume("ReadWriteOnce");
    volume.getSpecBuilder().putCapacity("storage", Quantities.of("2Gi"));
    publish("u1");
    volumes.grow(pod("u1"), volume.build());
    assertThat(driver.calls()).doesNotContain("expand h1 to 2147483648");
    assertThat(volumes.dueAt("u1")).as("nothing to look for").isEqualTo(Instant.MAX);
    driver.close();
    await().until(() -> drivers.find(DRIVER).isEmpty());
    driver = driver(EnumSet.of(RPC.Type.STAGE_UNSTAGE_VOLUME, RPC.Type.EXPAND_VOLUME));
    publish("u2");
    assertThat(volumes.dueAt("u2")).isBefore(Instant.now().plusSeconds(60));
    volumes.grow(pod("u2"), volume.build());
    assertThat(driver.calls()).endsWith("expand h1 to 2147483648");
    driver.refuseToGrow();
    assertThatThrownBy(() -> volumes.grow(pod("u2"), volume.build()))
        .isInstanceOf(InfeasibleException.class)
        .hasMessage("rpc error: code = OutOfRange desc = too large");
  }

  private Optional<VolumeFigures> figures(Published one) throws IOException {
    return volumes.figures(DRIVER, "h1", one.path());
  }

  @Test
  void aDriverThatCanTellsOfTheRoomInAVolume() throws Exception {
    objects.put(about().build());
    Published one = publish("u1");
    assertThat(figures(one)).as("of a driver that cannot").isEmpty();
    assertThat(driver.calls()).doesNotContain("figures h1");
    assertThat(volumes.figures("unheard.of", "h1", one.path())).isEmpty();
    driver.close();
    await().until(() -> drivers.find(DRIVER).isEmpty());
    driver = driver(EnumSet.of(RPC.Type.GET_VOLUME_STATS, RPC.Type.VOLUME_CONDITION));
    driver.tell(request -> {
      NodeGetVolumeStatsResponse.Builder told = NodeGetVolumeStatsResponse.newBuilder();
      told.addUsageBuilder().setUnit(VolumeUsage.Unit.BYTES).setTotal(100).setUsed(7);
      told.getVolumeConditionBuilder().setAbnormal(true).setMessage(request.getVolumePath());
      return told.build();
    });
    VolumeFigures figures = figures(one).orElseThrow();
    assertThat(figures.known()).containsEntry(VolumeFigures.Figure.USED_BYTES, 7L);
    assertThat(figures.abnormal()).contains(true);
    driver.tell(request -> {
      throw new IOException("no such volume at " + request.getVolumePath());
    });
    assertThatThrownBy(() -> figures(one))
        .isInstanceOf(IOException.class)
        .hasMessage("rpc error: code = Internal desc = no such volume at " + one.path());
  }

  @Test
  void aDriverThatDoesNotTellOfTheRoomHoldsNothingElseUp() throws Exception {
    objects.put(about().build());
    driver.close();
    await().until(() -> drivers.find(DRIVER).isEmpty());
    driver = driver(EnumSet.of(RPC.Type.STAGE_UNSTAGE_VOLUME, RPC.Type.GET_VOLUME_STATS));
    CountDownLatch never = new CountDownLatch(1);
    driver.tell(_ -> {
      never.await();
      return NodeGetVolumeStatsResponse.getDefaultInstance();
    });
    Published one = publish("u1");
    Thread asking =
        Thread.startVirtualThread(() -> assertThatThrownBy(() -> figures(one)).isNotNull());
    await().until(() -> driver.calls().contains("figures h1"));
    Published two = publish("u2");
    volumes.takeBack("u1");
    volumes.takeBack("u2");
    assertThat(two.path()).doesNotExist();
    asking.interrupt();
    assertThat(asking.join(Duration.ofSeconds(10))).as("whoever asks can give up").isTrue();
    never.countDown();
  }

  @Test
  void aVolumeIsWaitedForUntilItIsAttached() throws Exception {
    String name = CsiNames.attachment("h1", DRIVER, "n1");
    assertThatThrownBy(() -> publish("u1"))
        .isInstanceOf(VolumeException.class)
        .hasMessage("volume h1 has no volume attachment %s yet".formatted(name));
    VolumeAttachment.Builder attachment = VolumeAttachment.newBuilder();
    attachment.getMetadataBuilder().setName(name);
    attachment.getStatusBuilder().getAttachErrorBuilder().setMessage("no room");
    objects.put(attachment.build());
    assertThatThrownBy(() -> publish("u1"))
        .hasMessage("volume h1 is not attached for volume attachment %s: no room".formatted(name));
    attachment
        .getStatusBuilder()
        .clearAttachError()
        .setAttached(true)
        .putAttachmentMetadata("at", "sdb");
    objects.put(attachment.build());
    Published ignored = publish("u1");
    assertThat(driver.published().getFirst().getPublishContextMap()).isEqualTo(Map.of("at", "sdb"));
    assertThat(driver.staged("h1").getPublishContextMap()).isEqualTo(Map.of("at", "sdb"));
  }

  @Test
  void aDriverIsGivenSecretsTokensAndWordsOfThePodWhereItWantsThem() throws Exception {
    CSIDriver.Builder about = about();
    about
        .getSpecBuilder()
        .setPodInfoOnMount(true)
        .addTokenRequests(TokenRequest.newBuilder().setAudience("vault"));
    objects.put(about.build());
    FakeConfigObjects given = config.with(secret("kube-system", "stage", "s1"));
    assertThat(given.with(secret("kube-system", "publish", "p1"))).isSameAs(config);
    PersistentVolume.Builder volume = volume("ReadWriteMany");
    var source = volume.getSpecBuilder().getPersistentVolumeSourceBuilder().getCsiBuilder();
    source.getNodeStageSecretRefBuilder().setNamespace("kube-system").setName("stage");
    source.getNodePublishSecretRefBuilder().setNamespace("kube-system").setName("publish");
    Published ignored = volumes.publish(pod("u1"), NAMED, volume.build(), true);
    assertThat(driver.staged("h1").getSecretsMap()).isEqualTo(Map.of("key", "s1"));
    NodePublishVolumeRequest request = driver.published().getFirst();
    assertThat(request.getSecretsMap()).isEqualTo(Map.of("key", "p1"));
    assertThat(request.getReadonly()).isTrue();
    assertThat(request.getVolumeCapability().getAccessMode().getMode())
        .isEqualTo(AccessMode.Mode.MULTI_NODE_MULTI_WRITER);
    assertThat(request.getVolumeContextMap())
        .containsEntry("csi.storage.k8s.io/pod.name", "web")
        .containsEntry("csi.storage.k8s.io/pod.uid", "u1")
        .containsEntry("csi.storage.k8s.io/serviceAccount.name", "runner")
        .containsEntry("csi.storage.k8s.io/ephemeral", "false");
    assertThat(request.getVolumeContextMap().get("csi.storage.k8s.io/serviceAccount.tokens"))
        .contains("\"vault\":{", "\"token\":", "\"expirationTimestamp\":");
  }

  private static Secret secret(String namespace, String name, String value) {
    Secret.Builder secret = Secret.newBuilder().putData("key", ByteString.copyFromUtf8(value));
    secret.getMetadataBuilder().setNamespace(namespace).setName(name);
    return secret.build();
  }

  @Test
  void aVolumeThatAPodNamesItselfIsThereForThePodAlone() throws Exception {
    Volume.Builder inline = Volume.newBuilder().setName("scratch");
    inline.getVolumeSourceBuilder().getCsiBuilder().setDriver(DRIVER).putVolumeAttributes("a", "b");
    assertThatThrownBy(() -> volumes.publish(pod("u1"), inline.build()))
        .hasMessage(
            "volume mode \"Ephemeral\" not supported by driver disk.example (no CSIDriver object)");
    objects.put(about().build());
    assertThatThrownBy(() -> volumes.publish(pod("u1"), inline.build()))
        .hasMessage(
            "volume mode \"Ephemeral\" not supported by driver disk.example (only supports"
                + " [Persistent])");
    CSIDriver.Builder about = about();
    about.getSpecBuilder().addVolumeLifecycleModes("Ephemeral");
    objects.put(about.build());
    Published published = volumes.publish(pod("u1"), inline.build());
    assertThat(published.path())
        .isEqualTo(folder.resolve("pods/u1/volumes/kubernetes.io~csi/scratch/mount"));
    String handle = CsiNames.ephemeralHandle("u1", "scratch");
    assertThat(volumes.inUse()).isEmpty();
    volumes.takeBack("u1");
    assertThat(driver.calls())
        .containsExactly("registered", "publish " + handle, "unpublish " + handle);
  }

  @Test
  void theNextAgentKnowsWhatPodsHave() throws Exception {
    objects.put(about().build());
    Published ignored = publish("u1");
    CsiDrivers before = drivers;
    agent();
    awaitDriver();
    before.close();
    assertThat(volumes.inUse()).hasSize(1);
    objects.goAway(true);
    // nobody can say more, and the pod keeps what it has
    assertThat(publish("u1").path()).isDirectory();
    assertThatThrownBy(() -> publish("u2")).hasMessageContaining("the API is away");
    objects.goAway(false);
    volumes.takeBack("u1");
    assertThat(driver.calls()).endsWith("unpublish h1", "unstage h1");
  }

  @Test
  void withoutTheDriverNothingIsTakenBackAndNothingForgotten() throws Exception {
    objects.put(about().build());
    Published ignored = publish("u1");
    driver.close();
    await().until(() -> drivers.find(DRIVER).isEmpty());
    assertThatThrownBy(() -> volumes.takeBack("u1"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "driver name disk.example not found in the list of registered CSI drivers");
    assertThatThrownBy(() -> publish("u2"))
        .hasMessage("driver name disk.example not found in the list of registered CSI drivers");
    driver = driver(EnumSet.of(RPC.Type.STAGE_UNSTAGE_VOLUME));
    volumes.takeBack("u1");
    assertThat(driver.calls()).endsWith("unpublish h1", "unstage h1");
  }

  @Test
  void foldersThatDriversPodsNameAreThereBeforeAnyVolume() {
    assertThat(folder.resolve("pods")).isDirectory();
    assertThat(folder.resolve("plugins")).isDirectory();
  }

  @Test
  void noPodWaitsForADriverThatDoesNotUnstage() throws Exception {
    objects.put(about().build());
    Published ignored = publish("u1");
    driver.fail("unstage", Status.INTERNAL.withDescription("busy"));
    volumes.takeBack("u1");
    assertThat(folder.resolve("pods/u1")).doesNotExist();
    assertThat(volumes.inUse()).as("nothing that may be staged is detached").hasSize(1);
    driver.fail("unstage", Status.OK);
    await().until(() -> volumes.inUse().isEmpty());
    assertThat(driver.calls()).endsWith("unpublish h1", "unstage h1", "unstage h1");
  }

  @Test
  void whatWasNotUnstagedIsStagedAnewForTheNextPod() throws Exception {
    objects.put(about().build());
    Published ignored = publish("u1");
    driver.fail("unstage", Status.DEADLINE_EXCEEDED);
    volumes.takeBack("u1");
    Published next = publish("u2");
    assertThat(driver.calls()).endsWith("unstage h1", "stage h1", "publish h1");
    driver.fail("unstage", Status.OK);
    volumes.takeBack("u2");
    assertThat(driver.calls()).endsWith("unpublish h1", "unstage h1");
    assertThat(next.path()).doesNotExist();
    assertThat(volumes.inUse()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, false",
    "INTERNAL, false",
    "DEADLINE_EXCEEDED, true",
    "ABORTED, true",
  })
  void whatMayHaveBeenStagedIsUnstagedAndNothingElse(Status.Code failure, boolean perhaps)
      throws Exception {
    objects.put(about().build());
    driver.fail("stage", failure.toStatus().withDescription("no"));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> publish("u1")).isInstanceOf(VolumeException.class);
    }
    assertThat(volumes.inUse()).hasSize(perhaps ? 1 : 0);
    volumes.takeBack("u1");
    List<String> calls = new ArrayList<>(List.of("registered", "stage h1", "stage h1"));
    if (perhaps) {
      calls.add("unstage h1");
    }
    assertThat(driver.calls()).isEqualTo(calls);
    assertThat(volumes.inUse()).isEmpty();
  }

  @Test
  void whoeverIsToGiveAVolumeToThePodsGroupDoes() throws Exception {
    objects.put(about().build());
    assertThat(publish("u1").shared()).isTrue();
    assertThat(volumes.publish(pod("u2"), NAMED, volume("ReadWriteMany").build(), false).shared())
        .isFalse();
    CSIDriver.Builder about = about();
    about.getSpecBuilder().setFsGroupPolicy("File").setRequiresRepublish(true);
    objects.put(about.build());
    assertThat(volumes.publish(pod("u3"), NAMED, volume("ReadWriteMany").build(), false).shared())
        .isTrue();
    assertThat(volumes.dueAt("u1")).isEqualTo(Instant.MAX);
    assertThat(volumes.dueAt("u3")).isBefore(Instant.MAX);
    about.getSpecBuilder().setFsGroupPolicy("None");
    objects.put(about.build());
    assertThat(publish("u4").shared()).isFalse();
  }

  @Test
  void aRefusalIsTold() throws Exception {
    objects.put(about().build());
    driver.refuse("the disk is full");
    assertThatThrownBy(() -> publish("u1"))
        .hasMessage("rpc error: code = Internal desc = the disk is full");
    driver.refuse("");
    assertThat(publish("u1").path()).isDirectory();
    assertThat(Optional.of(driver.calls()).get()).containsOnlyOnce("stage h1");
  }
}
