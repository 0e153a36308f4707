package io.coxswain.client;

import java.util.OptionalLong;

/// How an object goes.
///
/// @param graceSeconds overrides the kind's own; 0 removes at once
/// @param uid delete only this incarnation; empty for whichever there is
/// @param resourceVersion delete only this version; empty for any
/// @param propagation what becomes of objects that it owns
public record DeletePolicy(
    OptionalLong graceSeconds, String uid, String resourceVersion, Propagation propagation) {

  public enum Propagation {
    DEFAULT,
    BACKGROUND,
    FOREGROUND,
    ORPHAN
  }

  public static final DeletePolicy DEFAULT =
      new DeletePolicy(OptionalLong.empty(), "", "", Propagation.DEFAULT);

  public DeletePolicy withGraceSeconds(long seconds) {
    return new DeletePolicy(OptionalLong.of(seconds), uid, resourceVersion, propagation);
  }

  public DeletePolicy onlyUid(String expected) {
    return new DeletePolicy(graceSeconds, expected, resourceVersion, propagation);
  }

  public DeletePolicy propagating(Propagation how) {
    return new DeletePolicy(graceSeconds, uid, resourceVersion, how);
  }
}
