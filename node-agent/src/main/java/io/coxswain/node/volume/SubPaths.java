package io.coxswain.node.volume;

import static io.coxswain.node.filesystem.LinuxFiles.O_DIRECTORY;
import static io.coxswain.node.filesystem.LinuxFiles.O_PATH;

import io.coxswain.node.filesystem.ErrnoException;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// Parts of volumes as mounts of their own. A container can write links into its volume, also while
/// another one starts: so the part is opened by the kernel below the volume (openat2,
/// RESOLVE_BENEATH), and what was opened is bound to a place that no container reaches.
final class SubPaths {

  /// openat2: nothing may lead out of the folder, be it for a moment.
  private static final long BENEATH = 0x08 | LinuxFiles.RESOLVE_NO_MAGICLINKS;

  private static final int MODE = 07777;
  private static final int SET_GROUP = 02000;

  private final Mounts mounts;

  SubPaths(Mounts mounts) {
    this.mounts = mounts;
  }

  /// @param folder where the pod's subPaths are bound
  /// @param mountPath tells one mount of a container from another
  /// @return the bound place, new at each call
  Path bind(Path folder, PodVolume volume, String container, String mountPath, String subPath)
      throws VolumeException {
    List<String> parts = parts(subPath);
    try {
      int root = LinuxFiles.open(LinuxFiles.AT_FDCWD, volume.path().toString(), O_PATH, 0, 0);
      try {
        int opened = open(root, parts, !volume.readOnly(), mode(root));
        try {
          return bind(folder, container, mountPath, opened);
        } finally {
          LinuxFiles.close(opened);
        }
      } finally {
        LinuxFiles.close(root);
      }
    } catch (ErrnoException e) {
      throw new VolumeException("subPath \"%s\": %s".formatted(subPath, reason(e)), e);
    } catch (IOException e) {
      throw new VolumeException("subPath \"%s\": %s".formatted(subPath, e.getMessage()), e);
    }
  }

  private static String reason(ErrnoException e) {
    return switch (e.errno()) {
      case ErrnoException.EXDEV -> "it leads out of the volume";
      case ErrnoException.ENOENT -> "it is not in the volume";
      case ErrnoException.ELOOP -> "its symbolic links lead out of the volume or in circles";
      default -> String.valueOf(e.getMessage());
    };
  }

  private Path bind(Path folder, String container, String mountPath, int opened)
      throws IOException {
    Path source = Path.of("/proc/self/fd/" + opened);
    Path target = Files.createDirectories(folder.resolve(container)).resolve(name(mountPath));
    mounts.unmount(target); // of the container before this one
    Files.deleteIfExists(target);
    if (Files.isDirectory(source)) {
      Files.createDirectory(target);
    } else {
      Files.createFile(target);
    }
    mounts.bind(source, target, false, Set.of());
    return target;
  }

  private static int mode(int descriptor) throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self/fd/" + descriptor), "unix:mode");
  }

  /// @param mode of the volume, which folders that are made get, too: who may write in it may write
  ///   in them
  private static int open(int root, List<String> parts, boolean create, int mode)
      throws IOException {
    String path = parts.isEmpty() ? "." : String.join("/", parts);
    try {
      return LinuxFiles.open(root, path, O_PATH, 0, BENEATH);
    } catch (ErrnoException e) {
      if (e.errno() != ErrnoException.ENOENT || !create) {
        throw e;
      }
    }
    for (int i = 0; i < parts.size(); i++) {
      String parent = i == 0 ? "." : String.join("/", parts.subList(0, i));
      int folder = LinuxFiles.open(root, parent, O_PATH | O_DIRECTORY, 0, BENEATH);
      try {
        make(folder, parts.get(i), mode & MODE);
      } finally {
        LinuxFiles.close(folder);
      }
    }
    return LinuxFiles.open(root, path, O_PATH, 0, BENEATH);
  }

  /// In a folder whose group counts for what is made in it, the new one is of that group and as its
  /// parent is; the agent's mask of modes says nothing.
  private static void make(int parent, String name, int mode) throws IOException {
    try {
      LinuxFiles.makeDirectory(parent, name, mode);
    } catch (ErrnoException e) {
      if (e.errno() == ErrnoException.EEXIST) {
        return;
      }
      throw e;
    }
    // somebody may have put another thing in its place: no link is followed
    int made =
        LinuxFiles.open(
            parent, name, O_DIRECTORY | LinuxFiles.O_NOFOLLOW, 0, LinuxFiles.RESOLVE_NO_SYMLINKS);
    try {
      LinuxFiles.changeMode(made, mode | (mode(made) & SET_GROUP));
    } finally {
      LinuxFiles.close(made);
    }
  }

  private static List<String> parts(String subPath) throws VolumeException {
    List<String> parts = new ArrayList<>();
    for (String part : subPath.split("/", -1)) {
      if (part.equals("..")) {
        throw new VolumeException("subPath \"%s\" must not have \"..\"".formatted(subPath));
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    if (subPath.startsWith("/")) {
      throw new VolumeException("subPath \"%s\" must be relative".formatted(subPath));
    }
    return parts;
  }

  private static String name(String mountPath) {
    String hex = HexFormat.of().formatHex(mountPath.getBytes(StandardCharsets.UTF_8));
    return hex.length() <= 200 ? "m" + hex : "m" + hex.substring(0, 180) + mountPath.hashCode();
  }

  /// Takes every bound place away. Never deletes what is in one: should a mount stay, this fails.
  void clear(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    mounts.unmountBelow(folder);
    try (var containers = Files.list(folder)) {
      for (Path container : containers.toList()) {
        try (var targets = Files.list(container)) {
          for (Path target : targets.toList()) {
            Files.delete(target);
          }
        }
        Files.delete(container);
      }
    }
    Files.delete(folder);
  }
}
