package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.SecurityContext;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.cdi.ContainerEdits;
import io.coxswain.node.cdi.ContainerEdits.DeviceNode;
import io.coxswain.node.host.HugePages;
import io.coxswain.node.host.UnifiedLimits;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.image.ImageConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A container as an OCI bundle's `config.json` (OCI runtime-spec, config.md): a function of the
/// pod, the image and the node, without looking at the machine.
final class OciSpec {

  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  /// What the function reads besides the launch.
  ///
  /// @param rootfs the mounted root file system
  /// @param cgroup of the container, below its pod's
  /// @param terminationLog file on the host that the container may write its last words to
  /// @param ownCapabilities the agent's bounding set as a bit mask
  /// @param oomScore the process' place in the order in which the kernel ends processes for want of
  ///   memory; empty when the agent may not set it
  /// @param confinement profiles that hold for its process
  /// @param devices of the node that a privileged container has
  /// @param hugePages the sizes that the machine has and bounds, as `hugepages-2Mi`
  /// @param cgroupV2 whether the machine has only the unified hierarchy
  record Input(
      ContainerLaunch launch,
      Path rootfs,
      String cgroup,
      Path terminationLog,
      ProcessUser user,
      long ownCapabilities,
      String hostname,
      OptionalInt oomScore,
      Confinement confinement,
      List<DeviceNode> devices,
      Set<String> hugePages,
      boolean cgroupV2) {}

  private OciSpec() {}

  static Map<String, Object> of(Input input) {
    SecurityContext security = input.launch().container().getSecurityContext();
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("ociVersion", "1.0.2");
    spec.put("process", process(input));
    spec.put(
        "root",
        ordered(
            "path", input.rootfs().toString(), "readonly", security.getReadOnlyRootFilesystem()));
    spec.put("mounts", mounts(input));
    spec.put("linux", linux(input));
    DeviceEdits.hooks(spec, input.launch().edits());
    return spec;
  }

  /// What stands in front: Kubernetes' `command` replaces the image's entrypoint and its command,
  /// `args` only the latter.
  static List<String> arguments(Container container, ImageConfig image) {
    List<String> arguments = new ArrayList<>();
    if (container.getCommandCount() > 0) {
      arguments.addAll(container.getCommandList());
      arguments.addAll(container.getArgsList());
      return arguments;
    }
    arguments.addAll(image.entrypoint());
    arguments.addAll(container.getArgsCount() > 0 ? container.getArgsList() : image.command());
    return arguments;
  }

  /// A process that is added to a container later, like its first but for what it does.
  ///
  /// @param spec the container's
  static ObjectNode another(JsonNode spec, List<String> arguments, boolean terminal) {
    ObjectNode process = JsonTrees.object();
    if (spec.path("process") instanceof ObjectNode first) {
      process.setAll(first);
    }
    ArrayNode words = process.putArray("args");
    arguments.forEach(words::add);
    return process.put("terminal", terminal);
  }

  private static Map<String, Object> process(Input input) {
    Container container = input.launch().container();
    boolean terminal = container.getTty();
    ImageConfig image = input.launch().image().config();
    SecurityContext security = container.getSecurityContext();
    List<String> capabilities = Capabilities.of(security, input.ownCapabilities());
    boolean root = input.user().uid() == 0;
    Map<String, Object> process = new LinkedHashMap<>();
    process.put("terminal", terminal);
    process.put(
        "user",
        ordered(
            "uid",
            input.user().uid(),
            "gid",
            input.user().gid(),
            "additionalGids",
            DeviceEdits.groups(input.user().groups(), input.launch().edits())));
    process.put("args", arguments(container, image));
    process.put("env", environment(input, terminal));
    String folder =
        container.getWorkingDir().isEmpty() ? image.workingDirectory() : container.getWorkingDir();
    process.put("cwd", folder.isEmpty() ? "/" : folder);
    process.put(
        "capabilities",
        ordered(
            "bounding",
            capabilities,
            "effective",
            root ? capabilities : List.of(),
            "permitted",
            root ? capabilities : List.of()));
    boolean mayEscalate =
        !security.hasAllowPrivilegeEscalation() || security.getAllowPrivilegeEscalation();
    process.put("noNewPrivileges", !mayEscalate && !security.getPrivileged());
    input.oomScore().ifPresent(score -> process.put("oomScoreAdj", score));
    if (!input.confinement().appArmor().isEmpty()) {
      process.put("apparmorProfile", input.confinement().appArmor());
    }
    return process;
  }

  private static List<String> environment(Input input, boolean terminal) {
    Map<String, String> byName = new LinkedHashMap<>();
    put(byName, PATH);
    put(byName, "HOSTNAME=" + input.hostname());
    if (terminal) {
      put(byName, "TERM=xterm");
    }
    input.launch().image().config().environment().forEach(entry -> put(byName, entry));
    input.launch().environment().forEach(entry -> put(byName, entry));
    input.launch().edits().environment().forEach(entry -> put(byName, entry));
    byName.putIfAbsent("HOME", "HOME=" + input.user().home());
    return List.copyOf(byName.values());
  }

  private static void put(Map<String, String> byName, String entry) {
    int equals = entry.indexOf('=');
    byName.put(equals < 0 ? entry : entry.substring(0, equals), entry);
  }

  private static List<Object> mounts(Input input) {
    ContainerLaunch launch = input.launch();
    PodSpec pod = launch.pod().getSpec();
    boolean privileged = launch.container().getSecurityContext().getPrivileged();
    List<Object> mounts = new ArrayList<>();
    mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"));
    mounts.add(
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"));
    mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
    String access = privileged ? "rw" : "ro";
    if (pod.getHostNetwork()) {
      // A mount of sysfs shows the network namespace of who mounts it; the host's is seen by a
      // bind.
      mounts.add(mount("/sys", "bind", "/sys", "rbind", "nosuid", "noexec", "nodev", access));
    } else {
      mounts.add(mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", access));
    }
    mounts.add(mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", access));
    mounts.add(
        mount(
            "/dev/shm",
            "bind",
            launch.sandbox().sharedMemory().toString(),
            "rbind",
            "nosuid",
            "noexec",
            "nodev",
            "rw"));
    Set<String> own =
        launch.mounts().stream()
            .map(BindMount::target)
            .collect(java.util.stream.Collectors.toUnmodifiableSet());
    for (String file : List.of("hosts", "resolv.conf", "hostname")) {
      String target = "/etc/" + file;
      if (!own.contains(target)) {
        mounts.add(bind(BindMount.readWrite(launch.sandbox().files().resolve(file), target)));
      }
    }
    String last = launch.container().getTerminationMessagePath();
    mounts.add(
        bind(
            BindMount.readWrite(
                input.terminationLog(), last.isEmpty() ? "/dev/termination-log" : last)));
    // Outer folders first, so that no mount hides another.
    launch.mounts().stream()
        .sorted(java.util.Comparator.comparing(BindMount::target))
        .map(OciSpec::bind)
        .forEach(mounts::add);
    return DeviceEdits.mounts(mounts, launch.edits());
  }

  private static Map<String, Object> bind(BindMount mount) {
    return mount(
        mount.target(),
        "bind",
        mount.source().toString(),
        "rbind",
        mount.propagation(),
        !mount.readOnly() ? "rw" : mount.recursively() ? "rro" : "ro");
  }

  private static Map<String, Object> mount(
      String target, String type, String source, String... options) {
    return ordered(
        "destination", target, "type", type, "source", source, "options", List.of(options));
  }

  private static Map<String, Object> linux(Input input) {
    ContainerLaunch launch = input.launch();
    SecurityContext security = launch.container().getSecurityContext();
    boolean privileged = security.getPrivileged();
    Map<String, Object> linux = new LinkedHashMap<>();
    List<Object> namespaces = namespaces(launch, input.cgroupV2());
    linux.put("namespaces", namespaces);
    users(linux, namespaces, launch.sandbox().users());
    linux.put("cgroupsPath", input.cgroup());
    ContainerEdits edits = launch.edits();
    List<DeviceNode> devices = new ArrayList<>(input.devices());
    devices.addAll(edits.devices());
    if (!devices.isEmpty()) {
      linux.put("devices", DeviceEdits.devices(devices, input.user()));
    }
    linux.put("resources", resources(input, privileged));
    Map<String, Object> sysctls = new LinkedHashMap<>();
    launch
        .pod()
        .getSpec()
        .getSecurityContext()
        .getSysctlsList()
        .forEach(sysctl -> sysctls.put(Sysctls.dotted(sysctl.getName()), sysctl.getValue()));
    if (!sysctls.isEmpty()) {
      linux.put("sysctl", sysctls);
    }
    propagation(launch).ifPresent(how -> linux.put("rootfsPropagation", how));
    List<String> readOnly = new ArrayList<>();
    if (!privileged && !security.getProcMount().equals("Unmasked")) {
      linux.put("maskedPaths", MASKED);
      readOnly.addAll(READ_ONLY);
    }
    if (security.getReadOnlyRootFilesystem()) {
      readOnly.addAll(mountedIn(input.rootfs()));
    }
    if (!readOnly.isEmpty()) {
      linux.put("readonlyPaths", readOnly);
    }
    if (!input.confinement().seccomp().isEmpty()) {
      linux.put("seccomp", input.confinement().seccomp());
    }
    return linux;
  }

  /// For a mount that the host's mounts are to be seen in, or the other way round, the root must
  /// not be cut off from the host's before it is made (mount_namespaces(7)).
  private static Optional<String> propagation(ContainerLaunch launch) {
    List<String> all = launch.mounts().stream().map(BindMount::propagation).toList();
    if (all.contains("rshared")) {
      return Optional.of("rshared");
    }
    return all.contains("rslave") ? Optional.of("rslave") : Optional.empty();
  }

  /// Folders of the root file system that are mounts of their own, as `/usr` of `host:///` is: that
  /// the root is read-only says nothing of them.
  private static List<String> mountedIn(Path rootfs) {
    if (!Files.isDirectory(rootfs)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(rootfs)) {
      Object device = Files.getAttribute(rootfs, "unix:dev");
      List<String> mounted = new ArrayList<>();
      for (Path child : children.sorted().toList()) {
        boolean folder = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
        if (folder && !device.equals(Files.getAttribute(child, "unix:dev"))) {
          mounted.add("/" + child.getFileName());
        }
      }
      return mounted;
    } catch (IOException e) {
      throw new UncheckedIOException("looking at " + rootfs, e);
    }
  }

  private static List<Object> namespaces(ContainerLaunch launch, boolean cgroupV2) {
    PodSpec pod = launch.pod().getSpec();
    Path pins = launch.sandbox().namespaces();
    List<Object> namespaces = new ArrayList<>();
    namespaces.add(Map.of("type", "mount"));
    if (PodInit.isWanted(pod)) {
      namespaces.add(ordered("type", "pid", "path", pins.resolve(PodInit.PIN).toString()));
    } else if (!pod.getHostPID()) {
      namespaces.add(
          launch
              .target()
              .<Object>map(
                  target -> ordered("type", "pid", "path", "/proc/" + target.pid() + "/ns/pid"))
              .orElse(Map.of("type", "pid")));
    }
    if (!pod.getHostIPC()) {
      namespaces.add(ordered("type", "ipc", "path", pins.resolve("ipc").toString()));
    }
    if (!pod.getHostNetwork()) {
      namespaces.add(ordered("type", "network", "path", pins.resolve("net").toString()));
      namespaces.add(ordered("type", "uts", "path", pins.resolve("uts").toString()));
    }
    if (cgroupV2) {
      namespaces.add(Map.of("type", "cgroup"));
    }
    return namespaces;
  }

  /// Adds the pod's own users to what a container is made of, where it has any.
  static void users(Map<String, Object> linux, List<Object> namespaces, UserRange users) {
    if (!users.isOwn()) {
      return;
    }
    namespaces.add(ordered("type", "user", "path", users.namespace().toString()));
    List<Object> mappings =
        List.of(ordered("containerID", 0, "hostID", users.first(), "size", UserRange.COUNT));
    linux.put("uidMappings", mappings);
    linux.put("gidMappings", mappings);
  }

  private static Map<String, Object> resources(Input input, boolean privileged) {
    ContainerLaunch launch = input.launch();
    PodResources amounts = PodResources.of(Granted.of(launch.pod().getSpec(), launch.container()));
    Map<String, Object> resources = new LinkedHashMap<>();
    List<Object> rules = new ArrayList<>();
    rules.add(ordered("allow", privileged, "access", "rwm"));
    rules.addAll(DeviceEdits.rules(launch.edits()));
    resources.put("devices", rules);
    Map<String, Object> cpu = new LinkedHashMap<>();
    if (!input.cgroupV2()) {
      cpu.put("shares", amounts.cpuShares());
    }
    if (amounts.cpuQuotaMicros() >= 0) {
      cpu.put("quota", amounts.cpuQuotaMicros());
      cpu.put("period", PodResources.PERIOD_MICROS);
    }
    resources.put("cpu", cpu);
    if (input.cgroupV2()) {
      resources.put("unified", unified(amounts));
    }
    if (amounts.memoryBytes() >= 0) {
      resources.put("memory", ordered("limit", amounts.memoryBytes()));
    }
    if (!input.hugePages().isEmpty()) {
      resources.put("hugepageLimits", hugePages(launch, input.hugePages()));
    }
    return resources;
  }

  /// The weight as the pod's group has it: runtimes differ in how they make one of shares. And a
  /// container that is out of memory ends as a whole, as with kubelet, not by some process of it.
  private static Map<String, Object> unified(PodResources amounts) {
    return ordered(
        "cpu.weight",
        Long.toString(UnifiedLimits.weight(amounts.cpuShares())),
        "memory.oom.group",
        "1");
  }

  /// What the container asks for, or its pod does; of all other sizes none, for it needs no volume
  /// to take some (MAP_HUGETLB of mmap(2)).
  private static List<Object> hugePages(ContainerLaunch launch, Set<String> sizes) {
    Map<String, Quantity> limits =
        new HashMap<>(launch.pod().getSpec().getResources().getLimitsMap());
    limits.putAll(launch.container().getResources().getLimitsMap());
    List<Object> pages = new ArrayList<>();
    for (String name : new TreeSet<>(sizes)) {
      Quantity limit = limits.getOrDefault(name, Quantity.getDefaultInstance());
      pages.add(ordered("pageSize", HugePages.sizeOf(name), "limit", Quantities.whole(limit)));
    }
    return pages;
  }

  /// A map that keeps the order in which it is written, so that files can be compared.
  static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
