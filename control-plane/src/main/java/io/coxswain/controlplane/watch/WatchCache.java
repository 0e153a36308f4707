package io.coxswain.controlplane.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.WatchEvent;
import io.coxswain.controlplane.storage.StoreEvent;
import io.coxswain.controlplane.storage.StoredValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One kind's objects in memory, with their latest changes. The [Reflector] writes, everybody
/// reads; nothing here waits for the store.
public final class WatchCache {

  /// Changes kept at most: at a thousand writes a second, eight seconds for a watcher to come back.
  private static final int HISTORY = 8192;

  /// Of objects as large as they may be, far fewer: else somebody who rewrites one of a megabyte
  /// would fill the memory.
  private static final long HISTORY_BYTES = Runtime.getRuntime().maxMemory() / 16;

  private static final Duration HISTORY_KEPT = Duration.ofSeconds(75);

  private final String prefix;
  private final boolean namespaced;
  private final ObjectCodec codec;
  private final LongSupplier nanoTime;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final NavigableMap<String, CachedObject> ordered = new TreeMap<>();
  private final Map<ObjectKey, CachedObject> index = new HashMap<>();
  private final History history = new History(HISTORY, HISTORY_KEPT.toNanos(), HISTORY_BYTES);
  private final Set<CacheWatch> watches = ConcurrentHashMap.newKeySet();

  private final Announcements announcements;

  /// Everything up to here is applied. Only the reflector's thread writes.
  private volatile long revision;

  private long loaded;
  private volatile long changes;
  private volatile boolean ready;

  /// @param prefix of the kind's keys, with a slash at its end
  public WatchCache(String prefix, boolean namespaced, ObjectCodec codec, LongSupplier nanoTime) {
    this.prefix = prefix;
    this.namespaced = namespaced;
    this.codec = codec;
    this.nanoTime = nanoTime;
    this.announcements = new Announcements(codec);
  }

  /// A write that is about to be made. To be [written][#written] or [forgotten][#forget].
  public interface Announced {

    /// It was made.
    ///
    /// @return the object as everybody reads it from now on
    CachedObject written(long revision);

    /// It was not made, or nobody knows.
    void forget();
  }

  /// Says beforehand what will be written, so that the change need not be decoded when it comes
  /// back.
  ///
  /// @param bytes that will be stored
  /// @param message what these bytes decode to, with any resource version
  public Announced announce(ObjectKey key, String storageKey, ByteString bytes, Message message) {
    return announcements.add(key, storageKey, bytes, message);
  }

  public String prefix() {
    return prefix;
  }

  public ObjectCodec codec() {
    return codec;
  }

  /// Everything that changed up to this revision is in here.
  public long revision() {
    return revision;
  }

  /// Grows whenever an object here is another one than before. Costs no more than a look.
  public long changes() {
    return changes;
  }

  /// How many objects there are.
  public int size() {
    lock.readLock().lock();
    try {
      return index.size();
    } finally {
      lock.readLock().unlock();
    }
  }

  /// How many watches are open.
  public int watchers() {
    return watches.size();
  }

  /// Whether what is stored has been loaded, so that what is not here is not there either.
  public boolean isLoaded() {
    return ready;
  }

  public Optional<CachedObject> find(ObjectKey key) {
    lock.readLock().lock();
    try {
      return Optional.ofNullable(index.get(key));
    } finally {
      lock.readLock().unlock();
    }
  }

  /// The object that has this very message, with what else is known of it, as its JSON.
  public Optional<CachedObject> holding(ObjectKey key, String storageKey, Message message) {
    return find(key)
        .filter(object -> object.is(message))
        .or(() -> announcements.pending(storageKey, message));
  }

  /// The cached form of what was just read from the store, if the cache has that very version:
  /// saves decoding it again. Otherwise a new one.
  public CachedObject adopt(StoredValue value) {
    ObjectKey key = keyOf(value.key());
    return find(key)
        .filter(cached -> cached.revision() == value.revision())
        .orElseGet(() -> new CachedObject(key, value, codec));
  }

  /// What is at hand now.
  ///
  /// @throws ApiException with Unavailable until the kind has been loaded
  public Snapshot list(Selection selection) {
    Snapshot candidates = candidates(selection.namespace());
    List<CachedObject> chosen = new ArrayList<>(candidates.objects().size());
    for (CachedObject object : candidates.objects()) {
      if (selection.includes(object)) {
        chosen.add(object);
      }
    }
    return new Snapshot(chosen, candidates.revision());
  }

  /// All of a namespace, or of all when it is empty, that is at hand now.
  ///
  /// @throws ApiException with Unavailable until the kind has been loaded
  public Snapshot candidates(String namespace) {
    lock.readLock().lock();
    try {
      requireReady();
      return new Snapshot(new ArrayList<>(of(namespace).values()), revision);
    } finally {
      lock.readLock().unlock();
    }
  }

  /// All of a namespace behind a key, as it was at a revision: what is there now, with what changed
  /// since then undone.
  ///
  /// @param after a key of the namespace in the store, which need not be one of an object
  /// @return nothing when changes since then are forgotten, or that revision is not here yet
  /// @throws ApiException with Unavailable until the kind has been loaded
  public Optional<Snapshot> candidates(String namespace, String after, long atRevision) {
    lock.readLock().lock();
    try {
      requireReady();
      if (atRevision > revision || !history.holdsAllAfter(atRevision)) {
        return Optional.empty();
      }
      NavigableMap<String, CachedObject> present = of(namespace);
      List<CachedObject> objects = new ArrayList<>();
      String last = after;
      for (var undone : undone(scope(namespace), after, atRevision).entrySet()) {
        objects.addAll(present.subMap(last, false, undone.getKey(), false).values());
        undone.getValue().ifPresent(objects::add);
        last = undone.getKey();
      }
      objects.addAll(present.tailMap(last, false).values());
      return Optional.of(new Snapshot(objects, atRevision));
    } finally {
      lock.readLock().unlock();
    }
  }

  /// What was at each key of a scope behind another that has changed since a revision.
  private NavigableMap<String, Optional<CachedObject>> undone(
      String scope, String after, long atRevision) {
    NavigableMap<String, Optional<CachedObject>> undone = new TreeMap<>();
    for (long number = history.firstAfter(atRevision); number < history.next(); number++) {
      Change change = history.at(number);
      String key = change.key();
      if (key.startsWith(scope) && key.compareTo(after) > 0) {
        undone.putIfAbsent(key, change.before());
      }
    }
    return undone;
  }

  private NavigableMap<String, CachedObject> of(String namespace) {
    String scope = scope(namespace);
    String end = scope.substring(0, scope.length() - 1) + (char) ('/' + 1);
    return ordered.subMap(scope, true, end, false);
  }

  /// What the keys of a namespace begin with, or of all when it is empty.
  public String scope(String namespace) {
    return namespace.isEmpty() || !namespaced ? prefix : prefix + namespace + "/";
  }

  /// Changes after a revision; of a revision that several changes share, those again, as who asks
  /// may have been told of the first of them only.
  ///
  /// @throws ApiException with Expired when changes after it are already forgotten
  public CacheWatch watch(Selection selection, long afterRevision, boolean bookmarks) {
    long from;
    lock.readLock().lock();
    try {
      requireReady();
      if (!history.reaches(afterRevision)) {
        throw expired(afterRevision);
      }
      from = history.firstLacking(afterRevision);
    } finally {
      lock.readLock().unlock();
    }
    return open(selection, List.of(), from, afterRevision, bookmarks);
  }

  /// The present state as additions, then changes.
  ///
  /// @param endMark whether a marked bookmark tells where the state ends
  public CacheWatch watchWithState(Selection selection, boolean endMark, boolean bookmarks) {
    Snapshot state;
    long from;
    lock.readLock().lock();
    try {
      state = candidates(selection.namespace());
      from = history.next();
    } finally {
      lock.readLock().unlock();
    }
    List<CacheEvent> initial = new ArrayList<>(state.objects().size() + 1);
    for (CachedObject object : state.objects()) {
      if (selection.includes(object)) {
        initial.add(new CacheEvent(WatchEvent.Type.ADDED, object));
      }
    }
    if (endMark) {
      initial.add(bookmark(state.revision(), true));
    }
    return open(selection, initial, from, state.revision(), bookmarks);
  }

  /// A new watch is behind, and so gets its first changes from history, whatever happens meanwhile.
  private CacheWatch open(
      Selection selection, List<CacheEvent> initial, long from, long told, boolean bookmarks) {
    CacheWatch watch = new CacheWatch(this, selection, initial, from, told, bookmarks, nanoTime);
    watches.add(watch);
    return watch;
  }

  CacheEvent bookmark(long atRevision, boolean endsInitialEvents) {
    StoredValue nothing = new StoredValue(prefix, ByteString.EMPTY, atRevision);
    return new CacheEvent(
        WatchEvent.Type.BOOKMARK,
        new CachedObject(
            new ObjectKey("", ""), nothing, codec, codec.bookmark(atRevision, endsInitialEvents)));
  }

  void closed(CacheWatch watch) {
    watches.remove(watch);
  }

  /// Gives a watch that is behind its next changes from history.
  void refill(CacheWatch watch) {
    lock.readLock().lock();
    try {
      long number = watch.position();
      if (!history.holds(number)) {
        throw expired(watch.told());
      }
      while (number < history.next() && watch.catchUp(history.at(number), number)) {
        number++;
      }
      if (number == history.next()) {
        watch.level();
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Replaces everything by a fresh list. Watches end: what happened since they last heard is not
  /// known.
  void load(List<StoredValue> values, long atRevision) {
    lock.writeLock().lock();
    try {
      ordered.clear();
      index.clear();
      announcements.clear();
      for (StoredValue value : values) {
        put(new CachedObject(keyOf(value.key()), value, codec));
      }
      countChange();
      boolean again = ready;
      history.reset(atRevision);
      loaded = atRevision;
      revision = atRevision;
      ready = true;
      if (again) {
        watches.forEach(watch -> watch.end(expired(watch.told())));
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// Applies changes in their order, all of a revision together; those that the list already held
  /// are passed over. The revision is raised last: whoever sees it has been offered all before it.
  void apply(List<StoreEvent> events) {
    lock.writeLock().lock();
    try {
      for (StoreEvent event : events) {
        if (event.revision() > loaded) {
          apply(event);
        }
      }
      revision = Math.max(revision, events.getLast().revision());
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void apply(StoreEvent event) {
    CachedObject before = index.get(keyOf(event.key()));
    CachedObject after =
        switch (event) {
          case StoreEvent.Put put ->
              announcements
                  .shown(put.value())
                  .orElseGet(() -> new CachedObject(keyOf(put.key()), put.value(), codec));
          case StoreEvent.Removed _ -> null;
        };
    if (after != null) {
      put(after);
    } else if (before != null) {
      ordered.remove(event.key());
      index.remove(before.key());
    }
    if (before != null || after != null) {
      record(before, after, event.revision());
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // only the reflector's thread writes
  private void countChange() {
    changes = changes + 1;
  }

  private void record(@Nullable CachedObject before, @Nullable CachedObject after, long at) {
    countChange();
    Change change = new Change(before, after, at, nanoTime.getAsLong());
    long number = history.next();
    history.append(change);
    watches.forEach(watch -> watch.offer(change, number));
  }

  /// Everything up to here has been applied, here or to other kinds.
  void progress(long atRevision) {
    if (atRevision > revision) {
      revision = atRevision;
    }
  }

  void prune() {
    lock.writeLock().lock();
    try {
      history.prune(nanoTime.getAsLong());
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void put(CachedObject object) {
    ordered.put(object.stored().key(), object);
    index.put(object.key(), object);
  }

  private void requireReady() {
    if (!ready) {
      throw new ApiException(
          new ApiError.Unavailable(
              "storage is (re)initializing: " + prefix + " is not loaded yet, try again soon"));
    }
  }

  /// Ends all watches: nothing will change here any more.
  void close() {
    lock.writeLock().lock();
    try {
      watches.forEach(watch -> watch.end(expired(watch.told())));
    } finally {
      lock.writeLock().unlock();
    }
  }

  private ApiException expired(long wanted) {
    return new ApiException(
        new ApiError.Expired(
            "too old resource version: " + wanted + " (" + (history.floor() + 1) + ")"));
  }

  private ObjectKey keyOf(String key) {
    String path = key.substring(prefix.length());
    int slash = path.indexOf('/');
    return namespaced && slash >= 0
        ? new ObjectKey(path.substring(0, slash), path.substring(slash + 1))
        : new ObjectKey("", path);
  }
}
