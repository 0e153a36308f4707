package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.ObjectMeta;

/// Whether a controlled kind's object belongs to an owner by its labels, and what to do when its
/// owner reference says otherwise.
public enum Ownership {
  /// Controlled by the owner and selected by it.
  OWNED,
  /// Selected, controlled by nobody: to be adopted.
  ORPHAN,
  /// Controlled by the owner, but its labels no longer match: to be let go.
  STRAY,
  /// None of the owner's business.
  FOREIGN;

  /// @param owner the metadata of the possible owner
  /// @param object the metadata of what it may own; in the same namespace
  public static Ownership of(ObjectMeta owner, LabelSelector selector, ObjectMeta object) {
    String controller = OwnerReferences.controllerUid(object);
    boolean selected = LabelMatch.matches(selector, object.getLabelsMap());
    if (controller.equals(owner.getUid())) {
      if (selected) {
        return OWNED;
      }
      // An owner that is going leaves what it had to the garbage collector.
      return owner.hasDeletionTimestamp() ? OWNED : STRAY;
    }
    boolean adoptable =
        controller.isEmpty()
            && selected
            && !owner.hasDeletionTimestamp()
            && !object.hasDeletionTimestamp();
    return adoptable ? ORPHAN : FOREIGN;
  }
}
