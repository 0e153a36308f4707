package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.SecurityContext;
import io.coxswain.node.filesystem.FileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Looks at a container that was made and has not begun: whether those of the kernel's files that
/// it must not see or change are covered. The runtime covers them with what it finds at `/dev/null`
/// in the container; with a volume there, or a link to it, another container of the pod says what
/// that is (CVE-2025-31133), and in the same way what lies at `/dev/console` (CVE-2025-52565).
final class KernelFiles {

  /// As makedev(3) has it of 1 and 3.
  private static final long NULL_DEVICE = 0x103;

  private KernelFiles() {}

  /// @throws IOException naming the first file that is not covered
  static void check(int pid, ContainerLaunch launch) throws IOException {
    SecurityContext security = launch.container().getSecurityContext();
    if (security.getPrivileged() || security.getProcMount().equals("Unmasked")) {
      return;
    }
    Path process = Path.of("/proc", Integer.toString(pid));
    for (String masked : OciSpec.MASKED) {
      masked(process.resolve("root"), masked);
    }
    if (launch.pod().getSpec().getHostPID()) {
      return; // its /proc is the host's, of which the host may have parts in folders that it mounts
    }
    Set<String> volumes =
        launch.mounts().stream().map(BindMount::target).collect(Collectors.toUnmodifiableSet());
    mounts(Files.readAllLines(process.resolve("mountinfo")), volumes);
  }

  private static void masked(Path root, String path) throws IOException {
    Path file = root.resolve(path.substring(1));
    Map<String, Object> found;
    try {
      found = Files.readAttributes(file, "unix:mode,rdev,dev", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    boolean covered =
        switch (FileType.of((int) found.getOrDefault("mode", 0))) {
          case CHARACTER_DEVICE -> found.getOrDefault("rdev", 0L).equals(NULL_DEVICE);
          case FOLDER -> {
            Path top = root.resolve(path.substring(1, path.indexOf('/', 1)));
            yield !Files.getAttribute(top, "unix:dev").equals(found.get("dev"));
          }
          case FILE, LINK, SOCKET, BLOCK_DEVICE, FIFO, UNKNOWN -> false;
        };
    if (!covered) {
      throw new IOException(
          "%s of the node's kernel would be open to the container: a volume is mounted in the place of /dev"
              .formatted(path));
    }
  }

  /// What is a part of the container's own `/proc` is a cover that is read-only, or nothing.
  ///
  /// @param lines of `/proc/PID/mountinfo`, see proc(5)
  /// @param volumes of the container, which may be of the host's `/proc`
  static void mounts(List<String> lines, Set<String> volumes) throws IOException {
    List<String[]> mounts = lines.stream().map(line -> line.split(" ", -1)).toList();
    String own =
        mounts.stream()
            .filter(fields -> fields[4].equals("/proc") && fields[3].equals("/"))
            .map(fields -> fields[2])
            .findFirst()
            .orElse("");
    for (String[] fields : mounts) {
      boolean part = fields[2].equals(own) && !fields[3].equals("/");
      if (!part || volumes.contains(fields[4])) {
        continue;
      }
      boolean cover =
          fields[4].equals("/proc" + fields[3]) && List.of(fields[5].split(",", -1)).contains("ro");
      if (!cover) {
        throw new IOException(
            "/proc%s of the node's kernel would lie at %s in the container: a link stands in its place"
                .formatted(fields[3], fields[4]));
      }
    }
  }
}
