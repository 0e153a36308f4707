package io.coxswain.node.podworker;

import java.time.Instant;

/// One step of a pod worker.
public sealed interface Action {

  /// Volumes, namespaces, control group, address.
  record SetUp() implements Action {}

  record PullImage(String container) implements Action {}

  record StartContainer(String container) implements Action {}

  /// Gives the pod and its running containers the resources that were set aside for them.
  record Resize() implements Action {}

  /// Begins a graceful end.
  ///
  /// @param graceSeconds -1 for the pod's
  record BeginStop(String container, String why, long graceSeconds) implements Action {}

  /// The stop signal.
  record Signal(String container) implements Action {}

  record Kill(String container) implements Action {}

  /// The pod as a whole has failed: nothing of it is started any more.
  record Fail(String reason, String message) implements Action {}

  /// Gives back what the sandbox holds; logs and records stay for as long as the object does.
  record Release() implements Action {}

  /// Takes all of the pod away.
  record TearDown() implements Action {}

  /// Removes the object from the API, for its end is complete.
  record DeleteObject() implements Action {}

  /// Nothing to do before this moment, unless something happens.
  record WaitUntil(Instant moment) implements Action {}
}
