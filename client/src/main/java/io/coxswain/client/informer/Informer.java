package io.coxswain.client.informer;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Resources;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.client.queue.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The objects of one kind as last heard, from one virtual thread that lists, watches, and when it
/// loses the server comes back with growing, jittered delays.
///
/// Reads never block. What is read may be a little old: a writer that relies on it sends the
/// `resourceVersion` and meets a conflict.
public final class Informer<T extends Message> implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Informer.class);
  private static final String NAMESPACE = "namespace";
  private static final Duration WATCH_PATIENCE = Duration.ofMinutes(5);

  private final Resources<T> resources;
  private final ListOptions options;
  private final Backoff backoff;
  private final RandomGenerator random = RandomGenerator.getDefault();
  private final TaskScope scope;
  private final CountDownLatch synced = new CountDownLatch(1);
  // Held while the store and the handlers are told of a change, so that a handler added later sees
  // each object exactly once.
  private final ReentrantLock dispatch = new ReentrantLock();
  private final List<Handler<T>> handlers = new ArrayList<>();
  private final Map<String, Function<T, ? extends Collection<String>>> indexers = new HashMap<>();

  private volatile Store<T> store;
  private volatile String version = "";
  private volatile boolean closed;
  private boolean started;
  // Only of an informer that is driven step by step.
  private @Nullable Watch<T> stepped;
  private boolean listed;

  private Informer(Resources<T> resources, ListOptions options, Backoff backoff) {
    this.resources = resources;
    this.options = options;
    this.backoff = backoff;
    this.scope = new TaskScope("informer");
    indexers.put(NAMESPACE, object -> List.of(ObjectMetas.read(object).getNamespace()));
    this.store = new Store<>(indexers);
  }

  /// @param options which objects; the version and page in it are ignored
  public static <T extends Message> Informer<T> of(Resources<T> resources, ListOptions options) {
    return of(resources, options, Backoff.RECONNECT);
  }

  public static <T extends Message> Informer<T> of(
      Resources<T> resources, ListOptions options, Backoff backoff) {
    return new Informer<>(resources, options.from("").page(0, ""), backoff);
  }

  /// Tells the handler of everything known now as added, in the caller's thread, and of every
  /// change after that.
  public Informer<T> addHandler(Handler<T> handler) {
    dispatch.lock();
    try {
      for (T object : store.list()) {
        tell(handler, h -> h.added(object));
      }
      handlers.add(handler);
    } finally {
      dispatch.unlock();
    }
    return this;
  }

  /// Makes objects findable by values taken from them.
  ///
  /// @throws IllegalStateException once started
  public Informer<T> addIndex(String name, Function<T, ? extends Collection<String>> values) {
    dispatch.lock();
    try {
      if (started) {
        throw new IllegalStateException("add index '" + name + "' before the informer starts");
      }
      indexers.put(name, values);
      store = new Store<>(indexers);
    } finally {
      dispatch.unlock();
    }
    return this;
  }

  /// Returns at once; harmless twice.
  public Informer<T> start() {
    dispatch.lock();
    try {
      if (started || closed) {
        return this;
      }
      started = true;
    } finally {
      dispatch.unlock();
    }
    scope.fork("list-watch", this::run);
    return this;
  }

  /// Waits until the first list was told to every handler; false when it was not in time.
  public boolean awaitSync(Duration patience) throws InterruptedException {
    return synced.await(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  public boolean synced() {
    return synced.getCount() == 0;
  }

  public Optional<T> find(String namespace, String name) {
    return store.find(new ObjectKey(namespace, name));
  }

  public Optional<T> find(ObjectKey key) {
    return store.find(key);
  }

  /// All objects, in no order.
  public List<T> list() {
    return store.list();
  }

  public List<T> listIn(String namespace) {
    return store.byIndex(NAMESPACE, namespace);
  }

  /// @throws IllegalArgumentException when there is no such index
  public List<T> byIndex(String index, String value) {
    return store.byIndex(index, value);
  }

  public int size() {
    return store.size();
  }

  /// The version up to which changes were heard and can be read; empty before the first list. A
  /// handler that is told of a change finds its version here: whoever waits for a write of its own
  /// to come back may ask then.
  public String resourceVersion() {
    return version;
  }

  /// Instead of [#start]: lists if that is due, then hears of at most so many changes, in the
  /// caller's thread and without waiting for any. For drivers with a virtual clock.
  ///
  /// @return how many changes it heard of, a list being one
  /// @throws ApiException when the API refused or was not reached; the next step tries again
  public int step(int most) {
    try {
      if (!listed) {
        relist();
        listed = true;
        return 1;
      }
      Watch<T> watch = stepped;
      if (watch == null) {
        watch = resources.watch(options.from(version).withBookmarks());
        stepped = watch;
      }
      int heard = 0;
      for (; heard < most; heard++) {
        Optional<WatchEvent<T>> event = watch.next(Duration.ZERO);
        if (event.isEmpty()) {
          break;
        }
        apply(event.get());
      }
      return heard;
    } catch (ApiException e) {
      listed &= !e.isExpired();
      endStepped();
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void endStepped() {
    Watch<T> watch = stepped;
    stepped = null;
    if (watch != null) {
      watch.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    endStepped();
    scope.close();
  }

  private void run() throws InterruptedException {
    int failures = 0;
    boolean listed = false;
    while (!closed) {
      try {
        if (!listed) {
          relist();
          listed = true;
        }
        long begin = System.nanoTime();
        try {
          watch();
        } finally {
          if (System.nanoTime() - begin > backoff.limit().toNanos()) {
            failures = 0;
          }
        }
      } catch (ApiException e) {
        if (closed) {
          return;
        }
        if (e.isExpired()) {
          // Not a failure of the server: whoever falls behind lists again.
          log.debug("{}: listing again: {}", name(), e.getMessage());
          listed = false;
        }
        failures++;
        Duration delay = backoff.delay(failures, random);
        if (failures == 3) {
          log.warn("{}: the API does not answer, trying on: {}", name(), e.getMessage());
        }
        Thread.sleep(delay);
      } catch (RuntimeException e) {
        if (closed) {
          return;
        }
        // Without its thread an informer would stand still unnoticed.
        failures++;
        log.error("{}: unexpected, listing again", name(), e);
        listed = false;
        Thread.sleep(backoff.delay(failures, random));
      }
    }
  }

  private void relist() {
    List<T> items = new ArrayList<>();
    ObjectList<T> page = resources.list(options);
    items.addAll(page.items());
    while (!page.continueToken().isEmpty()) {
      page = resources.list(options.page(500, page.continueToken()));
      items.addAll(page.items());
    }
    replace(items, page.resourceVersion());
    synced.countDown();
  }

  // Readers see the old store until the new one is complete.
  private void replace(List<T> items, String listVersion) {
    dispatch.lock();
    try {
      Store<T> before = store;
      Store<T> after = new Store<>(indexers);
      for (T item : items) {
        after.put(item);
      }
      store = after;
      version = listVersion;
      Set<ObjectKey> gone = new HashSet<>(before.keys());
      for (T item : items) {
        ObjectKey key = ObjectMetas.key(item);
        gone.remove(key);
        Optional<T> known = before.find(key);
        if (known.isEmpty()) {
          tellAll(h -> h.added(item));
        } else {
          changed(known.get(), item);
        }
      }
      for (ObjectKey key : gone) {
        before.find(key).ifPresent(last -> tellAll(h -> h.deleted(last)));
      }
    } finally {
      dispatch.unlock();
    }
  }

  private void watch() throws InterruptedException {
    try (Watch<T> watch = resources.watch(options.from(version).withBookmarks())) {
      while (!closed) {
        Optional<WatchEvent<T>> event = watch.next(WATCH_PATIENCE);
        if (event.isPresent()) {
          apply(event.get());
        }
      }
    }
  }

  private void apply(WatchEvent<T> event) {
    dispatch.lock();
    try {
      T object = event.object();
      ObjectMeta meta = ObjectMetas.read(object);
      switch (event.type()) {
        case BOOKMARK -> version = meta.getResourceVersion();
        case ADDED, MODIFIED -> {
          Optional<T> before = store.put(object);
          version = meta.getResourceVersion();
          if (before.isEmpty()) {
            tellAll(h -> h.added(object));
          } else {
            changed(before.get(), object);
          }
        }
        case DELETED -> {
          boolean known = store.remove(ObjectMetas.key(object)).isPresent();
          version = meta.getResourceVersion();
          if (known) {
            tellAll(h -> h.deleted(object));
          }
        }
      }
    } finally {
      dispatch.unlock();
    }
  }

  private void changed(T before, T after) {
    ObjectMeta old = ObjectMetas.read(before);
    ObjectMeta now = ObjectMetas.read(after);
    if (old.getResourceVersion().equals(now.getResourceVersion())) {
      return;
    }
    if (!old.getUid().equals(now.getUid())) {
      tellAll(h -> h.deleted(before));
      tellAll(h -> h.added(after));
      return;
    }
    tellAll(h -> h.updated(before, after));
  }

  private void tellAll(Telling<T> telling) {
    for (Handler<T> handler : handlers) {
      tell(handler, telling);
    }
  }

  @FunctionalInterface
  private interface Telling<T extends Message> {
    void to(Handler<T> handler);
  }

  // A handler that throws must not keep the others from hearing, nor end the informer.
  private void tell(Handler<T> handler, Telling<T> telling) {
    try {
      telling.to(handler);
    } catch (RuntimeException e) {
      log.error("{}: a handler failed; what it should have done is lost", name(), e);
    }
  }

  private String name() {
    return "informer of " + resources;
  }
}
