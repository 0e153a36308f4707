package io.coxswain.node.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EphemeralVolumeSource;
import io.coxswain.api.core.v1.HostPathVolumeSource;
import io.coxswain.api.core.v1.LocalVolumeSource;
import io.coxswain.api.core.v1.NFSVolumeSource;
import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeSource;
import io.coxswain.api.core.v1.PersistentVolumeSpec;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.testing.RecordedEvents;
import io.coxswain.node.host.HostProcesses;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Processes;
import io.coxswain.node.host.Processes.Command;
import io.coxswain.node.host.Processes.Outcome;
import io.coxswain.node.podsource.FakeConfigObjects;
import io.coxswain.node.podsource.FakeStorageObjects;
import io.coxswain.node.podsource.FakeTokens;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Volumes of claims on the real kernel: needs root.
class ClaimVolumesTest {

  @TempDir Path folder;
  private final Mounts mounts = new LinuxMounts();
  private final FakeStorageObjects objects = new FakeStorageObjects();
  private final List<String> commands = new ArrayList<>();
  private HostVolumes volumes;
  private Path data;

  @BeforeEach
  void open() throws IOException {
    data = Files.createDirectory(folder.resolve("data"));
    volumes = hostVolumes("/bin/true");
  }

  private final List<Path> loops = new ArrayList<>();

  @AfterEach
  void clean() throws Exception {
    for (String owner : volumes.owners()) {
      volumes.tearDown(owner);
    }
    mounts.unmountBelow(folder);
    for (Path loop : loops) {
      var _ = new HostProcesses().run(Command.of("losetup", "--detach", loop.toString()));
    }
  }

  private HostVolumes hostVolumes(String mounter) throws IOException {
    Processes processes =
        command -> {
          commands.add(command.toString());
          // what mount.nfs would do, of something that every kernel has
          Path place = Path.of(command.arguments().get(2));
          mounts.mount("tmpfs", place, "tmpfs", Set.of(), "");
          return new Processes.Outcome(0, "", "");
        };
    return new HostVolumes(
        folder.resolve("pods"),
        new FakeConfigObjects(),
        new FakeTokens(Clock.systemUTC()),
        new ClaimVolumes(
            objects,
            new NfsMounts(Path.of(mounter), processes, mounts),
            new BlockDevices(new HostProcesses(), mounts),
            new NoDrivers(),
            new RecordedEvents(),
            "n1",
            Clock.systemUTC()),
        mounts,
        new NodeCapacity(2000, 4L << 30, 1L << 40),
        Clock.systemUTC());
  }

  private static Pod pod(String name, Consumer<VolumeSource.Builder> source) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setNamespace("shop").setName(name).setUid("uid-" + name);
    VolumeSource.Builder of = VolumeSource.newBuilder();
    source.accept(of);
    pod.getSpecBuilder().addVolumes(Volume.newBuilder().setName("data").setVolumeSource(of));
    return pod.build();
  }

  private static Pod pod(String name) {
    return pod(name, source -> source.getPersistentVolumeClaimBuilder().setClaimName("c"));
  }

  private static Pod grouped(Pod pod, long group, String policy) {
    Pod.Builder changed = pod.toBuilder();
    changed
        .getSpecBuilder()
        .getSecurityContextBuilder()
        .setFsGroup(group)
        .setFsGroupChangePolicy(policy);
    return changed.build();
  }

  private static PersistentVolumeClaim claim(String phase, String volume) {
    PersistentVolumeClaim.Builder claim = PersistentVolumeClaim.newBuilder();
    claim.getMetadataBuilder().setNamespace("shop").setName("c").setUid("uid-c");
    claim.getSpecBuilder().setVolumeName(volume);
    claim.getStatusBuilder().setPhase(phase);
    return claim.build();
  }

  private static PersistentVolume volume(Consumer<PersistentVolumeSource.Builder> source) {
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume.getMetadataBuilder().setName("v");
    volume.getSpecBuilder().addAccessModes("ReadWriteOnce").getClaimRefBuilder().setUid("uid-c");
    source.accept(volume.getSpecBuilder().getPersistentVolumeSourceBuilder());
    return volume.build();
  }

  private static PersistentVolume local(Path path) {
    return volume(one -> one.setLocal(LocalVolumeSource.newBuilder().setPath(path.toString())));
  }

  private void bind(PersistentVolume volume) {
    var _ = objects.with(claim("Bound", "v")).with(volume);
  }

  private PodVolume ready(Pod pod) throws Exception {
    PodVolume ready = volumes.setUp(pod).get("data");
    assertThat(ready).isNotNull();
    return java.util.Objects.requireNonNull(ready);
  }

  @Test
  void aClaimIsTheDirectoryOfItsVolume() throws Exception {
    bind(local(data));
    assertThat(ready(pod("web"))).isEqualTo(new PodVolume(data, false));
    Pod reading =
        pod(
            "reader",
            source -> source.getPersistentVolumeClaimBuilder().setClaimName("c").setReadOnly(true));
    assertThat(ready(reading)).isEqualTo(new PodVolume(data, true));
    bind(
        volume(one ->
            one.setHostPath(
                HostPathVolumeSource.newBuilder()
                    .setPath(folder + "/made")
                    .setType("DirectoryOrCreate"))));
    assertThat(ready(pod("other")).path()).isEqualTo(folder.resolve("made")).isDirectory();
  }

  @Test
  void whatOnePodMayHaveAloneIsNotGivenToAnotherThatNamesItsNodeItself() throws Exception {
    PersistentVolume.Builder alone = local(data).toBuilder();
    alone.getSpecBuilder().clearAccessModes().addAccessModes("ReadWriteOncePod");
    bind(alone.build());
    assertThat(ready(pod("web"))).isEqualTo(ready(pod("web")));
    assertThatThrownBy(() -> volumes.setUp(pod("other")))
        .hasMessageContaining(
            "volume uses the ReadWriteOncePod access mode and is already in use by another pod");
    volumes.tearDown("uid-web");
    assertThat(ready(pod("other"))).isEqualTo(new PodVolume(data, false));
  }

  @Test
  void whatIsStoredOutlivesThePod() throws Exception {
    bind(local(data));
    Pod pod = pod("web");
    PodVolume ready = ready(pod);
    VolumeMount mount = VolumeMount.newBuilder().setName("data").setMountPath("/data").build();
    Path sub = volumes.subPath(pod, ready, "app", mount, "deep/er");
    Files.writeString(sub.resolve("file"), "kept");
    volumes.tearDown("uid-web");
    assertThat(data.resolve("deep/er/file")).hasContent("kept");
    assertThat(folder.resolve("pods/uid-web")).doesNotExist();
  }

  @Test
  void itIsKnownWhichVolumesAreInUse() throws Exception {
    bind(local(data));
    assertThat(volumes.isUsed("v")).isFalse();
    ready(pod("web"));
    ready(pod("other"));
    assertThat(volumes.isUsed("v")).isTrue();
    assertThat(hostVolumes("/bin/true").isUsed("v")).isTrue();
    volumes.tearDown("uid-web");
    assertThat(volumes.isUsed("v")).isTrue();
    volumes.tearDown("uid-other");
    assertThat(volumes.isUsed("v")).isFalse();
  }

  @Test
  void aPodThatHasItsVolumeNeedsNoApi() throws Exception {
    bind(local(data));
    ready(pod("web"));
    objects.away(true);
    assertThat(ready(pod("web")).path()).isEqualTo(data);
    volumes = hostVolumes("/bin/true"); // of an agent that starts now
    assertThat(ready(pod("web")).path()).isEqualTo(data);
    assertThatThrownBy(() -> ready(pod("new"))).hasMessageContaining("the API is away");
  }

  record Refusal(
      String name, PersistentVolumeClaim claim, PersistentVolume volume, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static PersistentVolume changed(Consumer<PersistentVolume.Builder> change) {
    PersistentVolume.Builder volume = local(Path.of("/tmp")).toBuilder();
    change.accept(volume);
    return volume.build();
  }

  static Stream<Refusal> refusals() {
    PersistentVolumeClaim bound = claim("Bound", "v");
    PersistentVolumeClaim.Builder going = bound.toBuilder();
    going.getMetadataBuilder().getDeletionTimestampBuilder().setSeconds(1);
    PersistentVolume fine = local(Path.of("/tmp"));
    return Stream.of(
        new Refusal(
            "unbound", claim("Pending", ""), fine, "error processing PVC shop/c: PVC is not bound"),
        new Refusal("going", going.build(), fine, "PVC is being deleted"),
        new Refusal("gone", claim("Bound", "w"), fine, "persistentvolumes \"w\" not found"),
        new Refusal(
            "another's",
            bound,
            changed(v -> v.getSpecBuilder().getClaimRefBuilder().setUid("uid-x")),
            "found PV object v with an unexpected pvcUID uid-x but expected PVC UID uid-c"),
        new Refusal(
            "elsewhere",
            bound,
            changed(v ->
                v.getSpecBuilder()
                    .getNodeAffinityBuilder()
                    .getRequiredBuilder()
                    .addNodeSelectorTerms(
                        NodeSelectorTerm.newBuilder()
                            .addMatchExpressions(
                                NodeSelectorRequirement.newBuilder()
                                    .setKey("kubernetes.io/hostname")
                                    .setOperator("In")
                                    .addValues("n2")))),
            "MountVolume.NodeAffinity check failed for volume \"v\""),
        new Refusal(
            "no device",
            bound,
            changed(v -> v.getSpecBuilder().setVolumeMode("Block")),
            "path \"/tmp\" is not a block device"),
        new Refusal(
            "a device of a kind that has none",
            bound,
            volume(one -> one.getNfsBuilder().setServer("s").setPath("/p")).toBuilder()
                .mergeSpec(PersistentVolumeSpec.newBuilder().setVolumeMode("Block").build())
                .build(),
            "persistent volumes of kind nfs cannot have volumeMode Block"),
        new Refusal(
            "no path", bound, local(Path.of("/no/such")), "path \"/no/such\" does not exist"),
        new Refusal(
            "no folder",
            bound,
            local(Path.of("/etc/passwd")),
            "is neither a directory nor a block device"),
        new Refusal(
            "unknown kind",
            bound,
            volume(one -> one.getIscsiBuilder().setTargetPortal("x")),
            "persistent volumes of kind iscsi are not supported yet"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusalsSayWhy(Refusal refusal) {
    var _ = objects.with(refusal.claim()).with(refusal.volume());
    assertThatThrownBy(() -> volumes.setUp(pod("web")))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("MountVolume.SetUp failed for volume \"data\"")
        .hasMessageContaining(refusal.message());
  }

  private static Pod using(Consumer<Container.Builder> how) {
    Pod.Builder pod = pod("web").toBuilder();
    how.accept(pod.getSpecBuilder().addContainersBuilder().setName("c"));
    return pod.build();
  }

  @Test
  void aVolumeIsUsedAsWhatItIs() {
    bind(changed(v -> v.getSpecBuilder().setVolumeMode("Block")));
    Pod mounting = using(c -> c.addVolumeMountsBuilder().setName("data").setMountPath("/data"));
    assertThatThrownBy(() -> ready(mounting))
        .hasMessageContaining("volume data has volumeMode Block, but is specified in volumeMounts");
    bind(local(data));
    Pod raw = using(c -> c.addVolumeDevicesBuilder().setName("data").setDevicePath("/dev/x"));
    assertThatThrownBy(() -> ready(raw))
        .hasMessageContaining(
            "volume data has volumeMode Filesystem, but is specified in volumeDevices");
  }

  private Path device() throws Exception {
    Path file = folder.resolve("disk");
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength(32 << 20);
    }
    Outcome made =
        new HostProcesses().run(Command.of("losetup", "--find", "--show", file.toString()));
    assumeTrue(made.ok(), "no loop devices here: " + made.err());
    Path device = Path.of(made.out().strip());
    loops.add(device);
    return device;
  }

  @Test
  void aDeviceIsGivenAsItIs() throws Exception {
    Path device = device();
    bind(
        local(device).toBuilder()
            .mergeSpec(PersistentVolumeSpec.newBuilder().setVolumeMode("Block").build())
            .build());
    Pod pod = using(c -> c.addVolumeDevicesBuilder().setName("data").setDevicePath("/dev/x"));
    assertThat(ready(pod)).isEqualTo(PodVolume.ofDevice(device, false));
    assertThat(mounts.isMounted(folder.resolve("pods/uid-web/volumes/data"))).isFalse();
  }

  private VolumeFigures figures(Pod pod) throws IOException {
    Measure measure = volumes.measures(pod).get("data");
    assertThat(measure).isNotNull();
    return volumes.figures(java.util.Objects.requireNonNull(measure)).orElseThrow();
  }

  @Test
  void ofADeviceOnlyTheSizeIsKnown() throws Exception {
    Path device = device();
    bind(
        local(device).toBuilder()
            .mergeSpec(PersistentVolumeSpec.newBuilder().setVolumeMode("Block").build())
            .build());
    Pod pod = using(c -> c.addVolumeDevicesBuilder().setName("data").setDevicePath("/dev/x"));
    ready(pod);
    assertThat(figures(pod).known())
        .containsExactly(Map.entry(VolumeFigures.Figure.CAPACITY_BYTES, 32L << 20));
    assertThatThrownBy(() -> volumes.figures(new Measure.Device(data)))
        .hasMessageContaining("is not a block device");
  }

  record Measured(String name, PersistentVolume volume, boolean isOwn) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Measured> measured() {
    return Stream.of(
        new Measured("a local directory", local(Path.of("/tmp")), false),
        new Measured(
            "a directory of a server",
            volume(one -> one.getNfsBuilder().setServer("s").setPath("/p")),
            true));
  }

  @ParameterizedTest
  @MethodSource("measured")
  void aFileSystemTellsOfItself(Measured measured) throws Exception {
    bind(measured.volume());
    Pod pod = pod("web");
    assertThat(volumes.measures(pod)).as("nothing stands yet").isEmpty();
    Path place = ready(pod).path();
    Map<VolumeFigures.Figure, Long> known = figures(pod).known();
    assertThat(known).hasSize(VolumeFigures.Figure.values().length);
    assertThat(known.get(VolumeFigures.Figure.CAPACITY_BYTES))
        .isEqualTo(Files.getFileStore(place).getTotalSpace());
    assertThat(Files.getFileStore(place).equals(Files.getFileStore(folder.getParent())))
        .isNotEqualTo(measured.isOwn());
    volumes.tearDown("uid-web");
    assertThat(volumes.measures(pod)).isEmpty();
  }

  @Test
  void whatIsTheNodesOwnIsNotMeasured() throws Exception {
    bind(volume(one -> one.setHostPath(HostPathVolumeSource.newBuilder().setPath("/tmp"))));
    Pod pod = pod("web");
    ready(pod);
    assertThat(volumes.measures(pod)).isEmpty();
    assertThat(volumes.folders(pod)).isEmpty();
  }

  @Test
  void aServersDirectoryThatAPodNamesIsMeasured() throws Exception {
    Pod pod = pod("web", source -> source.getNfsBuilder().setServer("s").setPath("/p"));
    Path place = ready(pod).path();
    assertThat(volumes.measures(pod)).containsValue(new Measure.FileSystem(place, "s"));
    assertThat(figures(pod).known()).isNotEmpty();
  }

  @Test
  void anEmptyDeviceGetsAFileSystemAndKeepsIt() throws Exception {
    Path device = device();
    bind(local(device));
    PodVolume first = ready(pod("web"));
    Files.writeString(first.path().resolve("file"), "kept");
    assertThat(ready(pod("second")).path().resolve("file")).hasContent("kept");
    volumes.tearDown("uid-web");
    volumes.tearDown("uid-second");
    assertThat(mounts.isMounted(first.path())).isFalse();
    assertThat(ready(pod("third")).path().resolve("file")).hasContent("kept");
    volumes.tearDown("uid-third");
    bind(
        volume(one ->
            one.setLocal(
                LocalVolumeSource.newBuilder().setPath(device.toString()).setFsType("xfs"))));
    assertThatThrownBy(() -> ready(pod("fourth")))
        .hasMessageContaining(
            "failed to mount the volume as \"xfs\": %s already contains ext4".formatted(device));
  }

  @Test
  void anEphemeralVolumesClaimIsThePodsOwn() throws Exception {
    Pod pod = pod("web", source -> source.setEphemeral(EphemeralVolumeSource.getDefaultInstance()));
    PersistentVolumeClaim.Builder made = claim("Bound", "v").toBuilder();
    made.getMetadataBuilder().setName("web-data");
    var _ = objects.with(made.build()).with(local(data));
    assertThatThrownBy(() -> ready(pod)).hasMessageContaining("(pod is not owner)");
    made.getMetadataBuilder()
        .addOwnerReferences(OwnerReference.newBuilder().setUid("uid-web").setController(true));
    var _ = objects.with(made.build());
    assertThat(ready(pod).path()).isEqualTo(data);
  }

  @Test
  void aDirectoryOfAServerIsMountedOnceAndUnmounted() throws Exception {
    PersistentVolume.Builder nfs =
        volume(one ->
            one.setNfs(
                NFSVolumeSource.newBuilder()
                    .setServer("files.example")
                    .setPath("/export")
                    .setReadOnly(true)))
            .toBuilder();
    nfs.getSpecBuilder().addMountOptions("nfsvers=4.2");
    bind(nfs.build());
    Path place = folder.resolve("pods/uid-web/volumes/data");
    assertThat(ready(pod("web"))).isEqualTo(new PodVolume(place, true));
    ready(pod("web"));
    assertThat(commands)
        .containsExactly("/bin/true files.example:/export " + place + " -o nfsvers=4.2,ro");
    assertThat(mounts.isMounted(place)).isTrue();
    volumes.tearDown("uid-web");
    assertThat(mounts.isMounted(place)).isFalse();
    assertThat(place).doesNotExist();
  }

  private static int attribute(Path path, String name) throws IOException {
    return (int) Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
  }

  @Test
  void whatIsStoredBelongsToThePodsGroup() throws Exception {
    Path outside = Files.createFile(folder.resolve("outside"));
    Path deep = Files.createDirectories(data.resolve("a/b"));
    Path file = Files.writeString(deep.resolve("file"), "x");
    Path link = Files.createSymbolicLink(data.resolve("link"), outside);
    bind(local(data));
    ready(grouped(pod("web"), 3000, "Always"));
    for (Path one : List.of(data, deep, file, link)) {
      assertThat(attribute(one, "gid")).as(one.toString()).isEqualTo(3000);
    }
    assertThat(attribute(data, "mode") & 07070).isEqualTo(02070);
    assertThat(attribute(file, "mode") & 0060).isEqualTo(0060);
    assertThat(attribute(outside, "gid")).isZero();
    // a group that has all already is enough for who says so
    Files.setAttribute(file, "unix:gid", 0);
    ready(grouped(pod("second"), 3000, "OnRootMismatch"));
    assertThat(attribute(file, "gid")).isZero();
    ready(grouped(pod("web"), 3000, "Always"));
    assertThat(attribute(file, "gid")).as("a pod that runs is not walked through again").isZero();
    ready(grouped(pod("third"), 3000, "Always"));
    assertThat(attribute(file, "gid")).isEqualTo(3000);
  }
}
