package io.coxswain.node.stream;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/// Tells when files in folders change (inotify(7)): one kernel queue and one thread for all who
/// follow logs, made when the first one comes.
public final class FolderWatch implements AutoCloseable {

  private final Map<Path, WatchKey> keys = new HashMap<>();
  private final Map<WatchKey, Set<Semaphore>> waiters = new HashMap<>();
  private java.util.Optional<WatchService> service = java.util.Optional.empty();

  /// Somebody who waits for changes; a permit stands for one or more since the last look.
  final class Subscription implements AutoCloseable {
    private final Path folder;
    private final Semaphore changed = new Semaphore(0);

    private Subscription(Path folder) {
      this.folder = folder;
    }

    /// Waits for a change, but not longer than so.
    void await(long millis) throws InterruptedException {
      if (changed.tryAcquire(millis, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        int _ = changed.drainPermits();
      }
    }

    @Override
    public void close() {
      unsubscribe(this);
    }
  }

  synchronized Subscription subscribe(Path folder) throws IOException {
    if (service.isEmpty()) {
      WatchService made = FileSystems.getDefault().newWatchService();
      service = java.util.Optional.of(made);
      Thread _ = Thread.ofVirtual().name("folder-watch").start(() -> loop(made));
    }
    WatchKey key = keys.get(folder);
    if (key == null || !key.isValid()) {
      key =
          folder.register(
              service.get(),
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_CREATE);
      keys.put(folder, key);
    }
    Subscription subscription = new Subscription(folder);
    waiters.computeIfAbsent(key, one -> new HashSet<>()).add(subscription.changed);
    return subscription;
  }

  private synchronized void unsubscribe(Subscription subscription) {
    WatchKey key = keys.get(subscription.folder);
    Set<Semaphore> others = key == null ? null : waiters.get(key);
    if (key == null || others == null) {
      return;
    }
    others.remove(subscription.changed);
    if (others.isEmpty()) {
      key.cancel();
      waiters.remove(key);
      keys.remove(subscription.folder);
    }
  }

  private void loop(WatchService from) {
    try {
      while (true) {
        WatchKey key = from.take();
        if (!key.pollEvents().isEmpty()) {
          wake(key);
        }
        key.reset();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ClosedWatchServiceException e) {
      // closed: nobody follows any more
    }
  }

  private synchronized void wake(WatchKey key) {
    waiters.getOrDefault(key, Set.of()).forEach(Semaphore::release);
  }

  @Override
  public synchronized void close() throws IOException {
    if (service.isPresent()) {
      service.get().close();
    }
  }
}
