package io.coxswain.node.host;

import java.nio.file.Path;

/// The users and groups of a user namespace (user_namespaces(7)): its own 0 to 65535 are as many of
/// the node's, that belong to nobody there.
///
/// @param namespace file on which it is pinned
/// @param first the node's number of its root; 0 for the node's own users
public record UserRange(Path namespace, int first) {

  /// How many a namespace has.
  public static final int COUNT = 65_536;

  /// No other users than the node's.
  public static final UserRange NODE = new UserRange(Path.of("/proc/1/ns/user"), 0);

  /// Whether they are others than the node's.
  public boolean isOwn() {
    return first > 0;
  }
}
