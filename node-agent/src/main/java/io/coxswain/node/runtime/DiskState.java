package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What the agent must know after it was killed. Each file is replaced as a whole, so a reader sees
/// the old or the new one. Nothing is forced to the disk: what a power cut takes had ended with it.
final class DiskState {

  private static final Logger log = LoggerFactory.getLogger(DiskState.class);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final PodFolders folders;

  DiskState(PodFolders folders) {
    this.folders = folders;
  }

  void save(Pod pod) throws IOException {
    Files.createDirectories(folders.pod(pod.getMetadata().getUid()));
    replace(folders.podFile(pod.getMetadata().getUid()), pod.toByteArray());
  }

  /// Writes the first record of a container.
  void create(ContainerRecord record) throws IOException {
    Files.createDirectories(folders.container(record));
    save(record);
  }

  /// Writes what has become of a container. Nothing is written for one that was forgotten
  /// meanwhile: its folder stays away.
  void save(ContainerRecord record) throws IOException {
    try {
      replace(folders.recordFile(record), JSON.writeValueAsBytes(record));
    } catch (NoSuchFileException e) {
      log.debug("container {} was forgotten before its end was written", record.id(), e);
    }
  }

  void saveJson(Path file, Object value) throws IOException {
    replace(file, JSON.writeValueAsBytes(value));
  }

  /// The pod's containers, the oldest first. A record that cannot be read is left out with a word
  /// in the log: the container then is unknown and is cleaned away.
  List<ContainerRecord> containers(String podUid) throws IOException {
    List<ContainerRecord> records = new ArrayList<>();
    for (Path folder : children(folders.containers(podUid))) {
      try {
        records.add(
            JSON.readValue(
                Files.readAllBytes(folder.resolve("record.json")), ContainerRecord.class));
      } catch (NoSuchFileException | JacksonException e) {
        log.warn("container in {} has no record that can be read", folder, e);
      }
    }
    records.sort(
        Comparator.comparing(ContainerRecord::createdAt)
            .thenComparingInt(ContainerRecord::attempt));
    return records;
  }

  List<Pod> pods() throws IOException {
    List<Pod> pods = new ArrayList<>();
    for (Path folder : children(folders.pods())) {
      try {
        pods.add(Pod.parseFrom(Files.readAllBytes(folder.resolve("pod.pb"))));
      } catch (IOException e) {
        log.warn("pod in {} cannot be read", folder, e);
      }
    }
    return pods;
  }

  Optional<Pod> pod(String uid) throws IOException {
    try {
      return Optional.of(Pod.parseFrom(Files.readAllBytes(folders.podFile(uid))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static List<Path> children(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    }
  }

  static void replace(Path file, byte[] content) throws IOException {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IOException(file + " has no folder");
    }
    Path next = parent.resolve(file.getFileName() + ".new");
    Files.write(next, content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Deletes a folder and what is in it, following no links. Not being there is fine. Of a
  /// container that was killed a moment ago, its monitor may still write the exit code, and the
  /// agent its end: then it is done again.
  static void deleteAll(Path folder) throws IOException {
    for (int again = 20; Files.exists(folder, LinkOption.NOFOLLOW_LINKS); again--) {
      try {
        deleteOnce(folder);
      } catch (DirectoryNotEmptyException e) {
        if (again == 0) {
          throw e;
        }
      }
    }
  }

  private static void deleteOnce(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path visited, @org.jspecify.annotations.Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
