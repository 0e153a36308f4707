package io.coxswain.node.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.ConfigMapVolumeSource;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.DownwardAPIVolumeFile;
import io.coxswain.api.core.v1.DownwardAPIVolumeSource;
import io.coxswain.api.core.v1.EmptyDirVolumeSource;
import io.coxswain.api.core.v1.GitRepoVolumeSource;
import io.coxswain.api.core.v1.HostPathVolumeSource;
import io.coxswain.api.core.v1.KeyToPath;
import io.coxswain.api.core.v1.LocalObjectReference;
import io.coxswain.api.core.v1.NFSVolumeSource;
import io.coxswain.api.core.v1.ObjectFieldSelector;
import io.coxswain.api.core.v1.PersistentVolumeClaimVolumeSource;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSecurityContext;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ProjectedVolumeSource;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.SecretVolumeSource;
import io.coxswain.api.core.v1.ServiceAccountTokenProjection;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.core.v1.VolumeProjection;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.testing.RecordedEvents;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.HostProcesses;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.podsource.FakeConfigObjects;
import io.coxswain.node.podsource.FakeStorageObjects;
import io.coxswain.node.podsource.FakeTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// On the real kernel: needs root.
class HostVolumesTest {

  @TempDir Path folder;
  private final TurnedClock clock = new TurnedClock();
  private final FakeConfigObjects objects = new FakeConfigObjects();
  private final FakeTokens tokens = new FakeTokens(clock);
  private HostVolumes volumes;

  @BeforeEach
  void open() throws IOException {
    open(clock);
  }

  private void open(Clock clock) throws IOException {
    volumes =
        new HostVolumes(
            folder.resolve("pods"),
            objects,
            tokens,
            new ClaimVolumes(
                new FakeStorageObjects(),
                new NfsMounts(Path.of("/no/mount.nfs"), new HostProcesses(), new LinuxMounts()),
                new BlockDevices(new HostProcesses(), new LinuxMounts()),
                new NoDrivers(),
                new RecordedEvents(),
                "n1",
                clock),
            new LinuxMounts(),
            new NodeCapacity(2000, 4L << 30, 1L << 40),
            clock);
  }

  @AfterEach
  void clean() throws Exception {
    for (String owner : volumes.owners()) {
      volumes.tearDown(owner);
    }
    new LinuxMounts().unmountBelow(folder);
  }

  private static Pod pod(VolumeSource... sources) {
    PodSpec.Builder spec = PodSpec.newBuilder();
    for (int i = 0; i < sources.length; i++) {
      spec.addVolumes(Volume.newBuilder().setName("v" + i).setVolumeSource(sources[i]));
    }
    ObjectMeta.Builder meta =
        ObjectMeta.newBuilder()
            .setName("web")
            .setNamespace("shop")
            .setUid("0d1f-uid")
            .putLabels("tier", "front")
            .putLabels("app", "say \"hi\"\n");
    return Pod.newBuilder().setMetadata(meta).setSpec(spec).build();
  }

  private static VolumeSource configMap(String name, KeyToPath... items) {
    ConfigMapVolumeSource.Builder source =
        ConfigMapVolumeSource.newBuilder()
            .setLocalObjectReference(LocalObjectReference.newBuilder().setName(name));
    for (KeyToPath item : items) {
      source.addItems(item);
    }
    return VolumeSource.newBuilder().setConfigMap(source).build();
  }

  private static KeyToPath item(String key, String path) {
    return KeyToPath.newBuilder().setKey(key).setPath(path).build();
  }

  private void store(String name, Map<String, String> data) {
    objects.with(
        ConfigMap.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setNamespace("shop").setName(name))
            .putAllData(data)
            .putBinaryData("raw", ByteString.copyFrom(new byte[] {0, 1, 2}))
            .build());
  }

  private Path setUp(Pod pod) throws Exception {
    PodVolume volume = volumes.setUp(pod).get("v0");
    assertThat(volume).isNotNull();
    return volume == null ? folder : volume.path();
  }

  @Test
  void configMapsBecomeFilesAndFollowTheirObject() throws Exception {
    store("app", Map.of("a.conf", "one", "b.conf", "two"));
    Pod pod = pod(configMap("app"));
    Path volume = setUp(pod);
    assertThat(volume.resolve("a.conf")).hasContent("one");
    assertThat(volume.resolve("raw")).hasBinaryContent(new byte[] {0, 1, 2});
    assertThat(Files.readSymbolicLink(volume.resolve("a.conf")))
        .isEqualTo(Path.of("..data/a.conf"));
    Path data = Files.readSymbolicLink(volume.resolve("..data"));

    setUp(pod);
    assertThat(Files.readSymbolicLink(volume.resolve("..data"))).isEqualTo(data);

    store("app", Map.of("a.conf", "three"));
    setUp(pod);
    assertThat(volume.resolve("a.conf")).hasContent("three");
    assertThat(volume.resolve("b.conf")).doesNotExist();
    assertThat(volume.resolve(data)).doesNotExist();
  }

  @Test
  void itemsAreChosenAndPlacedWithTheirModes() throws Exception {
    store("app", Map.of("a", "one", "b", "two"));
    KeyToPath deep = KeyToPath.newBuilder().setKey("a").setPath("etc/x/a").setMode(0400).build();
    Path volume = setUp(pod(configMap("app", deep)));
    assertThat(volume.resolve("etc/x/a")).hasContent("one");
    assertThat((int) Files.getAttribute(volume.resolve("etc/x/a"), "unix:mode") & 0777)
        .isEqualTo(0400);
    assertThat(volume.resolve("b")).doesNotExist();
  }

  @Test
  void aReaderNeverSeesHalfAnUpdate() throws Exception {
    open(Clock.systemUTC()); // versions are named by the time, and never twice the same
    store("app", Map.of("a", "0", "b", "0"));
    Pod pod = pod(configMap("app"));
    Path volume = setUp(pod);
    AtomicBoolean torn = new AtomicBoolean();
    AtomicBoolean done = new AtomicBoolean();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                try {
                  // one look at ..data, as a program that reads all of its files at once
                  Path version = volume.resolve("..data").toRealPath();
                  String a = Files.readString(version.resolve("a"));
                  String b = Files.readString(version.resolve("b"));
                  if (!a.equals(b)) {
                    torn.set(true);
                  }
                } catch (IOException e) {
                  // the version was replaced twice meanwhile: look again
                }
              }
            });
    for (int i = 1; i <= 300; i++) {
      store("app", Map.of("a", "" + i, "b", "" + i));
      setUp(pod);
      assertThat(volume.resolve("a")).exists();
    }
    done.set(true);
    reader.join();
    assertThat(torn).isFalse();
    try (Stream<Path> all = Files.list(volume)) {
      assertThat(all.map(path -> path.getFileName() + "")).hasSize(5); // a, b, raw, ..data, version
    }
  }

  @Test
  void secretsAreInMemoryAndOfTheGroup() throws Exception {
    objects.with(
        Secret.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setNamespace("shop").setName("db"))
            .putData("password", ByteString.copyFromUtf8("s3cret"))
            .build());
    SecretVolumeSource source =
        SecretVolumeSource.newBuilder().setSecretName("db").setDefaultMode(0400).build();
    Pod plain = pod(VolumeSource.newBuilder().setSecret(source).build());
    Pod pod =
        plain.toBuilder()
            .setSpec(
                plain.getSpec().toBuilder()
                    .setSecurityContext(PodSecurityContext.newBuilder().setFsGroup(1234)))
            .build();
    Path volume = setUp(pod);
    Path file = volume.resolve("password");
    assertThat(file).hasContent("s3cret");
    assertThat(Files.getFileStore(file).type()).isEqualTo("tmpfs");
    assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(1234);
    assertThat((int) Files.getAttribute(file, "unix:mode") & 0777).isEqualTo(0440);

    volumes.tearDown("0d1f-uid");
    assertThat(volume).doesNotExist();
    volumes.tearDown("0d1f-uid");
  }

  @Test
  void emptyDirsKeepWhatIsInThemUntilThePodIsGone() throws Exception {
    EmptyDirVolumeSource memory =
        EmptyDirVolumeSource.newBuilder()
            .setMedium("Memory")
            .setSizeLimit(Quantities.of("1Mi"))
            .build();
    Pod pod =
        pod(
            VolumeSource.newBuilder()
                .setEmptyDir(EmptyDirVolumeSource.getDefaultInstance())
                .build(),
            VolumeSource.newBuilder().setEmptyDir(memory).build());
    Path disk = setUp(pod);
    Path inMemory = disk.resolveSibling("v1");
    assertThat((int) Files.getAttribute(disk, "unix:mode") & 0777).isEqualTo(0777);
    assertThat(Files.getFileStore(inMemory).getTotalSpace()).isEqualTo(1 << 20);
    assertThat((int) Files.getAttribute(inMemory, "unix:mode") & 07777).isEqualTo(01777);
    assertThat((int) Files.getAttribute(disk, "unix:mode") & 07777).isEqualTo(0777);
    Files.writeString(disk.resolve("kept"), "x");
    Files.writeString(inMemory.resolve("kept"), "x");
    assertThat(setUp(pod).resolve("kept")).exists();
    assertThat(inMemory.resolve("kept")).exists();
    assertThatThrownBy(() -> Files.write(inMemory.resolve("big"), new byte[2 << 20]))
        .hasMessageContaining("No space left");
    volumes.tearDown("0d1f-uid");
    assertThat(volumes.owners()).isEmpty();
  }

  @Test
  void downwardFilesSayWhatThePodIs() throws Exception {
    DownwardAPIVolumeFile labels =
        DownwardAPIVolumeFile.newBuilder()
            .setPath("labels")
            .setFieldRef(ObjectFieldSelector.newBuilder().setFieldPath("metadata.labels"))
            .build();
    DownwardAPIVolumeSource source = DownwardAPIVolumeSource.newBuilder().addItems(labels).build();
    Path volume = setUp(pod(VolumeSource.newBuilder().setDownwardAPI(source).build()));
    assertThat(volume.resolve("labels")).hasContent("app=\"say \\\"hi\\\"\\n\"\ntier=\"front\"");
  }

  record Refusal(String name, VolumeSource source, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static VolumeSource hostPath(String path, String type) {
    return VolumeSource.newBuilder()
        .setHostPath(HostPathVolumeSource.newBuilder().setPath(path).setType(type))
        .build();
  }

  private static VolumeSource token(String path, String audience) {
    ServiceAccountTokenProjection token =
        ServiceAccountTokenProjection.newBuilder()
            .setPath(path)
            .setAudience(audience)
            .setExpirationSeconds(3600)
            .build();
    return VolumeSource.newBuilder()
        .setProjected(
            ProjectedVolumeSource.newBuilder()
                .addSources(VolumeProjection.newBuilder().setServiceAccountToken(token)))
        .build();
  }

  private static Pod signedIn(VolumeSource source) {
    Pod pod = pod(source, token("other", "vault"));
    return pod.toBuilder()
        .setSpec(pod.getSpec().toBuilder().setServiceAccountName("default"))
        .build();
  }

  private static int mode(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:mode") & 0777;
  }

  @Test
  void tokensAreAskedForOnceAndRenewedBeforeTheyEnd() throws Exception {
    Pod pod = signedIn(token("token", ""));
    Path volume = setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::1");
    assertThat(volume.resolveSibling("v1").resolve("other")).hasContent("shop/web:vault:2");
    assertThat(Files.getFileStore(volume.resolve("token")).type()).isEqualTo("tmpfs");
    assertThat(mode(volume.resolve("token"))).isEqualTo(0644);
    setUp(pod);
    assertThat(tokens.issued()).isEqualTo(2);
    Instant due = volumes.dueAt(pod);
    assertThat(Duration.between(clock.instant(), due))
        .isBetween(Duration.ofSeconds(2870), Duration.ofSeconds(2880));

    clock.turnTo(due.minusSeconds(1));
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::1");
    clock.turnTo(due);
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::3");

    volumes.tearDown("0d1f-uid");
    assertThat(volumes.dueAt(pod)).isEqualTo(Instant.MAX);
    assertThat(volume).doesNotExist();
    assertThat(volumes.owners()).isEmpty();
  }

  @Test
  void aTokenThatBeginsLaterThanNowIsReplaced() throws Exception {
    Pod pod = signedIn(token("token", ""));
    Path volume = setUp(pod);
    Instant begun = clock.instant();
    clock.turnTo(begun.minusSeconds(30));
    assertThat(volumes.dueAt(pod)).as("servers take it").isAfter(begun);
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::1");

    clock.turnTo(begun.minusSeconds(3600));
    tokens.reachable(false);
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::1");
    assertThat(volumes.dueAt(pod)).isEqualTo(clock.instant().plusSeconds(30));
    clock.turnTo(volumes.dueAt(pod));
    tokens.reachable(true);
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::3");
    assertThat(Duration.between(clock.instant(), volumes.dueAt(pod)))
        .isBetween(Duration.ofSeconds(2870), Duration.ofSeconds(2880));
  }

  @Test
  void aTokenThatCannotBeRenewedIsKeptWhileItIsGood() throws Exception {
    Pod pod = signedIn(token("token", ""));
    Path volume = setUp(pod);
    clock.turnTo(volumes.dueAt(pod));
    tokens.reachable(false);
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::1");
    assertThat(volumes.dueAt(pod)).isEqualTo(clock.instant().plusSeconds(30));

    // an agent that is new knows nothing of it, but finds it where it was
    open();
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::1");
    assertThat(volumes.dueAt(pod)).isEqualTo(clock.instant().plusSeconds(30));
    tokens.reachable(true);
    setUp(pod);
    assertThat(volume.resolve("token")).hasContent("shop/web::3");
  }

  @Test
  void aTokenIsForThePodsOneUserOrItsGroup() throws Exception {
    Pod pod = signedIn(token("token", ""));
    Path file =
        setUp(
                pod.toBuilder()
                    .setSpec(
                        pod.getSpec().toBuilder()
                            .addContainers(Container.getDefaultInstance())
                            .setSecurityContext(PodSecurityContext.newBuilder().setRunAsUser(1234)))
                    .build())
            .resolve("token");
    assertThat(mode(file)).isEqualTo(0600);
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(1234);
    setUp(
        pod.toBuilder()
            .setSpec(
                pod.getSpec().toBuilder()
                    .setSecurityContext(PodSecurityContext.newBuilder().setFsGroup(77)))
            .build());
    assertThat(mode(file)).isEqualTo(0640);
    assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(77);
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(0);
  }

  @Test
  void whatIsInMemorySharesOneMount() throws Exception {
    LinuxMounts mounts = new LinuxMounts();
    Pod pod = signedIn(token("token", ""));
    setUp(pod);
    long mounted =
        mounts.list().stream().filter(point -> point.target().startsWith(folder)).count();
    assertThat(mounted).isEqualTo(1);
  }

  private static Stream<Refusal> refusals() {
    return Stream.of(
        new Refusal("no ConfigMap", configMap("x"), "volume \"v0\": configmap \"x\" not found"),
        new Refusal("no key", configMap("there", item("no", "p")), "has no key \"no\""),
        new Refusal("path up", configMap("there", item("a", "../x")), "is no path for a file"),
        new Refusal("absolute", configMap("there", item("a", "/etc/x")), "is no path for a file"),
        new Refusal("no folder", hostPath("/no/such", "Directory"), "does not exist on this node"),
        new Refusal("no file", hostPath("/tmp", "File"), "is not a file"),
        new Refusal("no socket", hostPath("/etc/passwd", "Socket"), "is not a socket"),
        new Refusal("no device", hostPath("/etc/passwd", "CharDevice"), "not a character device"),
        new Refusal("no block device", hostPath("/dev/null", "BlockDevice"), "not a block device"),
        new Refusal("no file folder", hostPath("/no/such/f", "FileOrCreate"), "does not exist"),
        new Refusal("relative", hostPath("tmp", ""), "must be absolute"),
        new Refusal("unknown type", hostPath("/tmp", "Folder"), "is not known"),
        new Refusal(
            "claim",
            VolumeSource.newBuilder()
                .setPersistentVolumeClaim(
                    PersistentVolumeClaimVolumeSource.newBuilder().setClaimName("c"))
                .build(),
            "error processing PVC shop/c: persistentvolumeclaim \"c\" not found"),
        new Refusal(
            "nfs",
            VolumeSource.newBuilder()
                .setNfs(NFSVolumeSource.newBuilder().setServer("s").setPath("/x"))
                .build(),
            "/no/mount.nfs is not on this node: install the package nfs-common"),
        // CVE-2024-10220, CVE-2025-1767: what a repository has, git would run on the node
        new Refusal(
            "repository",
            VolumeSource.newBuilder()
                .setGitRepo(
                    GitRepoVolumeSource.newBuilder()
                        .setRepository("--upload-pack=touch /tmp/x")
                        .setDirectory("."))
                .build(),
            "volumes of kind gitRepo are not supported yet"),
        new Refusal("token", token("token", ""), "no token for nobody"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusalsSayWhy(Refusal refusal) {
    store("there", Map.of("a", "x"));
    assertThatThrownBy(() -> volumes.setUp(pod(refusal.source())))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining(refusal.message());
  }

  @Test
  void hostPathsAreMadeAsTheirTypeSaysAndSurviveThePod() throws Exception {
    Path made = folder.resolve("made/deep");
    Path file = folder.resolve("file");
    assertThat(setUp(pod(hostPath(made.toString(), "DirectoryOrCreate")))).isDirectory();
    assertThat(setUp(pod(hostPath(file.toString(), "FileOrCreate")))).isRegularFile();
    Files.writeString(made.resolve("kept"), "x");
    Pod pod = pod(hostPath(made.toString(), "Directory"));
    Path sub = subPath(pod, volumes.setUp(pod).get("v0"), "data/x");
    Files.writeString(sub.resolve("inner"), "y");
    volumes.tearDown("0d1f-uid");
    assertThat(made.resolve("kept")).hasContent("x");
    assertThat(made.resolve("data/x/inner")).hasContent("y");
  }

  private Path subPath(Pod pod, @Nullable PodVolume volume, String path) throws VolumeException {
    assertThat(volume).isNotNull();
    VolumeMount mount = VolumeMount.newBuilder().setName("v0").setMountPath("/data").build();
    return volume == null ? folder : volumes.subPath(pod, volume, "app", mount, path);
  }

  @Test
  void aSubPathIsOneFileOfTheVolume() throws Exception {
    store("app", Map.of("a", "one"));
    Pod pod = pod(configMap("app"));
    Path bound = subPath(pod, volumes.setUp(pod).get("v0"), "a");
    assertThat(bound).hasContent("one");
    store("app", Map.of("a", "two"));
    PodVolume updated = volumes.setUp(pod).get("v0");
    assertThat(bound).hasContent("one"); // as Kubernetes: until the container is made anew
    assertThat(subPath(pod, updated, "a")).hasContent("two");
  }

  @Test
  void aSubPathCannotLeaveItsVolume() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "x");
    Pod pod =
        pod(
            VolumeSource.newBuilder()
                .setEmptyDir(EmptyDirVolumeSource.getDefaultInstance())
                .build());
    PodVolume volume = volumes.setUp(pod).get("v0");
    Path inside = volume == null ? folder : volume.path();
    Files.createSymbolicLink(inside.resolve("absolute"), outside);
    Files.createSymbolicLink(inside.resolve("up"), Path.of("../../../../outside"));
    Files.createSymbolicLink(inside.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(inside.resolve("magic"), Path.of("/proc/1/root"));
    Files.createDirectory(inside.resolve("fine"));
    Files.createSymbolicLink(inside.resolve("good"), Path.of("fine"));
    for (String path :
        new String[] {
          "absolute",
          "absolute/secret",
          "absolute/new",
          "up",
          "up/new",
          "loop",
          "magic/etc",
          "../outside",
          "fine/../../x",
          "/etc"
        }) {
      assertThatThrownBy(() -> subPath(pod, volume, path)).isInstanceOf(VolumeException.class);
    }
    assertThat(outside.resolve("new")).doesNotExist();
    assertThat(subPath(pod, volume, "good")).isDirectory();
    Files.writeString(subPath(pod, volume, "good/new/er").resolve("f"), "x");
    assertThat(inside.resolve("fine/new/er/f")).hasContent("x");
  }

  /// CVE-2021-25741: a container exchanges a folder for a link while another one starts.
  @Test
  void aSubPathThatIsMadeIsAsItsVolume() throws Exception {
    VolumeSource empty =
        VolumeSource.newBuilder().setEmptyDir(EmptyDirVolumeSource.getDefaultInstance()).build();
    Pod.Builder shared = pod(empty).toBuilder();
    shared.getSpecBuilder().getSecurityContextBuilder().setFsGroup(3000);
    Pod pod = shared.build();
    PodVolume volume = volumes.setUp(pod).get("v0");
    Path bound = subPath(pod, volume, "a/b");
    for (Path made : List.of(bound, bound(volume).resolve("a"))) {
      assertThat(Files.getAttribute(made, "unix:gid")).isEqualTo(3000);
      assertThat((int) Files.getAttribute(made, "unix:mode") & 07777).isEqualTo(02777);
    }
    LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, bound(volume).toString(), 03777);
    assertThat((int) Files.getAttribute(subPath(pod, volume, "sticky"), "unix:mode") & 07777)
        .isEqualTo(03777);
    LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, bound(volume).toString(), 0750);
    assertThat((int) Files.getAttribute(subPath(pod, volume, "c"), "unix:mode") & 07777)
        .isEqualTo(0750);
  }

  private static Path bound(@Nullable PodVolume volume) {
    return volume == null ? Path.of("") : volume.path();
  }

  @ParameterizedTest
  @CsvSource({
    "HugePages,      hugepages-2Mi, '',            pagesize=2097152",
    "HugePages-2Mi,  hugepages-2Mi, hugepages-1Gi, pagesize=2097152",
    "HugePages-1Gi,  hugepages-2Mi, hugepages-1Gi, pagesize=1073741824",
    "HugePages,      hugepages-2Mi, hugepages-1Gi, 'medium: HugePages can''t be used if container requests multiple huge page sizes'",
    "HugePages-1Gi,  hugepages-2Mi, '',            'medium HugePages-1Gi: hugePages storage requested, but there is no resource request for huge pages'",
    "HugePages,      cpu,           '',            'medium HugePages: hugePages storage requested, but there is no resource request for huge pages'",
    "HugePages-big,  hugepages-2Mi, '',            medium \"HugePages-big\" names no size of pages",
    "Paper,          hugepages-2Mi, '',            emptyDir medium \"Paper\" is not known"
  })
  void theSizeOfHugePagesIsOneThatIsAskedFor(
      String medium, String first, String second, String options) {
    Pod.Builder pod = Pod.newBuilder();
    for (String name : List.of(first, second)) {
      if (!name.isEmpty()) {
        pod.getSpecBuilder()
            .addContainersBuilder()
            .getResourcesBuilder()
            .putRequests(name, Quantities.of("1Gi"));
      }
    }
    EmptyDirVolumeSource source = EmptyDirVolumeSource.newBuilder().setMedium(medium).build();
    String said;
    try {
      said = HugePageMounts.options(pod.build(), source);
    } catch (VolumeException e) {
      said = String.valueOf(e.getMessage());
    }
    assertThat(said).startsWith(options);
  }

  @Test
  void anEmptyDirMayBeOfHugePages() throws Exception {
    Pod.Builder pod =
        pod(
            VolumeSource.newBuilder()
                .setEmptyDir(EmptyDirVolumeSource.newBuilder().setMedium("HugePages"))
                .build())
            .toBuilder();
    pod.getSpecBuilder()
        .addContainersBuilder()
        .getResourcesBuilder()
        .putLimits("hugepages-2Mi", Quantities.of("4Mi"));
    Path made = bound(volumes.setUp(pod.build()).get("v0"));
    assertThat(Files.getFileStore(made).type()).isEqualTo("hugetlbfs");
    assertThat(Files.getFileStore(made).getBlockSize()).isEqualTo(2 << 20);
    assertThat((int) Files.getAttribute(made, "unix:mode") & 07777).isEqualTo(0777);
  }

  @Test
  void aSubPathCannotLeaveItsVolumeWhileItChanges() throws Exception {
    Path outside = Files.createDirectories(folder.resolve("outside/deeper"));
    Files.writeString(outside.resolve("x"), "secret");
    Files.writeString(outside.resolveSibling("x"), "secret");
    Pod pod =
        pod(
            VolumeSource.newBuilder()
                .setEmptyDir(EmptyDirVolumeSource.getDefaultInstance())
                .build());
    PodVolume volume = volumes.setUp(pod).get("v0");
    Path place = (volume == null ? folder : volume.path()).resolve("a");
    AtomicBoolean over = new AtomicBoolean();
    Thread swapper =
        Thread.ofPlatform()
            .start(() -> {
              while (!over.get()) {
                try {
                  FileTree.delete(place);
                  Files.createSymbolicLink(place, folder.resolve("outside"));
                  Files.delete(place);
                  Files.createDirectories(place.resolve("deeper"));
                } catch (IOException e) {
                  // made meanwhile by who looks for it: again
                  Thread.onSpinWait();
                }
              }
            });
    try {
      for (int i = 0; i < 400; i++) {
        try {
          Path bound = subPath(pod, volume, i % 2 == 0 ? "a" : "a/deeper");
          assertThat(bound.resolve("x")).doesNotExist();
        } catch (VolumeException e) {
          assertThat(e).hasMessageContaining("subPath \"a");
        }
      }
    } finally {
      over.set(true);
      swapper.join();
    }
    assertThat(outside.resolve("x")).hasContent("secret");
  }

  @Test
  void whatFindsNoRoomLeavesNothingBehindAndIsWrittenLater() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("pods"));
    new LinuxMounts().mount("tmpfs", disk, "tmpfs", EnumSet.noneOf(Mounts.Flag.class), "size=1m");
    open(clock);
    store("settings", Map.of("a", "first"));
    Pod pod = pod(configMap("settings"));
    Path volume = setUp(pod);
    store("settings", Map.of("a", "x".repeat(2 << 20)));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> volumes.setUp(pod))
          .isInstanceOf(VolumeException.class)
          .hasMessageContaining("No space left on device");
    }
    assertThat(Files.readString(volume.resolve("a"))).isEqualTo("first");
    try (var all = Files.list(volume)) {
      // the data, the link to it, and the two names
      assertThat(all).hasSize(4);
    }
    store("settings", Map.of("a", "second"));
    assertThat(Files.readString(setUp(pod).resolve("a"))).isEqualTo("second");
  }
}
