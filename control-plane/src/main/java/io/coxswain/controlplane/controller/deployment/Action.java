package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.ReplicaSet;

/// One write of a plan.
sealed interface Action {

  /// Make the Deployment the set's controller.
  record Adopt(ReplicaSet set) implements Action {}

  /// No longer be the set's controller.
  record Release(ReplicaSet set) implements Action {}

  record Create(ReplicaSet set) implements Action {}

  /// Replace the set, unless somebody wrote since `before`.
  record Update(ReplicaSet before, ReplicaSet after) implements Action {}

  record Delete(ReplicaSet set) implements Action {}

  /// Note on the Deployment which revision its template is.
  record NoteRevision(long revision) implements Action {}
}
