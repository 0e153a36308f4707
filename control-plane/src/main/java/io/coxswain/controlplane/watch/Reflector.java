package io.coxswain.controlplane.watch;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.storage.ListRange;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoreEvent;
import io.coxswain.controlplane.storage.StoreException;
import io.coxswain.controlplane.storage.StorePage;
import io.coxswain.controlplane.storage.StoreWatch;
import io.coxswain.controlplane.storage.StoredValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the caches level with the store: lists each kind once, then follows one watch over all of
/// them. One stream for everything gives one order over everything: when any change of revision R
/// has come, every cache is known to be complete up to R.
///
/// It outlives the store's restarts. When the store has forgotten what came next, everything is
/// listed anew and the caches' watches end with Expired.
public final class Reflector implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Reflector.class);
  private static final int PAGE = 1000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofMillis(200);

  /// How often caches let go of old changes. In a cluster with nodes there is always some news.
  private static final Duration PRUNE = Duration.ofSeconds(20);

  private final Store store;
  private final String root;
  private final LongSupplier nanoTime;
  private final ConcurrentSkipListMap<String, List<WatchCache>> caches =
      new ConcurrentSkipListMap<>();
  private volatile List<WatchCache> all = List.of();
  private final FreshReads freshReads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition advanced = lock.newCondition();
  private final ReentrantLock feeding = new ReentrantLock();
  private long revision;
  private long prunedAt;
  private boolean closed;
  private @Nullable Thread thread;
  private volatile @Nullable StoreWatch watch;

  /// @param root prefix of all kinds' keys
  /// @param nanoTime of the caches, too
  public Reflector(Store store, String root, LongSupplier nanoTime) {
    this.store = store;
    this.root = root;
    this.nanoTime = nanoTime;
    this.prunedAt = nanoTime.getAsLong();
    this.freshReads = new FreshReads(store, root, this);
  }

  /// Adds a kind. One that comes after the start is loaded by this call, which then blocks.
  public void add(WatchCache cache) {
    feeding.lock();
    try {
      if (thread != null) {
        load(cache);
      }
      caches.merge(
          cache.prefix(),
          List.of(cache),
          (some, one) -> Stream.concat(some.stream(), one.stream()).toList());
      all = caches.values().stream().flatMap(List::stream).toList();
    } finally {
      feeding.unlock();
    }
  }

  /// Forgets a kind; watches of it end. The cache shows what it had.
  public void remove(WatchCache cache) {
    feeding.lock();
    try {
      var _ =
          caches.computeIfPresent(
              cache.prefix(),
              (_, some) -> {
                List<WatchCache> left = some.stream().filter(one -> one != cache).toList();
                return left.isEmpty() ? null : left;
              });
      all = caches.values().stream().flatMap(List::stream).toList();
    } finally {
      feeding.unlock();
    }
    cache.close();
  }

  /// Begins; returns at once. The caches refuse readers until they are loaded.
  public void start() {
    thread = Thread.ofVirtual().name("reflector").start(this::run);
  }

  /// The revision up to which every cache is complete.
  public long revision() {
    lock.lock();
    try {
      return revision;
    } finally {
      lock.unlock();
    }
  }

  /// Blocks until the caches are complete up to a revision.
  ///
  /// @return whether they are
  public boolean await(long wanted, Duration patience) {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (revision < wanted) {
        if (left <= 0 || closed) {
          return false;
        }
        left = advanced.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// Blocks until the caches hold every write that was answered before this call, by whichever
  /// server.
  ///
  /// @throws ApiException with Timeout or Unavailable when the store cannot tell
  public void awaitFresh(Duration patience) {
    try {
      if (!freshReads.await(patience)) {
        throw new ApiException(
            new ApiError.Timeout("the cache did not come level with the store in " + patience));
      }
    } catch (StoreException failed) {
      throw new ApiException(
          new ApiError.Unavailable("the store does not answer: " + failed.getMessage()), failed);
    }
  }

  /// Whether the caches hold, at once or very soon, every write that was answered before this call.
  /// Costs many readers at a time one question to the store. Who gets no asks the store itself.
  ///
  /// @throws StoreException when the store cannot tell
  public boolean isFresh() {
    return freshReads.usual();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      advanced.signalAll();
    } finally {
      lock.unlock();
    }
    StoreWatch open = watch;
    if (open != null) {
      open.close();
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  private void run() {
    while (!isClosed()) {
      try {
        follow(loadAll());
      } catch (StoreException.Compacted lost) {
        log.warn("Changes were missed and everything is listed again: {}", lost.getMessage());
      } catch (StoreException unavailable) {
        log.warn("The store does not answer: {}", unavailable.getMessage());
        pause();
      } catch (InterruptedException | IllegalStateException ended) {
        if (!isClosed()) {
          log.error("The watch of the store ended and begins again", ended);
          pause();
        }
      } catch (RuntimeException unexpected) {
        log.error("The watch of the store failed and begins again", unexpected);
        pause();
      }
    }
  }

  private long loadAll() {
    feeding.lock();
    try {
      long from = Long.MAX_VALUE;
      for (WatchCache cache : all) {
        from = Math.min(from, load(cache));
      }
      return from == Long.MAX_VALUE ? store.revision() : from;
    } finally {
      feeding.unlock();
    }
  }

  private long load(WatchCache cache) {
    List<StoredValue> values = new ArrayList<>();
    StorePage page = store.list(ListRange.of(cache.prefix()).page("", PAGE));
    long at = page.revision();
    values.addAll(page.values());
    while (page.remaining() > 0) {
      String last = values.getLast().key();
      page = store.list(ListRange.of(cache.prefix()).at(at).page(last, PAGE));
      values.addAll(page.values());
    }
    cache.load(values, at);
    return at;
  }

  private void follow(long from) throws InterruptedException {
    try (StoreWatch opened = store.watch(root, from)) {
      watch = opened;
      advanceTo(from, true);
      while (!isClosed()) {
        StoreWatch.Batch batch = opened.next(PATIENCE);
        feed(batch);
      }
    }
  }

  private void feed(StoreWatch.Batch batch) {
    feeding.lock();
    try {
      Map<WatchCache, List<StoreEvent>> byCache = new LinkedHashMap<>();
      for (StoreEvent event : batch.events()) {
        for (WatchCache cache : cachesOf(event.key())) {
          byCache.computeIfAbsent(cache, _ -> new ArrayList<>()).add(event);
        }
      }
      byCache.forEach(WatchCache::apply);
      for (WatchCache cache : all) {
        cache.progress(batch.revision());
      }
      long now = nanoTime.getAsLong();
      if (now - prunedAt >= PRUNE.toNanos()) {
        all.forEach(WatchCache::prune);
        prunedAt = now;
      }
    } finally {
      feeding.unlock();
    }
    advanceTo(batch.revision(), false);
  }

  /// Versions of one kind that share a prefix have a cache each.
  private List<WatchCache> cachesOf(String key) {
    Map.Entry<String, List<WatchCache>> nearest = caches.floorEntry(key);
    return nearest != null && key.startsWith(nearest.getKey()) ? nearest.getValue() : List.of();
  }

  private void advanceTo(long reached, boolean anew) {
    lock.lock();
    try {
      if (anew || reached > revision) {
        revision = reached;
        advanced.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private void pause() {
    lock.lock();
    try {
      long left = RETRY.toNanos();
      while (left > 0 && !closed) {
        left = advanced.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
