package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.podworker.PodOrigin;
import io.coxswain.node.podworker.PodWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has the workers run what the node's manifests describe. The folder is read when the kernel tells
/// of a change, and every so often. Needs no API.
public final class StaticPods implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StaticPods.class);
  private static final Duration READ_EVERY = Duration.ofSeconds(20);

  /// Whoever writes a file does it in steps: it is read when nobody has written for so long.
  private static final Duration QUIET = Duration.ofMillis(200);

  private static final long DEFAULT_GRACE_SECONDS = 30;

  private final ManifestFolder folder;
  private final PodWorkers workers;
  private final Runnable changed;
  private final Clock clock;
  private final TaskScope tasks = new TaskScope("static-pods");

  /// Guarded by this, as are the next three.
  private final Map<String, Pod> running = new LinkedHashMap<>();

  private final Set<String> ending = new HashSet<>();
  private Optional<ManifestFolder.Reading> reading = Optional.empty();
  private Map<String, String> told = Map.of();

  /// Never held while workers are called: they tell of ends while they hold what that needs.
  private final Object closing = new Object();

  private boolean closed;

  /// @param changed told when other pods run than before
  StaticPods(ManifestFolder folder, PodWorkers workers, Runnable changed, Clock clock) {
    this.folder = folder;
    this.workers = workers;
    this.changed = changed;
    this.clock = clock;
  }

  /// Takes note of what a former agent began. Comes before the workers adopt it.
  synchronized void adopt(Pod known) {
    if (PodOrigin.isStatic(known)) {
      running.put(known.getMetadata().getUid(), known);
    }
  }

  void start() throws IOException {
    Files.createDirectories(folder.path());
    tasks.fork("manifests", this::follow);
  }

  /// Those that have a worker, also while they end.
  synchronized List<Pod> running() {
    return List.copyOf(running.values());
  }

  /// Whether the folder was read since the agent started.
  synchronized boolean known() {
    return reading.isPresent();
  }

  /// Those that the manifests describe, and those that run; nothing before it is clear what the
  /// manifests say.
  synchronized Optional<Set<String>> all() {
    if (reading.isEmpty() || reading.get().unsure()) {
      return Optional.empty();
    }
    Set<String> uids = new HashSet<>(running.keySet());
    reading.get().pods().forEach(pod -> uids.add(pod.getMetadata().getUid()));
    return Optional.of(uids);
  }

  /// A worker is through with its pod. Returns at once: who tells of it may hold what beginning
  /// another one needs.
  void ended(String uid) {
    synchronized (closing) {
      if (!closed) {
        tasks.fork("ended", () -> forget(uid));
      }
    }
  }

  private void forget(String uid) {
    synchronized (this) {
      ending.remove(uid);
      if (running.remove(uid) == null) {
        return;
      }
    }
    carryOut();
    changed.run();
  }

  private void follow() throws InterruptedException {
    try (WatchService service = folder.path().getFileSystem().newWatchService()) {
      WatchKey registered = register(service);
      while (true) {
        look();
        if (!registered.isValid()) {
          registered = register(service);
        }
        WatchKey key = service.poll(READ_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        while (key != null) {
          key.pollEvents();
          key.reset();
          key = service.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (IOException e) {
      log.error("manifests in {} are not followed any more", folder.path(), e);
    }
  }

  private WatchKey register(WatchService service) throws IOException {
    Files.createDirectories(folder.path());
    return folder
        .path()
        .register(
            service,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
  }

  /// Reads the folder and does what it says.
  void look() {
    try {
      ManifestFolder.Reading now = folder.read();
      synchronized (this) {
        reading = Optional.of(now);
        now.problems()
            .forEach((file, problem) -> {
              if (!problem.equals(told.get(file))) {
                log.error("manifest {}: {}", folder.path().resolve(file), problem);
              }
            });
        told = now.problems();
      }
    } catch (IOException e) {
      log.warn("manifests in {} cannot be listed: pods stay as they are", folder.path(), e);
      return;
    }
    carryOut();
    changed.run();
  }

  private synchronized void carryOut() {
    if (reading.isEmpty()) {
      return;
    }
    StaticPlan plan = StaticPlan.of(reading.get().pods(), running.values(), reading.get().unsure());
    for (Pod pod : plan.begin()) {
      Pod seen = seen(pod);
      running.put(pod.getMetadata().getUid(), seen);
      log.info("pod {} is run from a manifest", pod.getMetadata().getName());
      workers.update(seen);
    }
    for (Pod pod : plan.end()) {
      if (ending.add(pod.getMetadata().getUid())) {
        log.info("pod {} ends: no manifest describes it", pod.getMetadata().getName());
        workers.update(ended(pod));
      }
    }
  }

  private Pod seen(Pod pod) {
    Pod.Builder seen = pod.toBuilder();
    seen.getMetadataBuilder().putAnnotations(PodOrigin.SEEN, clock.instant().toString());
    return seen.build();
  }

  /// As the API says of a pod that somebody has deleted.
  private Pod ended(Pod pod) {
    Pod.Builder ended = pod.toBuilder();
    Instant now = clock.instant();
    ended
        .getMetadataBuilder()
        .setDeletionTimestamp(Times.time(now))
        .setDeletionGracePeriodSeconds(
            pod.getSpec().hasTerminationGracePeriodSeconds()
                ? pod.getSpec().getTerminationGracePeriodSeconds()
                : DEFAULT_GRACE_SECONDS);
    return ended.build();
  }

  @Override
  public void close() {
    synchronized (closing) {
      closed = true;
    }
    tasks.close();
  }
}
