package io.coxswain.controlplane.fieldset;

import io.coxswain.api.meta.v1.Time;
import io.coxswain.controlplane.fieldset.Books.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who owns what after a write. Pure.
///
/// @param manager who writes
/// @param apiVersion in which the writer names fields
/// @param ignored fields that this way of writing cannot change: whatever the writer says of them
///   is put back
/// @param now when it happens
public record Ownership(FieldOwner manager, String apiVersion, FieldSet ignored, Time now) {

  /// What the system gives an object: nobody owns it.
  private static final FieldSet SYSTEM =
      FieldSet.ofNames("apiVersion")
          .union(FieldSet.ofNames("kind"))
          .union(FieldSet.ofNames("metadata"))
          .union(FieldSet.ofNames("metadata", "name"))
          .union(FieldSet.ofNames("metadata", "namespace"))
          .union(FieldSet.ofNames("metadata", "creationTimestamp"))
          .union(FieldSet.ofNames("metadata", "selfLink"))
          .union(FieldSet.ofNames("metadata", "uid"))
          .union(FieldSet.ofNames("metadata", "generation"))
          .union(FieldSet.ofNames("metadata", "managedFields"))
          .union(FieldSet.ofNames("metadata", "resourceVersion"));

  private static final FieldSet METADATA = FieldSet.ofNames("metadata");

  /// One field that another manager owns and an apply would change.
  public record Conflict(FieldOwner manager, List<PathElement> path) {
    public Conflict {
      path = List.copyOf(path);
    }

    public String field() {
      return FieldSet.text(path);
    }
  }

  /// What an apply leads to.
  public sealed interface Applied<V> {}

  /// @param object the new state, or the old one itself when nothing changes
  public record Done<V>(V object, Books books) implements Applied<V> {}

  /// @param conflicts by manager, then by path
  public record Refused<V>(List<Conflict> conflicts) implements Applied<V> {
    public Refused {
      conflicts = List.copyOf(conflicts);
    }
  }

  /// The books after a write that was made whatever they say: a create, an update, a patch.
  ///
  /// @param change from the state that the books tell of to the new one
  /// @return the books themselves when nothing in them changes
  public Books written(Books before, Comparison change) {
    Comparison seen = change.without(ignored);
    if (seen.isSame()) {
      return before;
    }
    FieldSet written = seen.written();
    FieldSet gone = seen.removed();
    Map<FieldOwner, Share> shares = new LinkedHashMap<>();
    before
        .shares()
        .forEach((other, share) -> {
          FieldSet lost = other.equals(manager) ? gone : written.union(gone);
          shares.put(other, share.with(share.fields().difference(lost)));
        });
    FieldSet gained = written.difference(SYSTEM);
    if (!gained.isEmpty()) {
      Share own = shares.get(manager);
      shares.put(
          manager,
          own == null
              ? new Share(apiVersion, Optional.of(now), gained, null)
              : own.with(own.fields().union(gained)).at(now));
    }
    return Books.of(shares).capped();
  }

  /// The books of a new object.
  ///
  /// @param before those that its author gave it; mostly none
  /// @param everything that is in the object
  public Books created(Books before, FieldSet everything) {
    return written(before, new Comparison(everything, FieldSet.EMPTY, FieldSet.EMPTY));
  }

  /// The object and its books after an apply.
  ///
  /// @param config what is applied
  /// @param granted fields that may be taken from whoever has them
  /// @throws Configuration.AmbiguousException when elements of a list cannot be told apart
  public <V> Applied<V> applied(
      Shape.Fields<V> shape, V live, V config, Books before, boolean force, FieldSet granted)
      throws Configuration.AmbiguousException {
    FieldSet claimed = Configuration.fields(shape, config).withoutAllOf(ignored);
    V merged = Configuration.merged(shape, live, config);
    V object = pruned(shape, merged, before, claimed);
    Comparison change = Comparison.of(shape, live, object).without(ignored);
    FieldSet written = change.written();
    List<Conflict> conflicts = conflicts(before, written.difference(granted));
    if (!force && !conflicts.isEmpty()) {
      return new Refused<>(conflicts);
    }
    Map<FieldOwner, Share> shares = new LinkedHashMap<>();
    before
        .shares()
        .forEach((other, share) -> {
          FieldSet lost = written.union(change.removed());
          if (!other.equals(manager)) {
            shares.put(other, share.with(share.fields().difference(lost)));
          }
        });
    FieldSet owned = claimed.difference(SYSTEM);
    Share last = before.shares().get(manager);
    boolean same =
        last != null
            && last.fields().equals(owned)
            && last.apiVersion().equals(apiVersion)
            && change.isSame();
    shares.put(
        manager,
        same && last != null ? last : new Share(apiVersion, Optional.of(now), owned, null));
    return new Done<>(object, Books.of(shares).capped());
  }

  /// What the manager applied last time, does not apply now, and nobody else owns, goes away.
  private <V> V pruned(Shape.Fields<V> shape, V merged, Books before, FieldSet claimed) {
    Share last = before.shares().get(manager);
    if (last == null) {
      return merged;
    }
    FieldSet owned = claimed;
    for (Map.Entry<FieldOwner, Share> entry : before.shares().entrySet()) {
      if (!entry.getKey().equals(manager)) {
        owned = owned.union(entry.getValue().fields());
      }
    }
    FieldSet dropped =
        Configuration.withParents(shape, last.fields())
            .difference(Configuration.withParents(shape, owned))
            .difference(METADATA);
    if (dropped.isEmpty()) {
      return merged;
    }
    @Nullable V rest = Configuration.without(shape, merged, dropped);
    return rest == null ? merged : rest;
  }

  private List<Conflict> conflicts(Books before, FieldSet written) {
    List<Conflict> conflicts = new ArrayList<>();
    before.shares().entrySet().stream()
        .filter(entry -> !entry.getKey().equals(manager))
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry ->
            entry
                .getValue()
                .fields()
                .intersection(written)
                .forEach(path -> conflicts.add(new Conflict(entry.getKey(), path))));
    return conflicts;
  }
}
