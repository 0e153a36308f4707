package io.coxswain.controlplane.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.fieldset.FieldSet;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoreException;
import io.coxswain.controlplane.storage.Write;
import io.coxswain.controlplane.storage.WriteResult;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Reflector;
import io.coxswain.controlplane.watch.WatchCache;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/// One kind in store and cache.
final class KindStore {

  /// A cache that is further behind has lost the store.
  private static final Duration SHOWN = Duration.ofSeconds(1);

  private final ResourceType<?> type;
  private final Strategy strategy;
  private final Rules rules;
  private final Store store;
  private final KindCodec codec;
  private final WatchCache cache;
  private final Reflector reflector;
  private final Map<String, FieldSet> unwritable = new ConcurrentHashMap<>();

  KindStore(
      ResourceType<?> type,
      Strategy strategy,
      Rules rules,
      Store store,
      KindCodec codec,
      WatchCache cache,
      Reflector reflector) {
    this.type = type;
    this.strategy = strategy;
    this.rules = rules;
    this.store = store;
    this.codec = codec;
    this.cache = cache;
    this.reflector = reflector;
  }

  ResourceType<?> type() {
    return type;
  }

  Strategy strategy() {
    return strategy;
  }

  /// Which of its fields cannot be written through a part; the empty part is the object itself.
  FieldSet unwritable(String part) {
    return unwritable.computeIfAbsent(part, name -> Unwritable.of(type, strategy, name));
  }

  Rules rules() {
    return rules;
  }

  KindCodec codec() {
    return codec;
  }

  WatchCache cache() {
    return cache;
  }

  /// The newest version there is, by asking the store.
  Optional<CachedObject> find(ObjectKey key) {
    try {
      return store.find(storageKey(key)).map(cache::adopt);
    } catch (StoreException failed) {
      throw Refusals.of(failed);
    }
  }

  /// @throws io.coxswain.client.ApiException with NotFound when there is none
  CachedObject require(ObjectKey key) {
    return find(key).orElseThrow(() -> Refusals.notFound(type, key.name()));
  }

  /// @return the object as stored; nothing when the name is taken
  Optional<Message> create(ObjectKey key, Message object) {
    ByteString bytes = codec.encode(object);
    Write write = new Write.Create(storageKey(key), bytes, strategy.timeToLive());
    return announced(key, bytes, object, write);
  }

  /// @return the object as stored; nothing when somebody wrote since `current`
  Optional<Message> replace(CachedObject current, Message object) {
    ByteString bytes = codec.encode(object);
    if (bytes.equals(current.stored().bytes()) && !current.stored().isOutdated()) {
      return Optional.of(current.message());
    }
    Write write =
        new Write.Replace(current.stored().key(), bytes, current.revision(), strategy.timeToLive());
    return announced(current.key(), bytes, object, write);
  }

  /// @return the object's last state; nothing when somebody wrote since `current`
  Optional<Message> remove(CachedObject current) {
    Write write = new Write.Remove(current.stored().key(), current.revision());
    return versioned(current.message(), shown(write));
  }

  private static Optional<Message> versioned(Message object, OptionalLong revision) {
    return revision.isEmpty()
        ? Optional.empty()
        : Optional.of(ObjectMetas.withResourceVersion(object, Long.toString(revision.getAsLong())));
  }

  /// The cache is told what comes, where that is the same as what would be read.
  private Optional<Message> announced(
      ObjectKey key, ByteString bytes, Message object, Write write) {
    if (!codec.isExact(object)) {
      return versioned(object, shown(write));
    }
    WatchCache.Announced announced = cache.announce(key, storageKey(key), bytes, object);
    OptionalLong revision = OptionalLong.empty();
    try {
      revision = shown(write);
    } finally {
      if (revision.isEmpty()) {
        announced.forget();
      }
    }
    return revision.isEmpty()
        ? Optional.empty()
        : Optional.of(announced.written(revision.getAsLong()).message());
  }

  /// The object that has this very message, if the cache has it.
  Optional<CachedObject> holding(Message object) {
    ObjectKey key = ObjectMetas.key(object);
    return cache.holding(key, storageKey(key), object);
  }

  private OptionalLong shown(Write write) {
    OptionalLong revision = write(write);
    if (strategy.showsAtOnce() && revision.isPresent()) {
      var _ = reflector.await(revision.getAsLong(), SHOWN);
      strategy.shown();
    }
    return revision;
  }

  private OptionalLong write(Write write) {
    try {
      return switch (store.write(write)) {
        case WriteResult.Done(long revision) -> OptionalLong.of(revision);
        case WriteResult.Refused _ -> OptionalLong.empty();
      };
    } catch (StoreException failed) {
      throw Refusals.of(failed);
    }
  }

  String storageKey(ObjectKey key) {
    return type.namespaced()
        ? cache.prefix() + key.namespace() + "/" + key.name()
        : cache.prefix() + key.name();
  }
}
