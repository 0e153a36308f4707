package io.coxswain.node.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.LinuxNamespaces;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.image.ImageException.Reason;
import io.coxswain.node.image.testing.BuiltImage;
import io.coxswain.node.image.testing.ImageBuilder;
import io.coxswain.node.image.testing.ImageBuilder.Compression;
import io.coxswain.node.image.testing.LayerBuilder;
import io.coxswain.node.image.testing.TestRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against a real registry and the real kernel: needs root and docker-registry.
class OverlayImagesTest {

  @TempDir Path folder;
  private TestRegistry registry;
  private OverlayImages images;

  @BeforeEach
  void start() throws Exception {
    registry = TestRegistry.start(Files.createDirectory(folder.resolve("registry")));
    images = open();
  }

  @AfterEach
  void stop() throws Exception {
    for (String owner : images.rootfsOwners()) {
      images.unmountRootfs(owner);
    }
    images.close();
    registry.close();
    new LinuxMounts().unmountBelow(folder);
    FileTree.delete(folder.resolve("images")); // quietly, where JUnit warns of every link
  }

  private OverlayImages open() throws IOException {
    return OverlayImages.open(
        folder.resolve("images"),
        folder.resolve("run"),
        folder,
        Registries.standard(),
        new LinuxMounts(),
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }

  private static ImageRequest request(String image, PullPolicy policy) {
    return new ImageRequest(image, policy, List.of());
  }

  private PulledImage pull(String image) throws Exception {
    return images.pull(request(image, PullPolicy.IF_NOT_PRESENT));
  }

  private static ImageBuilder threeLayers() {
    return new ImageBuilder()
        .layer(
            new LayerBuilder()
                .folder("etc/", 0755)
                .file("etc/a", "lower")
                .file("etc/gone", "lower")
                .folder("data/", 0755)
                .file("data/old", "lower"))
        .layer(
            new LayerBuilder()
                .file("etc/a", "upper")
                .whiteout("etc", "gone")
                .opaque("data")
                .file("data/new", "upper"))
        .layer(new LayerBuilder().symbolicLink("link", "/etc/a").owned("mine", 1000, 2000, "x"))
        .environment("A=1", "PATH=/bin")
        .entrypoint("/bin/app")
        .command("serve")
        .user("1000:2000")
        .workingDirectory("/data")
        .stopSignal("SIGQUIT");
  }

  @Test
  void anImageIsShownToOtherUsersAsTheirs() throws Exception {
    PulledImage image = pull(registry.push("team/app", "1.0", threeLayers().build()));
    Path pins = folder.resolve("ns");
    LinuxNamespaces namespaces = new LinuxNamespaces(new LinuxMounts());
    int first = 10 * UserRange.COUNT;
    namespaces.createWithUsers(pins, Set.of(Namespaces.Kind.IPC), "web", first);
    try {
      UserRange users = new UserRange(pins.resolve(Namespaces.USERS), first);
      Path rootfs = images.mountRootfs(image, "c1", users);
      assertThat(rootfs.resolve("etc/a")).hasContent("upper");
      assertThat(rootfs.resolve("etc/gone")).doesNotExist();
      assertThat(rootfs.resolve("data/old")).doesNotExist();
      assertThat(Files.getAttribute(rootfs, "unix:uid")).isEqualTo(first);
      assertThat(Files.getAttribute(rootfs.resolve("etc/a"), "unix:uid")).isEqualTo(first);
      assertThat(Files.getAttribute(rootfs.resolve("mine"), "unix:uid")).isEqualTo(first + 1000);
      assertThat(Files.getAttribute(rootfs.resolve("mine"), "unix:gid")).isEqualTo(first + 2000);
      // what is changed is copied as theirs, and the others' image stays as it was
      Files.writeString(rootfs.resolve("mine"), "changed");
      assertThat(Files.getAttribute(rootfs.resolve("mine"), "unix:uid")).isEqualTo(first + 1000);
      Path other = images.mountRootfs(image, "c2");
      assertThat(other.resolve("mine")).hasContent("x");
      assertThat(Files.getAttribute(other.resolve("mine"), "unix:uid")).isEqualTo(1000);
      assertThat(images.mountRootfs(image, "c1", users).resolve("mine")).hasContent("changed");
      try (Stream<Path> left = Files.list(folder.resolve("images/scratch"))) {
        assertThat(left).isEmpty();
      }
    } finally {
      namespaces.remove(pins);
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void anImageIsPulledAndMounted(Compression compression) throws Exception {
    BuiltImage built = threeLayers().compression(compression).build();
    String name = registry.push("team/app", "1.0", built);

    PulledImage image = pull(name);

    assertThat(image.id()).isEqualTo(built.configDigest());
    assertThat(image.name()).isEqualTo(name);
    assertThat(image.reference()).startsWith(registry.host() + "/team/app@sha256:");
    assertThat(image.config().entrypoint()).containsExactly("/bin/app");
    assertThat(image.config().command()).containsExactly("serve");
    assertThat(image.config().environment()).containsExactly("A=1", "PATH=/bin");
    assertThat(image.config().user()).isEqualTo("1000:2000");
    assertThat(image.config().stopSignal()).isEqualTo("SIGQUIT");
    assertThat(image.sizeBytes()).isEqualTo("lowerlowerlower".length() + "upperupper".length() + 1);

    Path rootfs = images.mountRootfs(image, "c1");
    assertThat(rootfs.resolve("etc/a")).hasContent("upper");
    assertThat(rootfs.resolve("etc/gone")).doesNotExist();
    assertThat(rootfs.resolve("data/old")).doesNotExist();
    assertThat(rootfs.resolve("data/new")).hasContent("upper");
    assertThat(Files.readSymbolicLink(rootfs.resolve("link"))).isEqualTo(Path.of("/etc/a"));
    assertThat(Files.getAttribute(rootfs.resolve("mine"), "unix:uid")).isEqualTo(1000);
    assertThat(Files.getAttribute(rootfs.resolve("mine"), "unix:gid")).isEqualTo(2000);
  }

  @Test
  void aContainersWritesAreItsOwn() throws Exception {
    PulledImage image = pull(registry.push("app", "1", threeLayers().docker().build()));
    Path one = images.mountRootfs(image, "one");
    Path two = images.mountRootfs(image, "two");

    Files.writeString(one.resolve("etc/a"), "mine");
    assertThat(two.resolve("etc/a")).hasContent("upper");
    assertThat(images.mountRootfs(image, "one").resolve("etc/a")).hasContent("mine");

    images.unmountRootfs("one");
    assertThat(one).doesNotExist();
    images.unmountRootfs("one");
    assertThat(images.rootfsOwners()).containsExactly("two");
    assertThat(images.mountRootfs(image, "one").resolve("etc/a")).hasContent("upper");
  }

  @Test
  void aNewAgentFindsImagesAndRootFilesystems() throws Exception {
    String name = registry.push("app", "1", threeLayers().build());
    PulledImage image = pull(name);
    Path rootfs = images.mountRootfs(image, "c1");
    Files.writeString(rootfs.resolve("written"), "before");
    images.close();
    registry.close();

    images = open();
    assertThat(images.find(image.id())).contains(image);
    assertThat(images.list()).containsExactly(image);
    assertThat(images.rootfsOwners()).containsExactly("c1");
    assertThat(images.mountRootfs(image, "c1").resolve("written")).hasContent("before");
    assertThat(images.pull(request(name, PullPolicy.IF_NOT_PRESENT))).isEqualTo(image);
    assertThat(images.pull(request(name, PullPolicy.NEVER))).isEqualTo(image);
  }

  @Test
  void aRootFilesystemOfBeforeARebootIsMountedAgain() throws Exception {
    PulledImage image = pull(registry.push("app", "1", threeLayers().build()));
    Path rootfs = images.mountRootfs(image, "c1");
    Files.writeString(rootfs.resolve("written"), "before");
    new LinuxMounts().unmount(rootfs);
    FileTree.delete(folder.resolve("run/rootfs/c1"));

    assertThat(images.mountRootfs(image, "c1").resolve("written")).hasContent("before");
  }

  @Test
  void aVolumeIsAnImagesFilesThatNobodyChanges() throws Exception {
    String name = registry.push("data", "1", threeLayers().build());
    Path volume = images.mountVolume(pull(name), "pod.data");
    assertThat(volume.resolve("etc/a")).hasContent("upper");
    assertThatThrownBy(() -> Files.writeString(volume.resolve("etc/a"), "mine"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only file system");

    registry.push("data", "1", new ImageBuilder().layer(new LayerBuilder().file("b", "b")).build());
    PulledImage next = images.pull(request(name, PullPolicy.ALWAYS));
    assertThat(images.mountVolume(next, "pod.data")).isEqualTo(volume);
    assertThat(volume.resolve("etc/a")).as("it stays what it was").exists();
    Path single = images.mountVolume(next, "other.data");
    assertThat(single.resolve("b")).as("of one layer").hasContent("b");
    images.close();

    images = open();
    assertThat(images.mountedVolume("pod.data")).contains(volume);
    images.unmountRootfs("pod.data");
    images.unmountRootfs("other.data");
    assertThat(images.mountedVolume("pod.data")).isEmpty();
    assertThat(images.rootfsOwners()).isEmpty();
    assertThatThrownBy(() -> images.mountVolume(pull("host:///"), "pod.host"))
        .hasMessageContaining("hostPath");
  }

  @Test
  void alwaysSeesAMovedTagAndIfNotPresentDoesNot() throws Exception {
    String name = registry.push("app", "1", threeLayers().build());
    PulledImage first = pull(name);
    registry.push("app", "1", threeLayers().user("root").build());

    assertThat(pull(name)).isEqualTo(first);
    PulledImage second = images.pull(request(name, PullPolicy.ALWAYS));
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(pull(name)).isEqualTo(second);
    assertThat(pull(first.reference()).id()).isEqualTo(first.id());
  }

  @Test
  void anIndexGivesTheImageOfThisPlatform() throws Exception {
    String own = ImageManifest.Platform.current().architecture();
    BuiltImage mine = threeLayers().build();
    BuiltImage other = threeLayers().architecture("s390x").user("other").build();
    String name =
        registry.pushIndex("multi", "1", new TreeMap<>(Map.of("s390x", other, own, mine)));
    assertThat(pull(name).id()).isEqualTo(mine.configDigest());

    String foreign = registry.pushIndex("foreign", "1", Map.of("s390x", other));
    assertThatThrownBy(() -> pull(foreign))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("only for linux/s390x");
  }

  // Whether the padding behind a file is read or skipped depends on what the buffers still hold.
  @ParameterizedTest
  @ValueSource(ints = {1, 131_000, 131_073, 262_145, 400_001, 762_528})
  void aLayerIsCheckedWhateverTheSizesOfItsFiles(int size) throws Exception {
    ImageBuilder builder =
        new ImageBuilder().layer(new LayerBuilder().file("big", "x".repeat(size)).file("z", "z"));
    Path rootfs =
        images.mountRootfs(pull(registry.push("sizes", "" + size, builder.build())), "c1");
    assertThat(rootfs.resolve("big")).hasSize(size);
  }

  @Test
  void manyLayersFitIntoOneMount() throws Exception {
    ImageBuilder builder = new ImageBuilder();
    for (int i = 0; i < 127; i++) {
      builder.layer(new LayerBuilder().file("f" + i, "" + i));
    }
    Path rootfs = images.mountRootfs(pull(registry.push("many", "1", builder.build())), "c1");
    assertThat(rootfs.resolve("f0")).hasContent("0");
    assertThat(rootfs.resolve("f126")).hasContent("126");
  }

  @Test
  void refusalsSayWhy() throws Exception {
    String absent = registry.host() + "/none/such:1";
    assertRefused(
        absent, PullPolicy.ALWAYS, Reason.PULL, "not found in the registry (MANIFEST_UNKNOWN");
    assertRefused(absent, PullPolicy.NEVER, Reason.NEVER_PULL, "not on this node");
    assertRefused("Upper/Case", PullPolicy.ALWAYS, Reason.INVALID_NAME, "");
    assertRefused("127.0.0.1:1/x", PullPolicy.ALWAYS, Reason.PULL, "cannot connect");
    assertRefused("no-such.invalid/x", PullPolicy.ALWAYS, Reason.PULL, "no such host");
  }

  private void assertRefused(String image, PullPolicy policy, Reason reason, String why) {
    assertThatThrownBy(() -> images.pull(request(image, policy)))
        .isInstanceOfSatisfying(ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(image)
        .hasMessageContaining(why);
  }

  @Test
  void pullSecretsOpenAClosedRegistry() throws Exception {
    Path data = Files.createDirectory(folder.resolve("closed"));
    try (TestRegistry closed = TestRegistry.start(data, "me", "s3cret")) {
      String name = closed.push("app", "1", threeLayers().build());
      assertRefused(name, PullPolicy.ALWAYS, Reason.PULL, "imagePullSecrets");
      String auth = Base64.getEncoder().encodeToString("me:s3cret".getBytes(UTF_8));
      List<String> configs =
          List.of(
              "{\"auths\":{\"%s\":{\"username\":\"me\",\"password\":\"no\"}}}"
                  .formatted(closed.host()),
              "{\"%s\":{\"auth\":\"%s\"}}".formatted(closed.host(), auth));
      assertThat(images.pull(new ImageRequest(name, PullPolicy.ALWAYS, configs)).name())
          .isEqualTo(name);
    }
  }

  @Test
  void theHostsOwnSystemIsAnImage() throws Exception {
    PulledImage image = pull("host:///");
    assertThat(image.id()).isEqualTo("host:///");
    assertThat(images.find("host:///")).contains(image);
    Path one = images.mountRootfs(image, "one");
    Path two = images.mountRootfs(image, "two");

    assertThat(one.resolve("bin/sh")).exists();
    assertThat(one.resolve("usr/bin/env")).isExecutable();
    assertThat(one.resolve("etc/passwd")).content().contains("root:x:0:0");
    assertThat(one.resolve("etc/ssl/certs")).isNotEmptyDirectory();
    assertThat(one.resolve("etc/shadow")).doesNotExist();
    assertThat(one.resolve("etc/ssh")).doesNotExist();
    assertThat(one.resolve("etc/ssl/private")).doesNotExist();
    assertThat(one.resolve("root")).isEmptyDirectory();
    assertThat(one.resolve("home")).isEmptyDirectory();
    assertThat(one.resolve("var/lib/dpkg/status")).doesNotExist();

    Files.writeString(one.resolve("usr/bin/new"), "x");
    Files.delete(one.resolve("etc/passwd"));
    assertThat(two.resolve("usr/bin/new")).doesNotExist();
    assertThat(two.resolve("etc/passwd")).exists();
    assertThat(Path.of("/usr/bin/new")).doesNotExist();

    Process ran =
        new ProcessBuilder("chroot", one.toString(), "/bin/sh", "-c", "ls / && id -un").start();
    assertThat(new String(ran.getInputStream().readAllBytes(), UTF_8))
        .contains("usr")
        .endsWith("root\n");
    assertThat(images.mountRootfs(image, "one").resolve("usr/bin/new")).exists();
  }

  @Test
  void aFolderOfTheHostIsAnImage() throws Exception {
    Path other = Files.createTempDirectory(Path.of("/tmp"), "coxswain-app-");
    try {
      Files.writeString(other.resolve("app"), "hello");
      PulledImage image = pull("host://" + other);
      Path rootfs = images.mountRootfs(image, "c1");
      assertThat(rootfs.resolve("app")).hasContent("hello");
      Files.writeString(rootfs.resolve("app"), "changed");
      assertThat(other.resolve("app")).hasContent("hello");
      images.unmountRootfs("c1");
    } finally {
      FileTree.delete(other);
    }
  }

  @Test
  void aFullDiskTakesUnusedImagesAwayAndKeepsWhatContainersStandOn() throws Exception {
    String used = registry.push("used", "1", threeLayers().build());
    String unused =
        registry.push(
            "unused", "1", new ImageBuilder().layer(new LayerBuilder().file("u", "x")).build());
    Path rootfs = images.mountRootfs(pull(used), "c1");
    pull(unused);
    registry.push("used", "1", threeLayers().user("root").build());
    images.pull(request(used, PullPolicy.ALWAYS)); // the tag moves away from what c1 stands on

    CollectOptions never = new CollectOptions(1.0, 1.0, Duration.ofSeconds(-1), Duration.ZERO);
    assertThat(images.collectGarbage(never)).isEmpty();
    assertThat(layerFolders()).isEqualTo(4);

    CollectOptions always = new CollectOptions(0, 0, Duration.ofSeconds(-1), Duration.ZERO);
    assertThat(images.collectGarbage(always)).containsExactlyInAnyOrder(used, unused);
    assertThat(layerFolders()).isEqualTo(3);
    assertThat(folder.resolve("images/scratch")).isEmptyDirectory();
    assertThat(rootfs.resolve("etc/a")).hasContent("upper");

    images.unmountRootfs("c1");
    images.collectGarbage(always);
    assertThat(layerFolders()).isZero();
    assertThat(pull(unused).name()).isEqualTo(unused);
  }

  @Test
  void whatWasLongUnusedGoesFromADiskThatIsEmptyToo() throws Exception {
    String used = registry.push("used", "1", threeLayers().build());
    String unused =
        registry.push(
            "unused", "1", new ImageBuilder().layer(new LayerBuilder().file("u", "x")).build());
    pull(unused);
    images.mountRootfs(pull(used), "c1");
    CollectOptions young = new CollectOptions(1.0, 1.0, Duration.ofHours(1), Duration.ofNanos(1));
    assertThat(images.collectGarbage(young)).isEmpty();
    CollectOptions old = new CollectOptions(1.0, 1.0, Duration.ZERO, Duration.ofNanos(1));
    assertThat(images.collectGarbage(old)).containsExactly(unused);
  }

  private long layerFolders() throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("images/layers"))) {
      return all.count();
    }
  }
}
