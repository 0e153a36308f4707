package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.JsonTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the agent must know after it was killed, one file a pod (see [PodNotes]). Each change is a
/// line at its end: a file of its own for each, and a folder for the files, was a fifth of what a
/// pod's start cost the agent on a disk. Nothing is forced to the disk: what a power cut takes had
/// ended with it.
final class DiskState {

  private static final Logger log = LoggerFactory.getLogger(DiskState.class);
  private static final String SUFFIX = ".json";

  /// Of a file that has grown beyond, lines that no longer count are taken out.
  private static final int ROOM_BYTES = 64 << 10;

  private final PodFolders folders;

  DiskState(PodFolders folders) {
    this.folders = folders;
  }

  void save(Pod pod) throws IOException {
    String uid = pod.getMetadata().getUid();
    Files.createDirectories(folders.pods());
    append(uid, PodNotes.line(pod), StandardOpenOption.CREATE);
  }

  /// Writes what has become of a container. Nothing is written for one whose pod was forgotten
  /// meanwhile, and nothing counts for one that was itself.
  void save(ContainerRecord record) throws IOException {
    try {
      append(record.podUid(), PodNotes.line(record));
    } catch (NoSuchFileException e) {
      log.debug("container {} was forgotten before its end was written", record.id(), e);
    }
  }

  void forget(ContainerRecord record) throws IOException {
    try {
      append(record.podUid(), PodNotes.forgotten(record.id()));
    } catch (NoSuchFileException e) {
      log.debug("container {} was forgotten with its pod", record.id(), e);
    }
  }

  synchronized void forget(String podUid) throws IOException {
    Files.deleteIfExists(folders.podFile(podUid));
  }

  private synchronized void append(String podUid, byte[] line, OpenOption... more)
      throws IOException {
    Path file = folders.podFile(podUid);
    Set<OpenOption> options = new HashSet<>(List.of(more));
    options.add(StandardOpenOption.APPEND);
    long size;
    try (FileChannel channel = FileChannel.open(file, options)) {
      size = channel.size();
      try {
        ByteBuffer rest = ByteBuffer.wrap(line);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
      } catch (IOException e) {
        // half a line would take the next one with it
        channel.truncate(size);
        throw e;
      }
    }
    if (size > ROOM_BYTES) {
      byte[] content = PodNotes.read(Files.readAllBytes(file)).content();
      if (content.length < size / 2) {
        shorten(file, content);
      }
    }
  }

  /// The longer file says the same, should there be no room for another one beside it.
  private static void shorten(Path file, byte[] content) {
    try {
      replace(file, content);
    } catch (IOException e) {
      log.warn("{} stays as it is: {}", file, e.toString());
    }
  }

  /// The pod's containers, the oldest first. What cannot be read is left out with a word in the
  /// log: the container then is unknown, and the next agent takes it away ([Leftovers]).
  List<ContainerRecord> containers(String podUid) throws IOException {
    return notes(podUid).containers().values().stream()
        .sorted(
            Comparator.comparing(ContainerRecord::createdAt)
                .thenComparingInt(ContainerRecord::attempt))
        .toList();
  }

  List<Pod> pods() throws IOException {
    return known().pods().values().stream().flatMap(notes -> notes.pod().stream()).toList();
  }

  /// All that is on disk.
  ///
  /// @param pods what is known of each, by uid
  /// @param unreadable files of pods of which too little is known to go on with them
  record Known(Map<String, PodNotes> pods, List<Path> unreadable) {}

  Known known() throws IOException {
    Map<String, PodNotes> pods = new LinkedHashMap<>();
    List<Path> unreadable = new ArrayList<>();
    for (Path file : children(folders.pods())) {
      String name = String.valueOf(file.getFileName());
      PodNotes notes =
          name.endsWith(SUFFIX)
              ? notes(name.substring(0, name.length() - SUFFIX.length()))
              : PodNotes.NONE;
      if (notes.pod().isPresent()) {
        pods.put(notes.pod().get().getMetadata().getUid(), notes);
      } else {
        unreadable.add(file);
      }
    }
    return new Known(pods, unreadable);
  }

  void forget(List<Path> unreadable) throws IOException {
    for (Path file : unreadable) {
      log.warn("{} does not tell of any pod: deleted", file);
      Files.deleteIfExists(file);
    }
  }

  Optional<Pod> pod(String uid) throws IOException {
    return notes(uid).pod();
  }

  private synchronized PodNotes notes(String podUid) throws IOException {
    Path file = folders.podFile(podUid);
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return PodNotes.NONE;
    }
    PodNotes notes = PodNotes.read(content);
    if (!notes.whole()) {
      log.warn("lines of {} cannot be read and are taken out", file);
      shorten(file, notes.content());
    }
    return notes;
  }

  /// Writes a file that there is no reader of yet.
  static void saveJson(Path file, Object value) throws IOException {
    Files.write(file, JsonTrees.bytes(value));
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
    try {
      Files.write(next, content);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(next); // half of it takes room that is wanted elsewhere
      throw e;
    }
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
