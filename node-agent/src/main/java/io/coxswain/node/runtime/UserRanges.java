package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.node.host.UserRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Which of the node's users each pod has as its own that is none of them (`hostUsers: false`,
/// KEP-127): a range for each, which no two pods have at once. Written down beside the pod's
/// namespaces, which last as long: a new agent gives nobody what a pod has. Safe for use by many
/// threads.
final class UserRanges {

  private static final String FILE = "users";
  private static final int RANGES = Integer.MAX_VALUE / UserRange.COUNT;

  private final PodFolders folders;
  private final int start;

  /// Ranges by pod; guarded by this.
  private final Map<String, Integer> taken = new HashMap<>();

  private boolean known;

  /// @param node tells one agent on a machine from another, so that they begin in different places
  UserRanges(PodFolders folders, String node) {
    this.folders = folders;
    this.start = Math.floorMod(node.hashCode(), RANGES - 1);
  }

  static boolean isWanted(PodSpec spec) {
    return spec.hasHostUsers() && !spec.getHostUsers();
  }

  /// The pod's; the same each time until it is given back.
  ///
  /// @return the node's number of the pod's root
  synchronized int of(String uid) throws IOException {
    learn();
    Integer mine = taken.get(uid);
    if (mine != null) {
      return mine * UserRange.COUNT;
    }
    for (int i = 0; i < RANGES - 1; i++) {
      // 0 are the node's own users
      int range = 1 + (start + i) % (RANGES - 1);
      if (!taken.containsValue(range)) {
        Path folder = Files.createDirectories(folders.sandboxFiles(uid));
        DiskState.replace(
            folder.resolve(FILE),
            Integer.toString(range).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        taken.put(uid, range);
        return range * UserRange.COUNT;
      }
    }
    throw new IOException("could not find an empty slot to allocate a user namespace");
  }

  /// Whoever calls takes the pod's folder away.
  synchronized void giveBack(String uid) {
    taken.remove(uid);
  }

  private void learn() throws IOException {
    if (known) {
      return;
    }
    for (Path pod : DiskState.children(folders.podRuns())) {
      Path file = pod.resolve(FILE);
      if (Files.exists(file)) {
        taken.put(pod.getFileName().toString(), Integer.parseInt(Files.readString(file).strip()));
      }
    }
    known = true;
  }
}
