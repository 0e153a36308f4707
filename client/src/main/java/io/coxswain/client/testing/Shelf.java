package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.schema.ResourceType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The objects of one kind, their recent history, and who watches them. Its owner's lock is held
/// around every call.
final class Shelf {

  private static final int HISTORY = 10_000;

  private record Change(long revision, @Nullable Message before, @Nullable Message after) {}

  final ResourceType<?> type;
  private final TreeMap<ObjectKey, Message> objects = new TreeMap<>();
  private final ArrayDeque<Change> history = new ArrayDeque<>();
  private final Set<MemoryWatch> watches = new HashSet<>();
  private long forgottenUpTo;

  Shelf(ResourceType<?> type) {
    this.type = type;
  }

  Optional<Message> find(ObjectKey key) {
    return Optional.ofNullable(objects.get(key));
  }

  Collection<Message> all() {
    return objects.values();
  }

  List<Message> matching(Selection selection) {
    return objects.values().stream().filter(selection).toList();
  }

  /// @param after the new state with its version set
  void put(long revision, Message after) {
    Message before = objects.put(ObjectMetas.key(after), after);
    record(new Change(revision, before, after));
  }

  /// @param last the last state, with the version of its deletion
  void remove(long revision, Message last) {
    objects.remove(ObjectMetas.key(last));
    record(new Change(revision, last, null));
  }

  MemoryWatch watch(Selection selection, String fromVersion, long now) {
    MemoryWatch watch = new MemoryWatch(selection, watches::remove);
    if (fromVersion.isEmpty() || fromVersion.equals("0")) {
      for (Message object : matching(selection)) {
        watch.offer(new WatchEvent<>(WatchEvent.Type.ADDED, object));
      }
    } else {
      long from = parse(fromVersion);
      if (from < forgottenUpTo) {
        throw new ApiException(
            new ApiError.Expired("too old resource version: " + from + " (" + now + ")"));
      }
      for (Change change : new ArrayList<>(history)) {
        if (change.revision > from) {
          tell(watch, change);
        }
      }
    }
    watches.add(watch);
    return watch;
  }

  void bookmark(Message bookmark) {
    for (MemoryWatch watch : watches) {
      watch.offer(new WatchEvent<>(WatchEvent.Type.BOOKMARK, bookmark));
    }
  }

  void endWatches(ApiError error) {
    watches.forEach(watch -> watch.end(error));
    watches.clear();
  }

  void forgetHistory(long upTo) {
    history.clear();
    forgottenUpTo = upTo;
  }

  private void record(Change change) {
    history.add(change);
    if (history.size() > HISTORY) {
      forgottenUpTo = history.remove().revision;
    }
    watches.forEach(watch -> tell(watch, change));
  }

  // To a watch with a selector, an object that begins to match is added and one that ceases to is
  // deleted.
  private static void tell(MemoryWatch watch, Change change) {
    boolean before = change.before != null && watch.selection().test(change.before);
    if (change.after != null && watch.selection().test(change.after)) {
      watch.offer(
          new WatchEvent<>(
              before ? WatchEvent.Type.MODIFIED : WatchEvent.Type.ADDED, change.after));
    } else if (before && change.before != null) {
      Message last =
          change.after == null
              ? change.before
              : WriteRules.withVersion(
                  change.before, ObjectMetas.read(change.after).getResourceVersion());
      watch.offer(new WatchEvent<>(WatchEvent.Type.DELETED, last));
    }
  }

  private static long parse(String version) {
    try {
      return Long.parseLong(version);
    } catch (NumberFormatException e) {
      throw new ApiException(
          new ApiError.BadRequest("invalid resource version '" + version + "'"), e);
    }
  }
}
