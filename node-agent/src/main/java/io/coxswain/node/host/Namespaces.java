package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;

/// Namespaces that live as long as the file on which they are pinned. Safe for use by many threads.
public interface Namespaces {

  /// Name of the pin of a user namespace.
  String USERS = "user";

  enum Kind {
    NETWORK("net"),
    IPC("ipc"),
    UTS("uts");

    private final String file;

    Kind(String file) {
      this.file = file;
    }

    /// The name below `/proc/PID/ns`, and of the pin.
    public String file() {
      return file;
    }
  }

  /// Makes new namespaces of these kinds and pins each at `folder/FILE` (see [Kind#file]). The
  /// loopback device of a new network namespace is left down. Kinds that are pinned there already
  /// stay as they are.
  ///
  /// @param hostname of a new UTS namespace
  void create(Path folder, Set<Kind> kinds, String hostname) throws IOException;

  /// Makes new namespaces of these kinds, and a user namespace whom they belong to, pinned at
  /// `folder/user`. When all are pinned there they stay as they are, else all are made anew.
  ///
  /// @param hostname of a new UTS namespace
  /// @param first the node's number of the new namespace's root
  void createWithUsers(Path folder, Set<Kind> kinds, String hostname, int first) throws IOException;

  /// Whether a namespace is pinned there: false after the machine was started anew.
  boolean isPinned(Path pin) throws IOException;

  /// Lets go of all pins in the folder; a namespace ends with its last process. Idempotent.
  void remove(Path folder) throws IOException;

  /// Runs the action in the network namespace pinned at `pin`, on a thread of its own, and waits
  /// for it. Sockets that it opens belong to that namespace for good.
  <T> T inNetwork(Path pin, Callable<T> action) throws Exception;
}
