package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;

/// What a writer may not do to an object, judged by what would really be stored: the newest version
/// before, and what the write makes of it once everything that it may not touch has been put back.
/// A status that comes with an old picture of the rest is so no attempt to change the rest.
@FunctionalInterface
public interface Guard {

  Guard NONE = (before, after) -> {};

  /// Called for each attempt, also of a write that is not stored.
  ///
  /// @throws io.coxswain.client.ApiException when the write is refused
  void check(Message before, Message after);

  /// Called before a write that was to change an object makes a new one, as an apply may.
  ///
  /// @throws io.coxswain.client.ApiException when the write is refused
  default void checkNew(Message object) {}
}
