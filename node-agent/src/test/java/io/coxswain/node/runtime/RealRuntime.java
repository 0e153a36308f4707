package io.coxswain.node.runtime;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.host.BusyboxRootfs;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.HostProcesses;
import io.coxswain.node.host.LinuxControlGroups;
import io.coxswain.node.host.LinuxDaemons;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.LinuxNamespaces;
import io.coxswain.node.host.Machine;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Mounts.MountPoint;
import io.coxswain.node.host.PidfdWatch;
import io.coxswain.node.image.FakeImages;
import io.coxswain.node.image.ImageConfig;
import io.coxswain.node.image.ImageRequest;
import io.coxswain.node.image.PullPolicy;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.network.FakePodNetwork;
import io.coxswain.node.plugin.UnixSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The real runtime on this machine below folders and a control group of its own, with a busybox
/// for every image. [#cleanUp] takes all of it away.
public final class RealRuntime {

  public static final String IMAGE = "busybox";

  public final PodFolders folders;
  public final FakeImages images;
  public final PodRuntimes.Host host;
  public final UnixSockets sockets = new UnixSockets();
  public final PodRuntime runtime;
  private final Path root;

  /// Of the agent's data and logs.
  public final Path disk;

  public final RuntimeOptions options;

  public RealRuntime() throws Exception {
    this("");
  }

  /// @param program `runc` or `crun`; empty for what an agent takes here
  public RealRuntime(String program) throws Exception {
    this(program, Files.createTempDirectory(Path.of("/tmp"), "cxr"), 0);
  }

  /// With a disk of so many bytes for the agent's data and logs.
  public static RealRuntime withDiskOf(long bytes) throws Exception {
    return new RealRuntime("", Files.createTempDirectory(Path.of("/tmp"), "cxr"), bytes);
  }

  private RealRuntime(String program, Path root, long diskBytes) throws Exception {
    this.root = root;
    // users that are none of the node's get to what is theirs in it
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    Mounts mounts = new LinuxMounts();
    disk = Files.createDirectory(root.resolve("disk"));
    if (diskBytes > 0) {
      mounts.mount("tmpfs", disk, "tmpfs", EnumSet.noneOf(Mounts.Flag.class), "size=" + diskBytes);
    }
    folders = new PodFolders(disk.resolve("data"), root.resolve("run"), disk.resolve("log"));
    images =
        new FakeImages()
            .with(IMAGE, BusyboxRootfs.create(root.resolve("rootfs")), ImageConfig.EMPTY);
    PidfdWatch watch = new PidfdWatch();
    host =
        new PodRuntimes.Host(
            Machine.read(folders.data()),
            LinuxControlGroups.find(mounts),
            new LinuxNamespaces(mounts),
            mounts,
            new HostProcesses(),
            new LinuxDaemons(watch),
            watch);
    options =
        new RuntimeOptions(
            "/coxswain-test-" + root.getFileName(),
            512,
            List.of(),
            "cluster.local",
            false,
            root.resolve("seccomp"),
            4,
            Path.of("/usr/bin/conmon"),
            Map.of(),
            program);
    runtime = another();
  }

  /// crun 1.8 takes no hybrid layout whose unified hierarchy has a controller.
  public static void assumeThatCrunWorks() throws IOException {
    if (LinuxControlGroups.find(new LinuxMounts()).layout() != ControlGroups.Layout.HYBRID) {
      return;
    }
    for (MountPoint point : new LinuxMounts().list()) {
      if (point.type().equals("cgroup2")) {
        String left = Files.readString(point.target().resolve("cgroup.controllers")).strip();
        assumeTrue(left.isEmpty(), "v2 has controllers beside v1, which crun refuses: " + left);
      }
    }
  }

  /// A runtime on the same folders, as after a restart of the agent.
  public PodRuntime another() throws Exception {
    return PodRuntimes.of(
        folders, host, images, new FakePodNetwork(), one -> one, options, Clock.systemUTC());
  }

  public static Pod pod(String name, Container... containers) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder()
        .setName(name)
        .setNamespace("default")
        .setUid(UUID.randomUUID().toString());
    pod.getSpecBuilder().addAllContainers(List.of(containers)).setRestartPolicy("Always");
    return pod.build();
  }

  public static Container shell(String name, String script) {
    return Container.newBuilder()
        .setName(name)
        .setImage(IMAGE)
        .addAllCommand(List.of("sh", "-c", script))
        .build();
  }

  public ContainerLaunch launch(Pod pod, int container, int attempt) throws Exception {
    PulledImage image = images.pull(new ImageRequest(IMAGE, PullPolicy.IF_NOT_PRESENT, List.of()));
    return new ContainerLaunch(
        pod,
        pod.getSpec().getContainers(container),
        attempt,
        runtime.setUp(pod, () -> {}),
        image,
        List.of(),
        List.of());
  }

  public ControlGroups controlGroups() {
    return host.controlGroups();
  }

  public void cleanUp() throws Exception {
    for (Pod pod : runtime.known()) {
      runtime.tearDown(pod);
    }
    host.watch().close();
    sockets.close();
    host.controlGroups().remove(options.cgroupParent());
    host.mounts().unmountBelow(root);
    DiskState.deleteAll(root);
  }
}
