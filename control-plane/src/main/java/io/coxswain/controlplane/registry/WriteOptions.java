package io.coxswain.controlplane.registry;

/// How a write is to be made.
///
/// @param dryRun go all the way but for storing
/// @param fieldManager who writes, for `managedFields`; may be empty
/// @param fieldValidation what becomes of unknown fields in a patch
/// @param force take over fields that another manager applied
/// @param guard looks at each change of a stored object
public record WriteOptions(
    boolean dryRun,
    String fieldManager,
    FieldValidation fieldValidation,
    boolean force,
    Guard guard) {

  public enum FieldValidation {
    IGNORE,
    WARN,
    STRICT
  }

  public static final WriteOptions DEFAULT =
      new WriteOptions(false, "", FieldValidation.WARN, false, Guard.NONE);

  public WriteOptions asDryRun() {
    return new WriteOptions(true, fieldManager, fieldValidation, force, guard);
  }

  public WriteOptions guardedBy(Guard watchful) {
    return new WriteOptions(dryRun, fieldManager, fieldValidation, force, watchful);
  }
}
