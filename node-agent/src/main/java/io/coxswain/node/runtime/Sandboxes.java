package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerPort;
import io.coxswain.api.core.v1.HostAlias;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.network.PodNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Makes and takes away what a pod's containers share. There is no process that holds it, but for
/// pods that want one pid namespace ([PodInit]): namespaces live on pins in the run folder.
final class Sandboxes {

  private static final long LEAST_SHARES = 2;
  private static final long MOST_SHARES = 262_144;
  private static final String MEMORY = "memory";

  /// Of the names of pods' control groups.
  private static final String POD = "pod";

  /// Shares of each burstable pod, by uid; guarded by itself.
  private final Map<String, Long> burstable = new HashMap<>();

  /// What the classes' groups were given last; guarded by [#burstable].
  private final Map<PodResources.Qos, Long> weights = new EnumMap<>(PodResources.Qos.class);

  private final PodFolders folders;
  private final ControlGroups controlGroups;
  private final Namespaces namespaces;
  private final Mounts mounts;
  private final PodNetwork network;
  private final PodInit init;
  private final UserRanges ranges;
  private final HandlerLookup handlers;
  private final RuntimeOptions options;

  Sandboxes(
      PodFolders folders,
      ControlGroups controlGroups,
      Namespaces namespaces,
      Mounts mounts,
      PodNetwork network,
      PodInit init,
      UserRanges ranges,
      HandlerLookup handlers,
      RuntimeOptions options) {
    this.folders = folders;
    this.controlGroups = controlGroups;
    this.namespaces = namespaces;
    this.mounts = mounts;
    this.network = network;
    this.init = init;
    this.ranges = ranges;
    this.handlers = handlers;
    this.options = options;
  }

  Sandbox setUp(Pod pod) throws IOException, InterruptedException {
    PodSpec spec = pod.getSpec();
    boolean withInit = PodInit.isWanted(spec);
    if (withInit && init.isLost(pod.getMetadata().getUid())) {
      // The kernel lets no process into a pid namespace whose first one has ended.
      tearDown(pod);
    }
    String uid = pod.getMetadata().getUid();
    PodResources resources = PodResources.of(spec);
    String cgroup = cgroup(pod);
    weigh(pod, resources.cpuShares());
    // Where containers run, limits have an order in which they can change: that is PodLimits'.
    boolean fresh = controlGroups.children(cgroup).isEmpty();
    controlGroups.create(
        cgroup,
        new ControlGroups.Limits(
            fresh ? resources.cpuShares() : -1,
            fresh ? resources.cpuQuotaMicros() : -1,
            fresh ? resources.memoryBytes() : -1,
            options.podProcesses()));
    Path pins = folders.podRun(uid).resolve("ns");
    Set<Namespaces.Kind> kinds = EnumSet.noneOf(Namespaces.Kind.class);
    if (!spec.getHostNetwork()) {
      kinds.add(Namespaces.Kind.NETWORK);
      kinds.add(Namespaces.Kind.UTS);
    }
    if (!spec.getHostIPC()) {
      kinds.add(Namespaces.Kind.IPC);
    }
    UserRange users = namespaces(pod, pins, kinds);
    Path memory = memory(uid);
    Path shared = spec.getHostIPC() ? Path.of("/dev/shm") : memory.resolve("shm");
    int first = withInit ? init.ensure(uid, pins, cgroup, users) : 0;
    List<InetAddress> addresses =
        spec.getHostNetwork() ? options.nodeAddresses() : network.setUp(attachment(pod, pins));
    Path files = memory.resolve("etc");
    write(files.resolve("resolv.conf"), network.resolvConf(pod));
    write(files.resolve("hostname"), PodNames.hostname(pod, options.clusterDomain()) + "\n");
    write(files.resolve("hosts"), hosts(pod, addresses));
    if (users.isOwn()) {
      give(memory, users);
    }
    return new Sandbox(
        uid,
        pins,
        files,
        shared,
        cgroup,
        id(folders.sandboxFiles(uid)),
        first,
        handler(pod),
        users,
        addresses);
  }

  private UserRange namespaces(Pod pod, Path pins, Set<Namespaces.Kind> kinds) throws IOException {
    String hostname = PodNames.hostname(pod, options.clusterDomain());
    if (!UserRanges.isWanted(pod.getSpec())) {
      namespaces.create(pins, kinds, hostname);
      return UserRange.NODE;
    }
    passable(folders.podRuns());
    UserRange users =
        new UserRange(pins.resolve(Namespaces.USERS), ranges.of(pod.getMetadata().getUid()));
    namespaces.createWithUsers(pins, kinds, hostname, users.first());
    return users;
  }

  /// The runtime goes to the pod's files as its root, who is nobody on the node.
  private static void passable(Path folder) throws IOException {
    for (Path one = folder.toAbsolutePath().getParent(); one != null; one = one.getParent()) {
      if (Files.exists(one)
          && !Files.getPosixFilePermissions(one).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new IOException(
            "`spec.hostUsers: false` needs a node whose folder %s others may pass: chmod o+x %s"
                .formatted(one, one));
      }
    }
  }

  /// What containers share and may change is their root's.
  private static void give(Path memory, UserRange users) throws IOException {
    List<Path> all = new ArrayList<>(DiskState.children(memory.resolve("etc")));
    all.add(memory.resolve("shm"));
    for (Path one : all) {
      Files.setAttribute(one, "unix:uid", users.first(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(one, "unix:gid", users.first(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  /// What was made for the pod anew, as after a restart of the machine, has another one.
  private static String id(Path files) throws IOException {
    Path file = files.resolve("sandbox");
    if (Files.notExists(file)) {
      Files.writeString(file, UUID.randomUUID().toString());
    }
    return Files.readString(file);
  }

  /// Which handler a pod has is clear before anything of it is made, and stays so: what an agent
  /// knew, the next one reads.
  String handler(Pod pod) throws IOException {
    return handler(pod, folders.sandboxFiles(pod.getMetadata().getUid()));
  }

  private String handler(Pod pod, Path files) throws IOException {
    if (pod.getSpec().getRuntimeClassName().isEmpty()) {
      return "";
    }
    Path file = files.resolve("handler");
    if (Files.notExists(file)) {
      String handler = handlers.handler(pod.getSpec().getRuntimeClassName());
      Files.createDirectories(files);
      Files.writeString(file, handler);
    }
    return Files.readString(file);
  }

  void tearDown(Pod pod) throws IOException, InterruptedException {
    controlGroups.remove(cgroup(pod));
    weigh(pod, 0);
    free(pod.getMetadata().getUid());
  }

  /// Takes away what there is of a pod of which nothing but this is known.
  void tearDown(String uid) throws IOException, InterruptedException {
    for (String group : groups(uid)) {
      controlGroups.remove(group);
    }
    free(uid);
  }

  private void free(String uid) throws IOException, InterruptedException {
    network.tearDown(uid);
    Path run = folders.podRun(uid);
    init.remove(uid, run.resolve("ns"));
    namespaces.remove(run.resolve("ns"));
    mounts.unmount(run.resolve(MEMORY));
    mounts.unmount(run.resolve("shm")); // of a pod that an agent before this one made
    DiskState.deleteAll(run);
    ranges.giveBack(uid);
  }

  /// In which groups those of pods stand.
  List<String> parentsOfPods() {
    List<String> parents = new ArrayList<>(List.of(options.cgroupParent()));
    for (PodResources.Qos qos : PodResources.Qos.values()) {
      if (qos != PodResources.Qos.GUARANTEED) {
        parents.add(options.cgroupParent() + "/" + qos.folder());
      }
    }
    return parents;
  }

  private static String group(String parent, String uid) {
    return parent + "/" + POD + uid;
  }

  /// Where the group of a pod may be of which nothing but this is known.
  List<String> groups(String uid) {
    return parentsOfPods().stream().map(parent -> group(parent, uid)).toList();
  }

  /// Whose group it is.
  ///
  /// @param name of a group in one of [#parentsOfPods]
  /// @return the pod's uid; nothing where it is no pod's
  static Optional<String> podOf(String name) {
    return name.startsWith(POD) ? Optional.of(name.substring(POD.length())) : Optional.empty();
  }

  /// Guaranteed pods stand beside the groups of the other two classes.
  String cgroup(Pod pod) {
    PodResources.Qos qos = PodResources.qos(pod);
    String group = qos == PodResources.Qos.GUARANTEED ? "" : "/" + qos.folder();
    return group(options.cgroupParent() + group, pod.getMetadata().getUid());
  }

  /// Keeps the weights of the two classes that have a group of their own: best-effort pods together
  /// get the least there is, burstable ones what they ask for.
  void weigh(Pod pod, long shares) throws IOException {
    PodResources.Qos qos = PodResources.qos(pod);
    if (qos == PodResources.Qos.GUARANTEED) {
      return;
    }
    synchronized (burstable) {
      long weight = LEAST_SHARES;
      if (qos == PodResources.Qos.BURSTABLE) {
        if (shares > 0) {
          burstable.put(pod.getMetadata().getUid(), shares);
        } else {
          burstable.remove(pod.getMetadata().getUid());
        }
        long sum = burstable.values().stream().mapToLong(Long::longValue).sum();
        weight = Math.clamp(sum, LEAST_SHARES, MOST_SHARES);
      }
      String group = options.cgroupParent() + "/" + qos.folder();
      if (controlGroups.limit(group, ControlGroups.Limit.CPU_SHARES) < 0) {
        controlGroups.create(group, new ControlGroups.Limits(weight, -1, -1, -1));
      } else if (!Objects.equals(weights.put(qos, weight), weight)) {
        controlGroups.limit(group, ControlGroups.Limit.CPU_SHARES, weight);
      }
    }
  }

  /// What a pod's containers may write to in memory, with a bound of its own: `shm`, which they
  /// share, and in `etc` the files of which each has the same one. In the run folder itself, which
  /// all pods need, one that writes to its `/etc/hosts` without end would end all others.
  private Path memory(String uid) throws IOException {
    Path memory = folders.podRun(uid).resolve(MEMORY);
    // The mount table grows with the pods, so it is asked only about those that were here before.
    boolean fresh = Files.notExists(memory);
    if (fresh) {
      Files.createDirectories(memory);
    }
    if (fresh || !mounts.isMounted(memory)) {
      mounts.mount(
          "shm",
          memory,
          "tmpfs",
          EnumSet.of(Mounts.Flag.NO_SUID, Mounts.Flag.NO_EXEC, Mounts.Flag.NO_DEV),
          "mode=755,size=65536k");
    }
    Files.createDirectories(memory.resolve("etc"));
    Path shared = Files.createDirectories(memory.resolve("shm"));
    LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, shared.toString(), 01777);
    return memory;
  }

  private static PodNetwork.Attachment attachment(Pod pod, Path pins) {
    List<PodNetwork.HostPort> ports = new ArrayList<>();
    for (Container container : pod.getSpec().getContainersList()) {
      for (ContainerPort port : container.getPortsList()) {
        if (port.getHostPort() > 0) {
          String protocol = port.getProtocol().isEmpty() ? "TCP" : port.getProtocol();
          ports.add(
              new PodNetwork.HostPort(
                  port.getHostIP(), port.getHostPort(), port.getContainerPort(), protocol));
        }
      }
    }
    return new PodNetwork.Attachment(
        pod.getMetadata().getUid(),
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        pins.resolve("net"),
        ports);
  }

  private String hosts(Pod pod, List<InetAddress> addresses) throws IOException {
    // Programs and tests look for this line, so it is Kubernetes' own.
    StringBuilder text = new StringBuilder("# Kubernetes-managed hosts file");
    if (pod.getSpec().getHostNetwork()) {
      text.append(" (host network).\n");
      text.append(Files.readString(Path.of("/etc/hosts")));
    } else {
      text.append(".\n127.0.0.1\tlocalhost\n");
      text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
      String hostname = PodNames.hostname(pod, options.clusterDomain());
      String qualified = PodNames.qualified(pod, options.clusterDomain());
      for (InetAddress address : addresses) {
        text.append(address.getHostAddress()).append('\t');
        text.append(qualified.isEmpty() ? hostname : qualified + " " + hostname).append('\n');
      }
    }
    for (HostAlias alias : pod.getSpec().getHostAliasesList()) {
      text.append(alias.getIp()).append('\t');
      text.append(String.join("\t", alias.getHostnamesList())).append('\n');
    }
    return text.toString();
  }

  /// Written in place: containers have the file itself bound, not its name.
  private static void write(Path file, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    boolean same =
        Files.exists(file)
            && Files.size(file) == content.length // what a container made of it may be large
            && java.util.Arrays.equals(Files.readAllBytes(file), content);
    if (!same) {
      Files.write(file, content);
    }
  }
}
