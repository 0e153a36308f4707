package io.coxswain.node.usage;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.volume.Measure;
import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.node.volume.Volumes;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows how much room there is in the volumes of pods that are more than folders of the node: asks
/// for each every one to two minutes, as kubelet does, and keeps the answer. Whoever wants to know
/// waits for nobody, and who does not answer, a driver or a server, holds up only what is asked of
/// itself. Safe for use by many threads.
public final class VolumeRounds implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(VolumeRounds.class);

  /// How soon a volume that is new is asked for.
  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

  private static final Duration LEAST = Duration.ofMinutes(1);

  /// At one time, of a party.
  private static final int MOST_QUESTIONS = 4;

  private final Volumes volumes;
  private final Supplier<? extends Collection<Pod>> pods;
  private final Clock clock;
  private final RandomGenerator random;
  private final TaskScope tasks = new TaskScope("volume figures");

  // guarded by this, as all that follows
  private final Map<String, Map<String, Look>> byPod = new HashMap<>();
  private final Set<String> asked = new HashSet<>();
  private final Map<String, Integer> questions = new HashMap<>();

  /// Whether something that is due had no place.
  private boolean waiting;

  private volatile boolean closed;

  // A volume of a pod, and what was found last.
  private static final class Look {
    private final Measure measure;
    private Instant due;
    private Optional<VolumeFigures> found = Optional.empty();
    private boolean failed;

    Look(Measure measure, Instant due) {
      this.measure = measure;
      this.due = due;
    }
  }

  /// @param pods whose volumes are asked for
  public VolumeRounds(
      Volumes volumes,
      Supplier<? extends Collection<Pod>> pods,
      Clock clock,
      RandomGenerator random) {
    this.volumes = volumes;
    this.pods = pods;
    this.clock = clock;
    this.random = random;
  }

  /// Returns at once.
  public void start() {
    tasks.fork(
        "rounds",
        () -> {
          while (true) {
            try {
              round();
            } catch (RuntimeException e) {
              log.error("volumes are not measured this time", e);
            }
            Thread.sleep(LOOK_EVERY);
          }
        });
  }

  /// The pods whose volumes these are.
  Collection<Pod> pods() {
    return pods.get();
  }

  /// What was found last; nothing where nothing is known, or the last question failed.
  public synchronized Optional<VolumeFigures> of(Pod pod, String volume) {
    Look look = byPod.getOrDefault(pod.getMetadata().getUid(), Map.of()).get(volume);
    return look == null ? Optional.empty() : look.found;
  }

  /// Asks for what is due, and forgets what is gone. Does not wait.
  void round() {
    Collection<Pod> all = pods.get();
    Set<String> uids = new HashSet<>();
    for (Pod pod : all) {
      Map<String, Measure> measures = volumes.measures(pod);
      if (!measures.isEmpty()) {
        uids.add(pod.getMetadata().getUid());
        round(pod.getMetadata().getUid(), measures);
      }
    }
    synchronized (this) {
      byPod.keySet().retainAll(uids);
    }
  }

  private synchronized void round(String uid, Map<String, Measure> measures) {
    Instant now = clock.instant();
    Map<String, Look> looks = byPod.computeIfAbsent(uid, _ -> new HashMap<>());
    looks.keySet().retainAll(measures.keySet());
    measures.forEach((name, measure) -> {
      Look look = looks.get(name);
      if (look == null || !look.measure.equals(measure)) {
        look = new Look(measure, now);
        looks.put(name, look);
      }
      boolean free =
          !asked.contains(measure.volume())
              && questions.getOrDefault(measure.party(), 0) < MOST_QUESTIONS;
      if (!look.due.isAfter(now)) {
        if (free) {
          begin(look);
        } else {
          waiting = true;
        }
      }
    });
  }

  private void begin(Look look) {
    String name = look.measure.volume();
    asked.add(name);
    questions.merge(look.measure.party(), 1, Integer::sum);
    switch (look.measure) {
      case Measure.Driver _ -> tasks.fork(name, () -> ask(look));
      // the kernel may keep the thread for good, as that of an NFS server that is away
      case Measure.FileSystem _, Measure.Device _ ->
          Thread.ofPlatform().daemon().name("volume figures").start(() -> ask(look));
    }
  }

  private void ask(Look look) {
    Optional<VolumeFigures> found = Optional.empty();
    String failure = "";
    try {
      found = volumes.figures(look.measure);
    } catch (IOException | RuntimeException e) {
      failure = e.toString();
    }
    boolean next;
    synchronized (this) {
      if (!failure.isEmpty() && !look.failed && !Thread.currentThread().isInterrupted()) {
        log.warn("the room in {} is not known: {}", look.measure.volume(), failure);
      }
      look.failed = !failure.isEmpty();
      look.found = found;
      look.due = clock.instant().plus(LEAST).plusMillis(random.nextLong(LEAST.toMillis()));
      asked.remove(look.measure.volume());
      questions.computeIfPresent(look.measure.party(), (_, count) -> count == 1 ? null : count - 1);
      next = waiting;
      waiting = false;
    }
    if (next && !closed) {
      round(); // there is a place now
    }
  }

  @Override
  public void close() {
    closed = true;
    tasks.close();
  }
}
