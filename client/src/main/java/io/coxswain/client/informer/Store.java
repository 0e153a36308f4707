package io.coxswain.client.informer;

import com.google.protobuf.Message;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Objects by key and by the values of indexes. One thread writes, any number read without waiting.
final class Store<T extends Message> {

  private final Map<String, Function<T, ? extends Collection<String>>> indexers;
  private final Map<ObjectKey, T> objects = new ConcurrentHashMap<>();
  // index name → value → objects. An inner map is never changed after it went empty: it is removed.
  private final Map<String, Map<String, Map<ObjectKey, T>>> indexes = new ConcurrentHashMap<>();

  Store(Map<String, Function<T, ? extends Collection<String>>> indexers) {
    this.indexers = Map.copyOf(indexers);
    for (String name : this.indexers.keySet()) {
      indexes.put(name, new ConcurrentHashMap<>());
    }
  }

  Optional<T> find(ObjectKey key) {
    return Optional.ofNullable(objects.get(key));
  }

  List<T> list() {
    return List.copyOf(objects.values());
  }

  List<T> byIndex(String index, String value) {
    Map<String, Map<ObjectKey, T>> values = indexes.get(index);
    if (values == null) {
      throw new IllegalArgumentException(
          "no index '" + index + "': call addIndex before start; there are " + indexers.keySet());
    }
    Map<ObjectKey, T> found = values.get(value);
    return found == null ? List.of() : List.copyOf(found.values());
  }

  int size() {
    return objects.size();
  }

  Collection<ObjectKey> keys() {
    return objects.keySet();
  }

  Optional<T> put(T object) {
    ObjectKey key = ObjectMetas.key(object);
    T before = objects.put(key, object);
    indexers.forEach((name, indexer) -> reindex(name, indexer, key, before, object));
    return Optional.ofNullable(before);
  }

  Optional<T> remove(ObjectKey key) {
    T before = objects.remove(key);
    if (before != null) {
      indexers.forEach((name, indexer) -> reindex(name, indexer, key, before, null));
    }
    return Optional.ofNullable(before);
  }

  private void reindex(
      String name,
      Function<T, ? extends Collection<String>> indexer,
      ObjectKey key,
      @Nullable T before,
      @Nullable T after) {
    Map<String, Map<ObjectKey, T>> values = indexes.getOrDefault(name, Map.of());
    Collection<String> now = after == null ? List.of() : indexer.apply(after);
    if (before != null) {
      for (String value : indexer.apply(before)) {
        if (!now.contains(value)) {
          values.computeIfPresent(
              value,
              (v, entries) -> {
                entries.remove(key);
                return entries.isEmpty() ? null : entries;
              });
        }
      }
    }
    if (after != null) {
      for (String value : now) {
        values.compute(
            value,
            (v, entries) -> {
              Map<ObjectKey, T> kept = entries == null ? new ConcurrentHashMap<>() : entries;
              kept.put(key, after);
              return kept;
            });
      }
    }
  }
}
