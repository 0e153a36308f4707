package io.coxswain.controlplane.registry;

import io.coxswain.controlplane.admission.dynamic.Notes;
import io.coxswain.controlplane.authn.User;
import java.util.Optional;

/// How a write is to be made.
///
/// @param dryRun go all the way but for storing
/// @param fieldManager who writes, for `managedFields`; may be empty
/// @param books what becomes of `managedFields`
/// @param fieldValidation what becomes of unknown fields in a patch
/// @param force take over fields that another manager applied
/// @param guard looks at each change of a stored object
/// @param user who writes; nobody where the registry itself does, and then no webhook is asked
/// @param notes takes what admission has to say beside yes or no
public record WriteOptions(
    boolean dryRun,
    String fieldManager,
    Bookkeeping books,
    FieldValidation fieldValidation,
    boolean force,
    Guard guard,
    Optional<User> user,
    Notes notes) {

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
      new WriteOptions(
          false,
          "",
          Bookkeeping.KEEP_UP,
          FieldValidation.WARN,
          false,
          Guard.NONE,
          Optional.empty(),
          new Notes());

  public WriteOptions asDryRun() {
    return new WriteOptions(true, fieldManager, books, fieldValidation, force, guard, user, notes);
  }

  public WriteOptions guardedBy(Guard watchful) {
    return new WriteOptions(
        dryRun, fieldManager, books, fieldValidation, force, watchful, user, notes);
  }

  public WriteOptions keeping(Bookkeeping other) {
    return new WriteOptions(
        dryRun, fieldManager, other, fieldValidation, force, guard, user, notes);
  }

  /// The same write, made by somebody.
  public WriteOptions sentBy(User writer) {
    return new WriteOptions(
        dryRun, fieldManager, books, fieldValidation, force, guard, Optional.of(writer), notes);
  }

  /// The same write, made by the registry itself as part of another one.
  WriteOptions unasked() {
    return new WriteOptions(
        dryRun, fieldManager, books, fieldValidation, force, guard, Optional.empty(), notes);
  }
}
