package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Machine;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Signals;
import io.coxswain.node.host.UserRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The first process of the pid namespace that the containers of a pod share
/// (`shareProcessNamespace`): it waits for children whose parents have ended, and goes on while
/// containers are started again. A pid namespace cannot do without, so this one is catatonit (its
/// `-P` only waits), alone in a root file system of its own, as nobody, with no capabilities. Only
/// pods that ask for it have it. A file in the pod's run folder says which process it is; both end
/// with the machine's run.
final class PodInit {

  /// Name of the pin of the pid namespace, beside those of [io.coxswain.node.host.Namespaces].
  static final String PIN = "pid";

  private static final int NOBODY = 65_535;

  /// As Kubernetes' own: it is the last of the pod to be ended for want of memory.
  private static final int OOM_SCORE = -998;

  private static final String PROGRAM = "catatonit";

  private final PodFolders folders;
  private final OciRuntime runtime;
  private final Conmon conmon;
  private final ControlGroups controlGroups;
  private final Mounts mounts;
  private final Machine machine;
  private final List<Path> places;

  /// @param places folders in which the program may be
  PodInit(
      PodFolders folders,
      OciRuntime runtime,
      Conmon conmon,
      ControlGroups controlGroups,
      Mounts mounts,
      Machine machine,
      List<Path> places) {
    this.folders = folders;
    this.runtime = runtime;
    this.conmon = conmon;
    this.controlGroups = controlGroups;
    this.mounts = mounts;
    this.machine = machine;
    this.places = List.copyOf(places);
  }

  static boolean isWanted(PodSpec spec) {
    return spec.getShareProcessNamespace() && !spec.getHostPID();
  }

  /// Whether there was one, and it has ended.
  boolean isLost(String uid) throws IOException {
    return Files.exists(file(uid)) && !runs(uid);
  }

  private boolean runs(String uid) throws IOException {
    int pid = Integer.parseInt(Files.readString(file(uid)).strip());
    return Signals.belongs(pid, id(uid)) && !isZombie(pid);
  }

  private static boolean isZombie(int pid) {
    try {
      // proc(5): its state stands behind its name, which may have anything in it
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return true;
    }
  }

  /// Starts it if it does not run, and pins its namespace.
  ///
  /// @param pins folder of the pod's namespaces
  /// @param cgroup of the pod
  /// @param users of the pod
  /// @return the process' number
  int ensure(String uid, Path pins, String cgroup, UserRange users)
      throws IOException, InterruptedException {
    if (Files.exists(file(uid)) && runs(uid)) {
      return Integer.parseInt(Files.readString(file(uid)).strip());
    }
    remove(uid, pins);
    controlGroups.remove(cgroup + "/" + id(uid));
    Path bundle = folders.bundle(id(uid));
    Files.createDirectories(bundle);
    Files.createDirectories(folders.sockets());
    DiskState.saveJson(
        bundle.resolve("config.json"), spec(rootfs(uid, users), cgroup + "/" + id(uid), users));
    Conmon.Made made =
        conmon.create(
            new Conmon.Request(id(uid), bundle, bundle, bundle.resolve("log"), false, false));
    Path pin = pins.resolve(PIN);
    Files.createFile(pin);
    mounts.bind(Path.of("/proc/" + made.pid() + "/ns/pid"), pin, false, Set.of());
    runtime.start(id(uid));
    // Written when it is whole: one that was left half made is made anew.
    Files.writeString(file(uid), Integer.toString(made.pid()));
    return made.pid();
  }

  /// Takes away what is left of it; whoever calls has ended its process. Not being there is fine.
  void remove(String uid, Path pins) throws IOException {
    Path pin = pins.resolve(PIN);
    if (Files.exists(pin)) {
      mounts.unmount(pin);
      Files.deleteIfExists(pin);
    }
    Path shown = shown(uid);
    if (Files.exists(shown)) {
      mounts.unmount(shown);
      Files.delete(shown);
    }
    Path bundle = folders.bundle(id(uid));
    if (Files.exists(bundle)) {
      runtime.forget(id(uid));
      Files.deleteIfExists(folders.sockets().resolve(id(uid)));
      DiskState.deleteAll(bundle);
    }
    Files.deleteIfExists(file(uid));
  }

  private Path file(String uid) {
    return folders.podRun(uid).resolve("init");
  }

  private Path shown(String uid) {
    return folders.podRun(uid).resolve("init-root");
  }

  /// Users that are none of the node's do not get to where the node's data is.
  private Path rootfs(String uid, UserRange users) throws IOException {
    Path rootfs = rootfs();
    if (!users.isOwn()) {
      return rootfs;
    }
    Path shown = Files.createDirectories(shown(uid));
    mounts.bind(rootfs, shown, false, Set.of(Mounts.Flag.READ_ONLY));
    return shown;
  }

  /// What it is called among the containers.
  static String id(String uid) {
    return "init-" + uid;
  }

  /// The program is copied to where the node's data is: programs in the run folder may not be run
  /// on some machines.
  private Path rootfs() throws IOException {
    Path program =
        places.stream()
            .map(place -> place.resolve(PROGRAM))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() ->
                new IOException(
                    "shareProcessNamespace needs catatonit: install it with `apt-get install"
                        + " catatonit`"));
    Path rootfs = folders.data().resolve("init");
    Path copy = rootfs.resolve(PROGRAM);
    if (Files.notExists(copy) || Files.size(copy) != Files.size(program)) {
      for (String folder : List.of("proc", "dev")) {
        Files.createDirectories(rootfs.resolve(folder));
      }
      Path next = rootfs.resolve(PROGRAM + "." + ProcessHandle.current().pid());
      Files.copy(program, next, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(next, copy, StandardCopyOption.ATOMIC_MOVE);
    }
    return rootfs;
  }

  private Map<String, Object> spec(Path rootfs, String cgroup, UserRange users) {
    Map<String, Object> process = new LinkedHashMap<>();
    process.put("args", List.of("/" + PROGRAM, "-P"));
    process.put("cwd", "/");
    process.put("user", Map.of("uid", NOBODY, "gid", NOBODY));
    process.put("noNewPrivileges", true);
    if (machine.maySetResources()) {
      process.put("oomScoreAdj", OOM_SCORE);
    }
    List<Object> namespaces =
        new ArrayList<>(List.of(Map.of("type", "mount"), Map.of("type", "pid")));
    namespaces.add(Map.of("type", "ipc"));
    namespaces.add(Map.of("type", "network"));
    Map<String, Object> linux = new LinkedHashMap<>();
    linux.put("cgroupsPath", cgroup);
    linux.put("namespaces", namespaces);
    linux.put("resources", Map.of("devices", List.of(Map.of("allow", false, "access", "rwm"))));
    OciSpec.users(linux, namespaces, users);
    return Map.of(
        "ociVersion",
        "1.0.2",
        "process",
        process,
        "root",
        Map.of("path", rootfs.toString(), "readonly", true),
        "mounts",
        List.of(
            Map.of("destination", "/proc", "type", "proc", "source", "proc"),
            Map.of("destination", "/dev", "type", "tmpfs", "source", "tmpfs")),
        "linux",
        linux);
  }
}
