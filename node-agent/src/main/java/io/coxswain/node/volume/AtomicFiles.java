package io.coxswain.node.volume;

import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.LinuxFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A folder of files that change all at once, as Kubernetes lays it out, on which programs that watch
/// their configuration rely:
///
///     ..2026_11_23_19_00_00.123456789/app.conf
///     ..data -> ..2026_11_23_19_00_00.123456789      replaced by one rename
///     app.conf -> ..data/app.conf
///
/// A reader sees the old files or the new ones. Safe to end anywhere; the next write clears up.
final class AtomicFiles {

  private static final String DATA = "..data";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.nnnnnnnnn").withZone(ZoneOffset.UTC);

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path folder;
  private final Clock clock;

  AtomicFiles(Path folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
  }

  boolean written() {
    return Files.exists(folder.resolve(DATA));
  }

  /// Makes the folder hold these files and no others.
  ///
  /// @param files by path below the folder
  /// @param group that owns them, if not root
  /// @return whether anything changed
  /// @throws VolumeException when a path would lead out of the folder
  boolean write(Map<String, FileContent> files, Optional<Integer> group)
      throws IOException, VolumeException {
    for (String path : files.keySet()) {
      check(path);
    }
    Optional<Path> current = current();
    if (current.isPresent() && holds(current.get(), files)) {
      removeOthers(current.get(), files);
      return false;
    }
    Path fresh = newVersion();
    try {
      for (Map.Entry<String, FileContent> file : files.entrySet()) {
        writeFile(fresh, file.getKey(), file.getValue(), group);
      }
    } catch (IOException e) {
      FileTree.delete(fresh); // it is tried again, with another folder each time
      throw e;
    }
    Path link = folder.resolve(DATA + "_tmp");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, fresh.getFileName());
    Files.move(link, folder.resolve(DATA), StandardCopyOption.ATOMIC_MOVE);
    for (String name : tops(files.keySet())) {
      Path visible = folder.resolve(name);
      if (!Files.exists(visible, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(visible, Path.of(DATA, name));
      }
    }
    removeOthers(fresh, files);
    return true;
  }

  private Path newVersion() throws IOException {
    String name = STAMP.format(clock.instant());
    Path fresh = folder.resolve(name);
    for (int i = 1; Files.exists(fresh); i++) {
      fresh = folder.resolve(name + "_" + i);
    }
    Files.createDirectory(fresh);
    setMode(fresh, 0755);
    return fresh;
  }

  private void writeFile(Path version, String path, FileContent file, Optional<Integer> group)
      throws IOException {
    Path target = version.resolve(path);
    Path parent = target.getParent();
    while (parent != null && !parent.equals(version) && !Files.exists(parent)) {
      Files.createDirectories(parent);
      setMode(parent, 0755);
      parent = parent.getParent();
    }
    Files.createFile(target, OWNER_ONLY); // nobody else reads it before it has its mode
    Files.write(target, file.bytes().toByteArray());
    if (group.isPresent() || file.owner() != 0) {
      LinuxFiles.changeOwner(LinuxFiles.AT_FDCWD, target.toString(), file.owner(), group.orElse(0));
    }
    setMode(target, file.mode());
  }

  private Optional<Path> current() throws IOException {
    try {
      return Optional.of(folder.resolve(Files.readSymbolicLink(folder.resolve(DATA))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static boolean holds(Path version, Map<String, FileContent> files) throws IOException {
    Map<String, Path> there = new HashMap<>();
    if (!Files.isDirectory(version)) {
      return false;
    }
    try (Stream<Path> all = Files.walk(version)) {
      all.filter(Files::isRegularFile)
          .forEach(file -> there.put(version.relativize(file).toString(), file));
    }
    if (!there.keySet().equals(files.keySet())) {
      return false;
    }
    for (Map.Entry<String, Path> file : there.entrySet()) {
      FileContent wanted = files.get(file.getKey());
      boolean same =
          wanted != null
              && (int) Files.getAttribute(file.getValue(), "unix:uid") == wanted.owner()
              && Files.size(file.getValue()) == wanted.bytes().size()
              && ((int) Files.getAttribute(file.getValue(), "unix:mode") & 07777) == wanted.mode()
              && Arrays.equals(Files.readAllBytes(file.getValue()), wanted.bytes().toByteArray());
      if (!same) {
        return false;
      }
    }
    return true;
  }

  /// Names that are no longer there, versions before, and what a write that ended left.
  private void removeOthers(Path version, Map<String, FileContent> files) throws IOException {
    Set<String> kept = tops(files.keySet());
    kept.add(DATA);
    kept.add(String.valueOf(version.getFileName()));
    try (Stream<Path> all = Files.list(folder)) {
      for (Path path : all.toList()) {
        if (!kept.contains(String.valueOf(path.getFileName()))) {
          FileTree.delete(path);
        }
      }
    }
  }

  private static Set<String> tops(Set<String> paths) {
    Set<String> tops = new HashSet<>();
    for (String path : paths) {
      int slash = path.indexOf('/');
      tops.add(slash < 0 ? path : path.substring(0, slash));
    }
    return tops;
  }

  private static void check(String path) throws VolumeException {
    boolean outside = path.isEmpty() || path.startsWith("/") || path.length() > 4095;
    for (String part : path.split("/", -1)) {
      outside = outside || part.isEmpty() || part.startsWith("..") || part.length() > 255;
    }
    if (outside) {
      throw new VolumeException("\"%s\" is no path for a file of a volume".formatted(path));
    }
  }

  private static void setMode(Path path, int mode) throws IOException {
    LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, path.toString(), mode);
  }
}
