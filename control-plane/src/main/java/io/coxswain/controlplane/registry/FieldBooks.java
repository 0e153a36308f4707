package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ManagedFieldsEntry;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.fieldset.Books;
import io.coxswain.controlplane.fieldset.Comparison;
import io.coxswain.controlplane.fieldset.Configuration;
import io.coxswain.controlplane.fieldset.FieldOwner;
import io.coxswain.controlplane.fieldset.FieldOwner.Operation;
import io.coxswain.controlplane.fieldset.FieldSet;
import io.coxswain.controlplane.fieldset.FieldsV1;
import io.coxswain.controlplane.fieldset.Ownership;
import io.coxswain.controlplane.registry.WriteOptions.Bookkeeping;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Writes down in `metadata.managedFields` who wrote which fields, and applies configurations by
/// what stands there.
@SuppressWarnings("ReferenceEquality") // books that do not change are handed on, and known again
final class FieldBooks {

  /// Who owned what was there before anybody applied.
  private static final String BEFORE_FIRST_APPLY = "before-first-apply";

  private final InstantSource clock;

  FieldBooks(InstantSource clock) {
    this.clock = clock;
  }

  /// A new object with its books.
  ///
  /// @param sent those that its author gave it
  Message created(
      KindStore kind, Message object, List<ManagedFieldsEntry> sent, WriteOptions options) {
    return switch (options.books()) {
      case DONE -> with(object, sent);
      case KEEP_UP -> object;
      case BEGIN ->
          with(
              object,
              ownership(kind, "", Operation.UPDATE, options)
                  .created(readable(sent, List.of()), FieldView.of(kind).everything(object))
                  .entries());
    };
  }

  /// A changed object with its books.
  ///
  /// @param after with the books of `before`
  /// @param sent the object as the writer sent it, who may have written in its books
  Message updated(
      KindStore kind,
      String part,
      Message before,
      Message after,
      Message sent,
      WriteOptions options) {
    List<ManagedFieldsEntry> given = ObjectMetas.read(sent).getManagedFieldsList();
    if (options.books() == Bookkeeping.DONE) {
      return with(after, given);
    }
    List<ManagedFieldsEntry> kept = ObjectMetas.read(before).getManagedFieldsList();
    boolean rewritten = part.isEmpty() && !given.isEmpty() && !given.equals(kept);
    if (kept.isEmpty() && !rewritten) {
      return after;
    }
    if (rewritten && isReset(given)) {
      return with(after, List.of());
    }
    Books books = rewritten ? readable(given, kept) : readable(kept, List.of());
    if (books.isEmpty()) {
      return with(after, List.of());
    }
    Comparison change = FieldView.of(kind).compare(before, after);
    Books now = ownership(kind, part, Operation.UPDATE, options).written(books, change);
    return now == books && !rewritten ? after : with(after, now.entries());
  }

  /// Books that hold nothing but one empty entry ask for the books to be thrown away.
  private static boolean isReset(List<ManagedFieldsEntry> books) {
    return books.size() == 1 && books.getFirst().getSerializedSize() == 0;
  }

  /// What cannot be understood, or is not there, does no harm: then what was there counts.
  private static Books readable(
      List<ManagedFieldsEntry> books, List<ManagedFieldsEntry> otherwise) {
    try {
      return Books.read(books);
    } catch (FieldsV1.MalformedException _) {
      return otherwise.isEmpty() ? Books.EMPTY : readable(otherwise, List.of());
    }
  }

  /// What a configuration makes of an object, with its books.
  ///
  /// @throws ApiException with ApplyConflict naming every field that others own, or BadRequest
  Message applied(
      KindStore kind,
      Target target,
      Message live,
      Rules.Configuration config,
      WriteOptions options) {
    return applied(FieldView.of(kind), kind, target, live, config, options);
  }

  private <V> Message applied(
      FieldView<V> view,
      KindStore kind,
      Target target,
      Message live,
      Rules.Configuration config,
      WriteOptions options) {
    String part = target.subresource();
    Ownership ownership = ownership(kind, part, Operation.APPLY, options);
    Books books = readable(ObjectMetas.read(live).getManagedFieldsList(), List.of());
    if (books.isEmpty()) {
      FieldOwner earlier =
          new FieldOwner(BEFORE_FIRST_APPLY, Operation.UPDATE, ownership.apiVersion(), part);
      books =
          new Ownership(earlier, ownership.apiVersion(), ownership.ignored(), ownership.now())
              .created(Books.EMPTY, view.everything(live));
    }
    FieldSet granted = LastApplied.granted(options.fieldManager(), live);
    Message laid = applied(view, ownership, live, config.object(), books, options, granted);
    return LastApplied.renewed(options.fieldManager(), laid, config.json());
  }

  // A configuration as a new object, with its books.
  Message appliedNew(
      KindStore kind, Target target, Rules.Configuration config, WriteOptions options) {
    Message nothing = kind.type().prototype();
    return applied(
        FieldView.of(kind),
        ownership(kind, target.subresource(), Operation.APPLY, options),
        nothing,
        config.object(),
        Books.EMPTY,
        options,
        FieldSet.EMPTY);
  }

  private static <V> Message applied(
      FieldView<V> view,
      Ownership ownership,
      Message live,
      Message config,
      Books books,
      WriteOptions options,
      FieldSet granted) {
    V before = view.value(live);
    V wanted = view.applied(config, ownership.manager().subresource());
    Ownership.Applied<V> applied;
    try {
      applied = ownership.applied(view.shape(), before, wanted, books, options.force(), granted);
    } catch (Configuration.AmbiguousException e) {
      throw new ApiException(
          new ApiError.BadRequest("failed to create typed patch object: " + e.getMessage()), e);
    }
    return switch (applied) {
      case Ownership.Done<V>(V object, Books now) ->
          with(object == before ? live : view.object(object), now.entries());
      case Ownership.Refused<V>(List<Ownership.Conflict> conflicts) ->
          throw Refusals.applyConflict(conflicts);
    };
  }

  private Ownership ownership(
      KindStore kind, String part, Operation operation, WriteOptions options) {
    String apiVersion = kind.type().apiVersion();
    return new Ownership(
        new FieldOwner(options.fieldManager(), operation, apiVersion, part),
        apiVersion,
        kind.unwritable(part),
        Times.time(clock.instant().truncatedTo(ChronoUnit.SECONDS)));
  }

  private static Message with(Message object, List<ManagedFieldsEntry> entries) {
    return ObjectMetas.edit(object, meta -> meta.clearManagedFields().addAllManagedFields(entries));
  }
}
