package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Mounts by mount(2), listed from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
public final class LinuxMounts implements Mounts {

  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  @Override
  public void mount(String source, Path target, String type, Set<Flag> flags, String data)
      throws IOException {
    Libc.mount(source, target.toString(), type, bits(flags), data);
  }

  @Override
  public void bind(Path source, Path target, boolean recursive, Set<Flag> flags)
      throws IOException {
    long how = Libc.MS_BIND | (recursive ? Libc.MS_REC : 0);
    Libc.mount(source.toString(), target.toString(), "", how, "");
    if (flags.isEmpty()) {
      return;
    }
    try {
      long again = Libc.MS_BIND | Libc.MS_REMOUNT | bits(flags);
      Libc.mount("", target.toString(), "", again, "");
    } catch (IOException e) {
      unmount(target);
      throw e;
    }
  }

  @Override
  public void bindMapped(
      Path source, Path target, boolean recursive, boolean readOnly, UserRange users)
      throws IOException {
    int copy = Libc.copyOfMount(source.toString(), recursive);
    try {
      int namespace = Libc.open(users.namespace().toString(), Libc.O_CLOEXEC);
      try {
        Libc.mapOwners(copy, namespace, readOnly);
      } finally {
        Libc.close(namespace);
      }
      Libc.placeMount(copy, target.toString());
    } finally {
      Libc.close(copy);
    }
  }

  @Override
  public void makePrivate(Path target) throws IOException {
    Libc.mount("", target.toString(), "", Libc.MS_PRIVATE | Libc.MS_REC, "");
  }

  @Override
  public boolean share(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (isShared(Files.readAllLines(TABLE), real)) {
      return false;
    }
    bind(real, real, true, Set.of());
    Libc.mount("", real.toString(), "", Libc.MS_SHARED | Libc.MS_REC, "");
    return true;
  }

  /// Whether what is mounted below `folder` spreads: an optional field of the mount that it is in
  /// says so.
  static boolean isShared(List<String> lines, Path folder) {
    boolean shared = false;
    int depth = -1;
    for (String line : lines) {
      String[] fields = line.split(" ", -1);
      Path target = Path.of(unescape(fields[4]));
      // of several at one place the last is on top
      if (folder.startsWith(target) && target.getNameCount() >= depth) {
        depth = target.getNameCount();
        shared = false;
        for (int i = 6; i < fields.length && !fields[i].equals("-"); i++) {
          shared |= fields[i].startsWith("shared:");
        }
      }
    }
    return shared;
  }

  @Override
  public void unmount(Path target) throws IOException {
    try {
      Libc.umount(target.toString(), Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
    } catch (SystemCallException e) {
      boolean notMounted = e.errno() == Errno.EINVAL || e.errno() == Errno.ENOENT;
      if (!notMounted) {
        throw e;
      }
    }
  }

  @Override
  public List<MountPoint> list() throws IOException {
    return parse(Files.readAllLines(TABLE));
  }

  static List<MountPoint> parse(List<String> lines) {
    List<MountPoint> points = new ArrayList<>(lines.size());
    for (String line : lines) {
      String[] fields = line.split(" ", -1);
      int separator = 6;
      while (separator < fields.length && !fields[separator].equals("-")) {
        separator++;
      }
      if (separator + 3 >= fields.length) {
        continue;
      }
      points.add(
          new MountPoint(
              Integer.parseInt(fields[0]),
              unescape(fields[3]),
              Path.of(unescape(fields[4])),
              fields[separator + 1],
              unescape(fields[separator + 2]),
              fields[5] + "," + fields[separator + 3]));
    }
    return points;
  }

  /// Space, tab, newline and backslash stand as three octal digits.
  private static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder text = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length()) {
        text.append((char) Integer.parseInt(field, i + 1, i + 4, 8));
        i += 3;
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static long bits(Set<Flag> flags) {
    long bits = 0;
    for (Flag flag : flags) {
      bits |=
          switch (flag) {
            case READ_ONLY -> Libc.MS_RDONLY;
            case NO_SUID -> Libc.MS_NOSUID;
            case NO_EXEC -> Libc.MS_NOEXEC;
            case NO_DEV -> Libc.MS_NODEV;
            case NO_ATIME -> Libc.MS_NOATIME;
          };
    }
    return bits;
  }
}
