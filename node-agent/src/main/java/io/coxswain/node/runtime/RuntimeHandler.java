package io.coxswain.node.runtime;

/// What makes containers, by the name that RuntimeClasses have for it, and what it can beside that.
///
/// @param name empty for the node's default
/// @param recursiveReadOnly whether it makes mounts read-only with all that is mounted below them
/// @param userNamespaces whether it makes containers whose users are none of the node's
public record RuntimeHandler(String name, boolean recursiveReadOnly, boolean userNamespaces) {}
