package io.coxswain.kubectl.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Writes the files of an archive from a container, which whoever runs in the container may have
/// made: it must not reach anything outside of the target. So no link is ever made or followed
/// below it, and names that would lead out of it are left out.
public final class Unpacking {

  private final Path target;
  private final String targetName;
  private final List<String> source;
  private final Consumer<String> warnings;
  private final Map<List<String>, Path> written = new HashMap<>();

  /// @param target where the source's content goes: a file for a file, a folder for a folder
  /// @param targetName as people wrote it
  /// @param source what `tar` was asked for
  public Unpacking(Path target, String targetName, String source, Consumer<String> warnings) {
    this.target = target;
    this.targetName = targetName;
    this.source = withoutWayUp(segments(source));
    this.warnings = warnings;
  }

  /// @throws IOException when it is no archive of the source, or a file cannot be written
  public void unpack(TarReader archive) throws IOException {
    for (Optional<TarEntry> next = archive.next(); next.isPresent(); next = archive.next()) {
      TarEntry entry = next.get();
      List<String> name = segments(entry.name());
      if (name.size() < source.size() || !name.subList(0, source.size()).equals(source)) {
        throw new IOException("tar contents corrupted");
      }
      List<String> below = inside(name.subList(source.size(), name.size()));
      if (below == null) {
        warnings.accept("file \"" + told(name) + "\" is outside target destination, skipping");
      } else {
        write(entry, below, archive);
      }
    }
  }

  /// Without empty parts and dots, which also takes a slash from the front, as `tar` does.
  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (String part : path.replace('\\', '/').split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        segments.add(part);
      }
    }
    return segments;
  }

  /// `tar` leaves out of its names whatever leads up to the last `..`.
  private static List<String> withoutWayUp(List<String> segments) {
    return segments.subList(segments.lastIndexOf("..") + 1, segments.size());
  }

  /// What is left when each `..` is gone up; nothing when that leads out.
  @org.jspecify.annotations.Nullable
  private static List<String> inside(List<String> segments) {
    List<String> inside = new ArrayList<>();
    for (String segment : segments) {
      if (!segment.equals("..")) {
        inside.add(segment);
      } else if (inside.isEmpty()) {
        return null;
      } else {
        inside.removeLast();
      }
    }
    return inside;
  }

  private String told(List<String> name) {
    return targetName + "/" + String.join("/", name.subList(source.size(), name.size()));
  }

  private void write(TarEntry entry, List<String> below, TarReader archive) throws IOException {
    Path file = target;
    for (String segment : below) {
      file = file.resolve(segment);
    }
    switch (entry.type()) {
      case FOLDER -> {
        if (hasFolder(below)) {
          folder(file, below.isEmpty());
        }
      }
      case FILE -> {
        if (hasFolder(below)) {
          content(entry, file, below, archive);
        }
      }
      case HARD_LINK -> {
        if (hasFolder(below)) {
          copy(entry, file, below);
        }
      }
      case SYMBOLIC_LINK ->
          warnings.accept(
              "skipping symlink: \""
                  + (below.isEmpty() ? targetName : told(segments(entry.name())))
                  + "\" -> \""
                  + entry.link()
                  + "\"");
      case OTHER -> warnings.accept("skipping \"" + file + "\": it is no file, folder or link");
    }
  }

  /// Makes the folders above a file. One that is a link leads who knows where.
  private boolean hasFolder(List<String> below) throws IOException {
    if (below.isEmpty()) {
      Path parent = target.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      return true;
    }
    folder(target, true);
    Path folder = target;
    for (String segment : below.subList(0, below.size() - 1)) {
      folder = folder.resolve(segment);
      if (Files.isSymbolicLink(folder)) {
        warnings.accept("skipping \"" + folder + "\": it is a link here");
        return false;
      }
      folder(folder, false);
    }
    return true;
  }

  private void folder(Path folder, boolean mayBeLink) throws IOException {
    if (mayBeLink && Files.isDirectory(folder)) {
      return;
    }
    if (Files.isSymbolicLink(folder)) {
      warnings.accept("skipping \"" + folder + "\": it is a link here");
    } else if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(folder);
    }
  }

  private void content(TarEntry entry, Path file, List<String> below, TarReader archive)
      throws IOException {
    Optional<Path> place = place(file, below);
    if (place.isEmpty()) {
      return;
    }
    try (OutputStream out = open(place.get(), below.isEmpty())) {
      byte[] buffer = new byte[64 * 1024];
      for (int count = archive.read(buffer); count >= 0; count = archive.read(buffer)) {
        out.write(buffer, 0, count);
      }
    }
    written.put(segments(entry.name()), place.get());
  }

  /// Where a file is written; nothing where a link is in the way. The target itself is where its
  /// owner said, so that may be one.
  private Optional<Path> place(Path file, List<String> below) {
    if (below.isEmpty() && Files.isDirectory(file) && !source.isEmpty()) {
      Path inside = file.resolve(source.getLast());
      return isLink(inside) ? Optional.empty() : Optional.of(inside);
    }
    return !below.isEmpty() && isLink(file) ? Optional.empty() : Optional.of(file);
  }

  private boolean isLink(Path file) {
    if (Files.isSymbolicLink(file)) {
      warnings.accept("skipping \"" + file + "\": it is a link here");
      return true;
    }
    return false;
  }

  private static OutputStream open(Path file, boolean mayBeLink) throws IOException {
    return mayBeLink && !Files.isDirectory(file)
        ? Files.newOutputStream(file)
        : Files.newOutputStream(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
  }

  /// A second name of a file that came before becomes a copy of it.
  private void copy(TarEntry entry, Path file, List<String> below) throws IOException {
    Path first = written.get(segments(entry.link()));
    Optional<Path> place = first == null ? Optional.empty() : place(file, below);
    if (first == null) {
      warnings.accept("skipping hard link: \"" + file + "\" -> \"" + entry.link() + "\"");
    } else if (place.isPresent() && !place.get().equals(first)) {
      try (OutputStream out = open(place.get(), below.isEmpty())) {
        Files.copy(first, out);
      }
      written.put(segments(entry.name()), place.get());
    }
  }
}
