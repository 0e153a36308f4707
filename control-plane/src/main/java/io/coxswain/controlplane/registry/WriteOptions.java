package io.coxswain.controlplane.registry;

/// How a write is to be made.
///
/// @param dryRun go all the way but for storing
/// @param fieldManager who writes, for `managedFields`; may be empty
/// @param books what becomes of `managedFields`
/// @param fieldValidation what becomes of unknown fields in a patch
/// @param force take over fields that another manager applied
/// @param guard looks at each change of a stored object
public record WriteOptions(
    boolean dryRun,
    String fieldManager,
    Bookkeeping books,
    FieldValidation fieldValidation,
    boolean force,
    Guard guard) {

  public enum FieldValidation {
    IGNORE,
    WARN,
    STRICT
  }

  /// Whether a write is entered in the object's `managedFields`.
  public enum Bookkeeping {
    /// Always; a new object's books begin with it.
    BEGIN,
    /// Where the object has books. What parts of the product make for themselves has none, which
    /// saves time and space at what there is most of, as a Deployment's pods.
    KEEP_UP,
    /// The object brings the books along as they shall be.
    DONE
  }

  public static final WriteOptions DEFAULT =
      new WriteOptions(false, "", Bookkeeping.KEEP_UP, FieldValidation.WARN, false, Guard.NONE);

  public WriteOptions asDryRun() {
    return new WriteOptions(true, fieldManager, books, fieldValidation, force, guard);
  }

  public WriteOptions guardedBy(Guard watchful) {
    return new WriteOptions(dryRun, fieldManager, books, fieldValidation, force, watchful);
  }

  public WriteOptions keeping(Bookkeeping other) {
    return new WriteOptions(dryRun, fieldManager, other, fieldValidation, force, guard);
  }
}
