package io.coxswain.controlplane.fieldset;

import com.google.protobuf.ByteString;
import io.coxswain.api.meta.v1.ManagedFieldsEntry;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.controlplane.fieldset.FieldOwner.Operation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `metadata.managedFields`: who owns which fields of one object. Immutable.
public final class Books {

  /// Empty books mean that nobody has kept any, and updates begin none.
  public static final Books EMPTY = new Books(Map.of());

  /// Entries of updaters beyond this are put together, oldest first.
  private static final int MOST_UPDATERS = 10;

  private static final String ANCIENT = "ancient-changes";
  private static final String FIELDS_TYPE = "FieldsV1";

  private static final Comparator<ManagedFieldsEntry> ORDER =
      Comparator.comparing(ManagedFieldsEntry::getOperation)
          .thenComparingLong(entry -> entry.getTime().getSeconds())
          .thenComparing(ManagedFieldsEntry::getManager)
          .thenComparing(ManagedFieldsEntry::getApiVersion)
          .thenComparing(ManagedFieldsEntry::getSubresource);

  private final Map<FieldOwner, Share> shares;

  /// What one manager owns.
  ///
  /// @param apiVersion in which the fields are named
  /// @param time when it last changed something
  /// @param read the entry that says so already; null when it has to be written
  public record Share(
      String apiVersion, Optional<Time> time, FieldSet fields, @Nullable ManagedFieldsEntry read) {

    /// The same fields keep the entry that was read, so that nothing is written anew.
    Share with(FieldSet other) {
      return other.equals(fields) ? this : new Share(apiVersion, time, other, null);
    }

    Share at(Time now) {
      return new Share(apiVersion, Optional.of(now), fields, null);
    }
  }

  private Books(Map<FieldOwner, Share> shares) {
    this.shares = shares;
  }

  static Books of(Map<FieldOwner, Share> shares) {
    Map<FieldOwner, Share> kept = new LinkedHashMap<>();
    shares.forEach((manager, share) -> {
      if (!share.fields().isEmpty()) {
        kept.put(manager, share);
      }
    });
    return new Books(kept);
  }

  /// @throws FieldsV1.MalformedException when an entry cannot be understood
  public static Books read(Collection<ManagedFieldsEntry> entries)
      throws FieldsV1.MalformedException {
    if (entries.isEmpty()) {
      return EMPTY;
    }
    Map<FieldOwner, Share> shares = LinkedHashMap.newLinkedHashMap(entries.size());
    for (ManagedFieldsEntry entry : entries) {
      if (entry.getApiVersion().isEmpty() || !entry.getFieldsType().equals(FIELDS_TYPE)) {
        throw new FieldsV1.MalformedException("an entry names no apiVersion or fieldsType");
      }
      Operation operation =
          switch (entry.getOperation()) {
            case "Apply" -> Operation.APPLY;
            case "Update" -> Operation.UPDATE;
            default ->
                throw new FieldsV1.MalformedException("operation must be `Apply` or `Update`");
          };
      shares.put(
          new FieldOwner(
              entry.getManager(), operation, entry.getApiVersion(), entry.getSubresource()),
          new Share(
              entry.getApiVersion(),
              entry.hasTime() ? Optional.of(entry.getTime()) : Optional.empty(),
              KnownSets.decode(entry.getFieldsV1().getRaw()),
              entry));
    }
    return new Books(shares);
  }

  public boolean isEmpty() {
    return shares.isEmpty();
  }

  Map<FieldOwner, Share> shares() {
    return shares;
  }

  Optional<Share> of(FieldOwner manager) {
    return Optional.ofNullable(shares.get(manager));
  }

  /// As they stand in an object: appliers first, then by time.
  public List<ManagedFieldsEntry> entries() {
    List<ManagedFieldsEntry> entries = new ArrayList<>(shares.size());
    shares.forEach((manager, share) -> entries.add(entry(manager, share)));
    entries.sort(ORDER);
    return entries;
  }

  private static ManagedFieldsEntry entry(FieldOwner manager, Share share) {
    ManagedFieldsEntry read = share.read();
    return read == null
        ? entry(manager, share.apiVersion(), share.time(), KnownSets.encode(share.fields()))
        : read;
  }

  static ManagedFieldsEntry entry(
      FieldOwner manager, String apiVersion, Optional<Time> time, ByteString fields) {
    ManagedFieldsEntry.Builder entry =
        ManagedFieldsEntry.newBuilder()
            .setManager(manager.name())
            .setOperation(manager.operation().label())
            .setApiVersion(apiVersion)
            .setFieldsType(FIELDS_TYPE);
    time.ifPresent(entry::setTime);
    entry.getFieldsV1Builder().setRaw(fields);
    if (!manager.subresource().isEmpty()) {
      entry.setSubresource(manager.subresource());
    }
    return entry.build();
  }

  /// With the oldest updates put together where there are too many.
  Books capped() {
    List<Map.Entry<FieldOwner, Share>> updaters = new ArrayList<>();
    for (Map.Entry<FieldOwner, Share> entry : shares.entrySet()) {
      if (entry.getKey().operation() == Operation.UPDATE) {
        updaters.add(entry);
      }
    }
    if (updaters.size() <= MOST_UPDATERS) {
      return this;
    }
    updaters.sort(
        Comparator.<Map.Entry<FieldOwner, Share>>comparingLong(
                entry -> entry.getValue().time().map(Time::getSeconds).orElse(0L))
            .thenComparing(Map.Entry::getKey));
    Map<FieldOwner, Share> capped = new LinkedHashMap<>(shares);
    Map<String, FieldOwner> first = new TreeMap<>();
    int count = updaters.size();
    for (Map.Entry<FieldOwner, Share> entry : updaters) {
      if (count <= MOST_UPDATERS) {
        break;
      }
      String version = entry.getValue().apiVersion();
      FieldOwner other = first.putIfAbsent(version, entry.getKey());
      if (other == null) {
        continue;
      }
      FieldOwner bucket = new FieldOwner(ANCIENT, Operation.UPDATE, version, "");
      Share ours = capped.remove(entry.getKey());
      Share theirs = capped.remove(capped.containsKey(bucket) ? bucket : other);
      if (ours != null && theirs != null) {
        capped.put(
            bucket, new Share(version, ours.time(), theirs.fields().union(ours.fields()), null));
        count--;
      }
    }
    return new Books(capped);
  }
}
