package io.coxswain.node.volume;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSecurityContext;
import io.coxswain.node.filesystem.ErrnoException;
import io.coxswain.node.filesystem.LinuxFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Gives what is in a volume to the pod's `fsGroup`: the group may do what the owner may, and what
/// is made in it belongs to the group, too. Another pod may be writing in the volume: no link that
/// it puts in the way leads anywhere (each name is opened by itself, below a folder that is open).
final class Ownership {

  private static final int TYPE = 0170000;
  private static final int FOLDER = 0040000;
  private static final int FILE = 0100000;
  private static final int SET_GROUP = 02000;
  private static final int KEEP = -1;
  private static final int NON_BLOCKING = 0x800;
  private static final int MOST_LEVELS = 2048;

  private final int group;

  private Ownership(int group) {
    this.group = group;
  }

  /// Does nothing for a pod without `fsGroup`, nor for a volume that is the group's already when
  /// the pod says that this is enough (`fsGroupChangePolicy: OnRootMismatch`).
  static void share(Pod pod, Path root) throws IOException {
    PodSecurityContext context = pod.getSpec().getSecurityContext();
    if (!context.hasFsGroup()) {
      return;
    }
    Ownership ownership = new Ownership((int) context.getFsGroup());
    boolean once = context.getFsGroupChangePolicy().equals("OnRootMismatch");
    if (once && ownership.isDone(root)) {
      return;
    }
    int folder =
        LinuxFiles.open(LinuxFiles.AT_FDCWD, root.toString(), LinuxFiles.O_DIRECTORY, 0, 0);
    try {
      ownership.give(folder, 0);
    } finally {
      LinuxFiles.close(folder);
    }
  }

  private boolean isDone(Path root) throws IOException {
    int mode = (int) Files.getAttribute(root, "unix:mode");
    return (int) Files.getAttribute(root, "unix:gid") == group
        && (mode & SET_GROUP) != 0
        && (mode & 0070) == 0070;
  }

  /// The folder last: its group says that all below it is done.
  private void give(int folder, int depth) throws IOException {
    if (depth > MOST_LEVELS) {
      throw new IOException("folders are nested too deeply to be given to the pod's group");
    }
    for (String name : names(folder)) {
      child(folder, name, depth);
    }
    int mode = mode(folder);
    LinuxFiles.changeOwner(folder, KEEP, group);
    LinuxFiles.changeMode(folder, (mode & 07777) | 0770 | SET_GROUP);
  }

  private static List<String> names(int folder) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd/" + folder))) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
    }
  }

  private static int mode(int descriptor) throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self/fd/" + descriptor), "unix:mode");
  }

  private void child(int folder, String name, int depth) throws IOException {
    int type;
    try {
      type =
          (int)
                  Files.getAttribute(
                      Path.of("/proc/self/fd/" + folder, name),
                      "unix:mode",
                      LinkOption.NOFOLLOW_LINKS)
              & TYPE;
    } catch (NoSuchFileException e) {
      return;
    }
    try {
      if (type != FOLDER && type != FILE) {
        LinuxFiles.changeOwner(folder, name, KEEP, group);
        return;
      }
      int flags =
          LinuxFiles.O_NOFOLLOW | NON_BLOCKING | (type == FOLDER ? LinuxFiles.O_DIRECTORY : 0);
      int opened = LinuxFiles.open(folder, name, flags, 0, LinuxFiles.RESOLVE_NO_SYMLINKS);
      try {
        if (type == FOLDER) {
          give(opened, depth + 1);
        } else {
          int mode = mode(opened);
          LinuxFiles.changeOwner(opened, KEEP, group);
          LinuxFiles.changeMode(opened, (mode & 07777) | 0660);
        }
      } finally {
        LinuxFiles.close(opened);
      }
    } catch (ErrnoException e) {
      if (e.errno() != ErrnoException.ENOENT && e.errno() != ErrnoException.ELOOP) {
        throw e;
      }
      // gone, or another thing by now: whoever made it knows its group
    }
  }
}
