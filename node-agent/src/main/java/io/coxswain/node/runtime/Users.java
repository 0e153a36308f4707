package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.PodSecurityContext;
import io.coxswain.api.core.v1.SecurityContext;
import io.coxswain.node.host.UserRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Who a container runs as: the pod's word before the image's, names looked up in the image's own
/// `/etc/passwd` and `/etc/group`.
final class Users {

  private static final int CONFIG_FILE_LIMIT = 1 << 20;

  /// As in Kubernetes. A runtime keeps 32 bits: what is 2^32 here would be root there.
  private static final long MOST_ID = Integer.MAX_VALUE;

  private Users() {}

  static ProcessUser of(ContainerLaunch launch, Path rootfs) throws LaunchException, IOException {
    PodSecurityContext pod = launch.pod().getSpec().getSecurityContext();
    SecurityContext own = launch.container().getSecurityContext();
    List<String[]> passwd = table(rootfs, "etc/passwd");
    String[] said = launch.image().config().user().split(":", 2);
    Optional<String[]> entry = entry(passwd, said[0]);
    long uid;
    if (own.hasRunAsUser() || pod.hasRunAsUser()) {
      uid = own.hasRunAsUser() ? own.getRunAsUser() : pod.getRunAsUser();
      entry = entry(passwd, Long.toString(uid));
    } else {
      uid = said[0].isEmpty() ? 0 : number(said[0], entry, 2, "user");
    }
    boolean nonRoot = own.hasRunAsNonRoot() ? own.getRunAsNonRoot() : pod.getRunAsNonRoot();
    if (nonRoot && uid == 0) {
      throw new LaunchException(
          "CreateContainerConfigError",
          "container has runAsNonRoot and would run as root: set runAsUser, or take an image with"
              + " another user");
    }
    long gid;
    if (own.hasRunAsGroup() || pod.hasRunAsGroup()) {
      gid = own.hasRunAsGroup() ? own.getRunAsGroup() : pod.getRunAsGroup();
    } else if (said.length == 2 && !own.hasRunAsUser() && !pod.hasRunAsUser()) {
      gid = number(said[1], entry(table(rootfs, "etc/group"), said[1]), 2, "group");
    } else {
      gid =
          entry
              .filter(fields -> isId(fields[3]))
              .map(fields -> Long.parseLong(fields[3]))
              .orElse(0L);
    }
    List<Long> groups = new ArrayList<>(pod.getSupplementalGroupsList());
    if (pod.hasFsGroup()) {
      groups.add(pod.getFsGroup());
    }
    if (!pod.getSupplementalGroupsPolicy().equals("Strict") && entry.isPresent()) {
      memberships(rootfs, entry.get()[0]).stream()
          .filter(group -> !groups.contains(group))
          .forEach(groups::add);
    }
    if (launch.sandbox().users().isOwn()) {
      inRange(uid, gid, groups);
    }
    String home = entry.filter(fields -> fields.length > 5).map(fields -> fields[5]).orElse("/");
    return new ProcessUser(uid, gid, groups, home.isEmpty() ? "/" : home);
  }

  private static void inRange(long uid, long gid, List<Long> groups) throws LaunchException {
    long most = Stream.concat(Stream.of(uid, gid), groups.stream()).max(Long::compare).orElse(0L);
    if (most >= UserRange.COUNT) {
      throw new LaunchException(
          "CreateContainerConfigError",
          "container has user or group %d, and a pod with `hostUsers: false` has those below %d"
              .formatted(most, UserRange.COUNT));
    }
  }

  private static long number(String name, Optional<String[]> entry, int field, String kind)
      throws LaunchException {
    if (isId(name)) {
      return Long.parseLong(name);
    }
    if (name.matches("[0-9]+")) {
      throw new LaunchException(
          "CreateContainerConfigError",
          "the image wants %s %s, and there are none above %d".formatted(kind, name, MOST_ID));
    }
    return Long.parseLong(
        entry
            .orElseThrow(() ->
                new LaunchException(
                    "CreateContainerConfigError",
                    "the image wants %s \"%s\", which its /etc does not name"
                        .formatted(kind, name)))[field]);
  }

  private static List<Long> memberships(Path rootfs, String user) throws IOException {
    return table(rootfs, "etc/group").stream()
        .filter(fields -> fields.length > 3 && List.of(fields[3].split(",", -1)).contains(user))
        .map(fields -> Long.parseLong(fields[2]))
        .toList();
  }

  private static Optional<String[]> entry(List<String[]> table, String nameOrNumber) {
    return table.stream()
        .filter(fields -> fields[0].equals(nameOrNumber) || fields[2].equals(nameOrNumber))
        .findFirst();
  }

  /// Lines with at least name, password, and two numbers or a number and members.
  private static List<String[]> table(Path rootfs, String file) throws IOException {
    Path path = rootfs.resolve(file);
    if (!Files.isRegularFile(path)
        || !path.toRealPath().startsWith(rootfs.toRealPath())
        || Files.size(path) > CONFIG_FILE_LIMIT) {
      return List.of();
    }
    return new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length > 3 && isId(fields[2]))
        .toList();
  }

  private static boolean isId(String text) {
    return text.matches("[0-9]{1,10}") && Long.parseLong(text) <= MOST_ID;
  }
}
