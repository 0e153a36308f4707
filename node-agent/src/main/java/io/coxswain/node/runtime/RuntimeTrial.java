package io.coxswain.node.runtime;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Has a runtime make one container, which is never started, to see whether this machine is to its
/// taste: no list of versions and layouts of control groups would stay true.
final class RuntimeTrial {

  private static final String NAME = "trial";
  private static final String READ_ONLY = "/read-only";

  private final PodFolders folders;
  private final ControlGroups controlGroups;
  private final String cgroupParent;

  /// @param cgroupParent group above all pods' groups
  RuntimeTrial(PodFolders folders, ControlGroups controlGroups, String cgroupParent) {
    this.folders = folders;
    this.controlGroups = controlGroups;
    this.cgroupParent = cgroupParent;
  }

  /// How it went.
  ///
  /// @param refusal why it does not work; empty when it does
  /// @param recursiveReadOnly whether a mount was read-only with what is mounted below it
  record Outcome(Optional<String> refusal, boolean recursiveReadOnly) {}

  /// Blocks for about as long as a container takes to start; twice that on kernels, or with
  /// runtimes, that make mounts read-only one by one.
  ///
  /// @param conmon that has this runtime make containers
  /// @throws IOException when what is left of the trial cannot be taken away
  Outcome of(OciRuntime runtime, Conmon conmon) throws IOException {
    return refusal(runtime, conmon, true).isEmpty()
        ? new Outcome(Optional.empty(), true)
        : new Outcome(refusal(runtime, conmon, false), false);
  }

  private Optional<String> refusal(OciRuntime runtime, Conmon conmon, boolean recursive)
      throws IOException {
    String cgroup = cgroupParent + "/" + NAME;
    Path bundle = folders.bundle(NAME);
    try {
      try {
        controlGroups.create(cgroupParent, ControlGroups.Limits.NONE);
        Files.createDirectories(folders.sockets());
        write(bundle, cgroup, recursive);
        Conmon.Made made = conmon.create(request(bundle));
        boolean asWanted = !recursive || isReadOnly(made.pid());
        Signals.send(made.monitorPid(), "", Signals.SIGKILL);
        return asWanted
            ? Optional.empty()
            : Optional.of("what is mounted below a read-only mount can be written");
      } catch (IOException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      } finally {
        controlGroups.remove(cgroup);
        runtime.forget(NAME);
        Files.deleteIfExists(folders.sockets().resolve(NAME));
        DiskState.deleteAll(bundle);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + runtime.name() + " was tried", e);
    }
  }

  /// Of `/sys`, that has mounts of its own on all machines with control groups.
  private static boolean isReadOnly(int pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/mountinfo"))) {
      // proc(5): place and options
      return lines
          .map(line -> line.split(" ", -1))
          .filter(fields -> fields[4].equals(READ_ONLY) || fields[4].startsWith(READ_ONLY + "/"))
          .allMatch(fields -> List.of(fields[5].split(",", -1)).contains("ro"));
    }
  }

  private static Conmon.Request request(Path bundle) {
    return new Conmon.Request(NAME, bundle, bundle, bundle.resolve("log"), false, false);
  }

  /// A root file system with nothing in it but a file that counts as a program.
  private static void write(Path bundle, String cgroup, boolean recursive) throws IOException {
    DiskState.deleteAll(bundle);
    Path program = bundle.resolve("rootfs").resolve(NAME);
    Files.createDirectories(bundle.resolve("rootfs/proc"));
    Files.createDirectories(bundle.resolve("rootfs/dev"));
    Files.write(program, new byte[0]);
    Files.setPosixFilePermissions(
        program, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    Map<String, Object> spec =
        Map.of(
            "ociVersion",
            "1.0.2",
            "process",
            Map.of("cwd", "/", "args", List.of("/" + NAME), "user", Map.of("uid", 0, "gid", 0)),
            "root",
            Map.of("path", "rootfs"),
            "mounts",
            mounts(recursive),
            "linux",
            Map.of(
                "cgroupsPath",
                cgroup,
                "namespaces",
                List.of(Map.of("type", "mount"), Map.of("type", "pid")),
                "resources",
                Map.of(
                    "devices", List.of(Map.of("allow", false, "access", "rwm")),
                    "cpu", Map.of("shares", 2, "quota", 100_000, "period", 100_000),
                    "memory", Map.of("limit", 64 << 20))));
    DiskState.replace(bundle.resolve("config.json"), JsonTrees.bytes(spec));
  }

  private static List<Object> mounts(boolean recursive) {
    List<Object> mounts = new ArrayList<>();
    mounts.add(Map.of("destination", "/proc", "type", "proc", "source", "proc"));
    if (recursive) {
      mounts.add(
          Map.of(
              "destination",
              READ_ONLY,
              "type",
              "bind",
              "source",
              "/sys",
              "options",
              List.of("rbind", "rprivate", "rro")));
    }
    return mounts;
  }
}
