package io.coxswain.node.runtime;

import static io.coxswain.node.runtime.RealRuntime.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.FileType;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.BusyboxRootfs;
import io.coxswain.node.image.ImageConfig;
import io.coxswain.node.image.ImageRequest;
import io.coxswain.node.image.PullPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A runtime to attack, an image whose files the attacker wrote, and a folder of the host that no
/// container may read or change.
final class AttackBed {

  static final String SECRET = "that nobody in a container shall read";

  /// Finds files of the node's kernel that are neither absent nor covered.
  static final String LOOK =
      "for f in keys interrupts timer_list kcore; do [ ! -e /proc/$f ] || [ -c /proc/$f ] || echo OPEN $f; done;"
          + " grep -E '^[0-9]+ [0-9]+ [0-9:]+ /[^ ]+ [^ ]+ rw.* - proc ' /proc/self/mountinfo && echo OPEN;";

  /// One of them.
  ///
  /// @param name with the advisory
  record Attack(String name, Try body) {
    @Override
    public String toString() {
      return name;
    }
  }

  interface Try {
    void on(AttackBed bed) throws Exception;
  }

  final String program;
  final RealRuntime real;
  final Path rootfs;
  final Path outside;
  final Path mark;
  private final BlockingQueue<ContainerRecord> ends = new LinkedBlockingQueue<>();

  AttackBed(String program) throws Exception {
    this.program = program;
    outside = Files.createTempDirectory(Path.of("/tmp"), "cxo");
    mark = Files.writeString(outside.resolve("mark"), SECRET);
    rootfs = BusyboxRootfs.create(Files.createTempDirectory(Path.of("/tmp"), "cxi"));
    LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, rootfs.toString(), 0755);
    real = new RealRuntime(program);
    image(ImageConfig.EMPTY);
  }

  void image(ImageConfig config) {
    real.images.with("hostile", rootfs, config);
  }

  static ImageConfig config(String user, String... environment) {
    return new ImageConfig(List.of(environment), List.of(), List.of(), user, "", "", Set.of());
  }

  ContainerRecord start(Pod pod, BindMount... mounts) throws Exception {
    return start(pod, List.of(), mounts);
  }

  ContainerRecord start(Pod pod, List<String> environment, BindMount... mounts) throws Exception {
    ContainerLaunch launch =
        new ContainerLaunch(
            pod,
            pod.getSpec().getContainers(0),
            0,
            real.runtime.setUp(pod, () -> {}),
            real.images.pull(new ImageRequest("hostile", PullPolicy.IF_NOT_PRESENT, List.of())),
            environment,
            List.of(mounts));
    return real.runtime.start(launch, ends::add);
  }

  /// What a container said that ends by itself; nothing when it could not begin.
  String said(Pod pod, BindMount... mounts) throws Exception {
    ContainerRecord started = start(pod, mounts);
    ContainerRecord ended = started.ended() ? started : end();
    String log = log(pod, ended);
    real.runtime.release(ended);
    return log;
  }

  ContainerRecord end() throws Exception {
    ContainerRecord end = ends.poll(30, TimeUnit.SECONDS);
    assertThat(end).isNotNull();
    return end;
  }

  String log(Pod pod, ContainerRecord container) throws IOException {
    Path log = real.runtime.log(pod, container);
    return Files.exists(log) ? Files.readString(log) : "";
  }

  void stop(ContainerRecord container) throws Exception {
    real.runtime.kill(container);
    end();
    real.runtime.release(container);
  }

  static Pod change(Pod pod, java.util.function.Consumer<Container.Builder> change) {
    Pod.Builder changed = pod.toBuilder();
    change.accept(changed.getSpecBuilder().getContainersBuilder(0));
    return changed.build();
  }

  /// A way up from wherever, to the mark.
  String up() {
    return "../".repeat(12) + mark.toString().substring(1);
  }

  Path folder(String name) throws IOException {
    return Files.createDirectories(real.folders.data().resolve("volumes").resolve(name));
  }

  static void link(Path at, String to) throws IOException {
    Files.createSymbolicLink(at, Path.of(to));
  }

  /// As a container that may make devices would have made it.
  Path devices(String nullLink) throws IOException {
    Path dev = folder("dev" + System.nanoTime());
    Files.createDirectory(dev.resolve("pts"));
    Files.createDirectory(dev.resolve("shm"));
    Files.createDirectory(dev.resolve("mqueue"));
    link(dev.resolve("ptmx"), "pts/ptmx");
    if (nullLink.equals("device")) {
      String path = dev.resolve("null").toString();
      LinuxFiles.makeNode(LinuxFiles.AT_FDCWD, path, FileType.CHARACTER_DEVICE, 0666, 0x103);
    } else if (!nullLink.isEmpty()) {
      link(dev.resolve("null"), nullLink);
    }
    return dev;
  }

  /// @throws AssertionError when the host's folder is not as it was
  void takeAway() throws Exception {
    real.cleanUp();
    try (Stream<Path> all = Files.list(outside)) {
      assertThat(all).containsExactly(mark);
    }
    assertThat(mark).hasContent(SECRET);
    FileTree.delete(outside);
    FileTree.delete(rootfs);
  }
}
