package io.coxswain.node.image;

import io.coxswain.node.filesystem.FileTree;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files of an image archive (`docker save`, or an OCI layout in a tar), each unpacked under a
/// number of its own: whatever their names say, they stay in one folder.
final class ImageArchive implements AutoCloseable {

  private static final int MOST_MEMBERS = 100_000;
  private static final int MOST_LINKS = 8;
  private static final long MOST_NAMES = 16 << 20;
  private static final int BUFFER_BYTES = 128 << 10;

  private final Path folder;
  private final Map<String, Path> files = new HashMap<>();
  // docker save once linked layers that came twice
  private final Map<String, String> links = new HashMap<>();

  private ImageArchive(Path folder) {
    this.folder = folder;
  }

  /// Reads it to its end: plain, or compressed by gzip or zstd. Blocks as its source does.
  ///
  /// @param folder an empty one, deleted by [#close] and when this fails
  /// @param mostBytes of all files together
  /// @throws MalformedLayerException when it is no archive, or a hostile one
  static ImageArchive unpack(InputStream source, Path folder, long mostBytes) throws IOException {
    ImageArchive archive = new ImageArchive(folder);
    try (InputStream plain =
        new BufferedInputStream(
            LayerStore.decompressed(new BufferedInputStream(source, BUFFER_BYTES)), BUFFER_BYTES)) {
      archive.read(plain, mostBytes);
      return archive;
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  private void read(InputStream plain, long mostBytes) throws IOException {
    TarReader tar = new TarReader(plain);
    byte[] buffer = new byte[BUFFER_BYTES];
    long left = mostBytes;
    int members = 0;
    long names = 0;
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      if (++members > MOST_MEMBERS) {
        throw new MalformedLayerException(
            "the archive has more than %d files".formatted(MOST_MEMBERS));
      }
      names += entry.path().length() + entry.link().length();
      if (names > MOST_NAMES) {
        throw new MalformedLayerException(
            "the names of the archive's files have more than %d characters".formatted(MOST_NAMES));
      }
      String name = normal("", entry.path());
      switch (entry.type()) {
        case TarEntry.FILE -> {
          left -= entry.size();
          if (left < 0) {
            throw new MalformedLayerException(
                "the archive has more than %d bytes".formatted(mostBytes));
          }
          if (!entry.data().isEmpty()) {
            throw new MalformedLayerException("the archive has a file with holes: " + name);
          }
          Path file = folder.resolve(Integer.toString(members));
          copy(tar, file, buffer);
          files.put(name, file);
        }
        case TarEntry.SYMBOLIC_LINK ->
            links.put(name, normal(name.substring(0, name.lastIndexOf('/') + 1), entry.link()));
        case TarEntry.HARD_LINK -> links.put(name, normal("", entry.link()));
        default -> {
          // folders, and what no image has
        }
      }
    }
    // a pipe's other end may still have the archive's padding to write
    plain.transferTo(OutputStream.nullOutputStream());
  }

  private static void copy(TarReader tar, Path file, byte[] buffer) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int n = tar.read(buffer, 0, buffer.length);
          n >= 0;
          n = tar.read(buffer, 0, buffer.length)) {
        out.write(buffer, 0, n);
      }
    }
  }

  /// @param base with its slash, or empty
  private static String normal(String base, String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : List.of((base + path).split("/", -1))) {
      switch (part) {
        case "", "." -> {
          // says nothing
        }
        case ".." -> parts.pollLast();
        default -> parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  Optional<Path> find(String name) {
    String wanted = normal("", name);
    for (int i = 0; i < MOST_LINKS && links.containsKey(wanted); i++) {
      wanted = links.getOrDefault(wanted, wanted);
    }
    return Optional.ofNullable(files.get(wanted));
  }

  /// @throws MalformedLayerException when it is not there
  Path require(String name) throws MalformedLayerException {
    return find(name)
        .orElseThrow(() ->
            new MalformedLayerException(
                "the archive names the file %s and does not have it".formatted(name)));
  }

  /// A file that is read into memory as a whole.
  byte[] small(String name) throws IOException {
    Path file = require(name);
    if (Files.size(file) > PullOptions.MAX_CONFIG_BYTES) {
      throw new MalformedLayerException("%s is larger than 8 MiB".formatted(name));
    }
    return Files.readAllBytes(file);
  }

  @Override
  public void close() throws IOException {
    FileTree.delete(folder);
  }
}
