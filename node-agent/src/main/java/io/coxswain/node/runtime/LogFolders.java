package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folders of pods' logs. Several agents of a machine may have theirs in one place, and what
/// one does not know is another's: each folder says whose it is, in an attribute of its own
/// (xattr(7)) that costs no file. Where the file system has no such attributes, nobody deletes what
/// nobody knows.
final class LogFolders {

  private static final Logger log = LoggerFactory.getLogger(LogFolders.class);

  /// Of the class `user`.
  private static final String OWNER = "coxswain.agent";

  private final PodFolders folders;
  private final String self;

  LogFolders(PodFolders folders) {
    this.folders = folders;
    this.self = folders.data().toAbsolutePath().normalize().toString();
  }

  /// Makes the folder for a log.
  ///
  /// @throws IOException when a link stands in its path: a monitor writes where a path leads, and
  ///   no link that a pod with the host's logs has put in it counts
  void make(Pod pod, Path output) throws IOException {
    Path folder = Objects.requireNonNull(output.getParent());
    boolean fresh = Files.notExists(folders.podLogs(pod), LinkOption.NOFOLLOW_LINKS);
    Files.createDirectories(folder);
    Path expected = folders.logs().toRealPath().resolve(folders.logs().relativize(folder));
    if (!folder.toRealPath().equals(expected) || Files.isSymbolicLink(output)) {
      throw new IOException("a link stands in the path of the log " + output);
    }
    if (fresh) {
      mark(folders.podLogs(pod));
    }
  }

  /// Deletes those of this agent that are of none of these pods. What cannot be deleted is told in
  /// the log, and tried again by the next agent.
  ///
  /// @param known uids; asked for once the folders were looked at, so that no pod is missing that
  ///   has one by then
  /// @return whether they were known; if not, nothing is deleted
  boolean clear(Supplier<Optional<Set<String>>> known) throws IOException {
    List<Path> all = DiskState.children(folders.logs());
    Optional<Set<String>> uids = known.get();
    uids.ifPresent(pods -> clear(all, pods));
    return uids.isPresent();
  }

  private void clear(List<Path> all, Set<String> uids) {
    for (Path folder : all) {
      Optional<String> uid = PodFolders.podOfLogs(folder);
      if (uid.isEmpty() || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      Optional<String> owner = owner(folder);
      if (uids.contains(uid.get())) {
        if (owner.isEmpty()) {
          mark(folder); // made by an agent that did not say so
        }
      } else if (owner.filter(self::equals).isPresent()) {
        delete(folder);
      }
    }
  }

  private static void delete(Path folder) {
    log.warn("logs in {} are of no pod that is known: deleted", folder);
    try {
      DiskState.deleteAll(folder);
    } catch (IOException e) {
      log.warn("logs in {} stay until the agent starts again", folder, e);
    }
  }

  private void mark(Path folder) {
    try {
      Optional<UserDefinedFileAttributeView> attributes = attributes(folder);
      if (attributes.isPresent()) {
        int _ =
            attributes.get().write(OWNER, ByteBuffer.wrap(self.getBytes(StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      log.debug("{} cannot say whose it is", folder, e);
    }
  }

  private static Optional<String> owner(Path folder) {
    try {
      Optional<UserDefinedFileAttributeView> attributes = attributes(folder);
      if (attributes.isEmpty() || !attributes.get().list().contains(OWNER)) {
        return Optional.empty();
      }
      ByteBuffer content = ByteBuffer.allocate(attributes.get().size(OWNER));
      int _ = attributes.get().read(OWNER, content);
      return Optional.of(new String(content.array(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      log.debug("{} does not say whose it is", folder, e);
      return Optional.empty();
    }
  }

  private static Optional<UserDefinedFileAttributeView> attributes(Path folder) {
    return Optional.ofNullable(
        Files.getFileAttributeView(
            folder, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS));
  }
}
