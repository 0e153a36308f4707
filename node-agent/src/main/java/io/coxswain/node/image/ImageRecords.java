package io.coxswain.node.image;

import io.coxswain.node.filesystem.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The images that are here by name. A record is written last of a pull, so what it names is whole.
/// A record's file time says when the image was last used. Safe for use by many threads.
final class ImageRecords {

  private static final Logger log = LoggerFactory.getLogger(ImageRecords.class);

  private final ImageFolders folders;
  private final Map<String, ImageRecord> byName = new ConcurrentHashMap<>();

  private ImageRecords(ImageFolders folders) {
    this.folders = folders;
  }

  /// Reads what is on disk. A record whose parts are gone is dropped: the image will be pulled
  /// anew.
  static ImageRecords load(ImageFolders folders, LayerStore layers) throws IOException {
    ImageRecords records = new ImageRecords(folders);
    List<Path> files;
    try (Stream<Path> all = Files.list(folders.records())) {
      files = all.toList();
    }
    for (Path file : files) {
      try {
        ImageRecord record = ImageRecord.decode(Files.readAllBytes(file));
        boolean whole = Files.exists(folders.blob(record.config()));
        for (Digest layer : record.layers()) {
          whole = whole && layers.find(layer).isPresent();
        }
        if (whole) {
          records.byName.put(record.name(), record);
          continue;
        }
        log.warn("parts of the image {} are gone: it will be pulled again", record.name());
      } catch (RuntimeException e) {
        log.warn("the image record {} cannot be read and is dropped", file, e);
      }
      FileTree.delete(file);
    }
    return records;
  }

  Optional<ImageRecord> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  Optional<ImageRecord> withConfig(String config) {
    return byName.values().stream()
        .filter(record -> record.config().toString().equals(config))
        .findAny();
  }

  Collection<ImageRecord> all() {
    return List.copyOf(byName.values());
  }

  void put(ImageRecord record) throws IOException {
    folders.writeDurably(file(record.name()), record.encode());
    byName.put(record.name(), record);
  }

  void remove(ImageRecord record) throws IOException {
    byName.remove(record.name(), record);
    Files.deleteIfExists(file(record.name()));
  }

  /// For the order in which unused images go.
  void markUsed(ImageRecord record, Instant now) throws IOException {
    try {
      Files.setLastModifiedTime(file(record.name()), FileTime.from(now));
    } catch (NoSuchFileException e) {
      // removed meanwhile
    }
  }

  Instant lastUsed(ImageRecord record) throws IOException {
    try {
      return Files.getLastModifiedTime(file(record.name())).toInstant();
    } catch (NoSuchFileException e) {
      return Instant.EPOCH;
    }
  }

  private Path file(String name) {
    Digest key = Digest.of(name.getBytes(StandardCharsets.UTF_8));
    return folders.records().resolve(key.hex() + ".json");
  }
}
