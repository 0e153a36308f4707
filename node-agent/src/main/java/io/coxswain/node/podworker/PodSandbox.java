package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.runtime.Sandbox;
import io.coxswain.node.volume.PodVolume;
import io.coxswain.node.volume.VolumeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a pod's containers share, sandbox and volumes, as its worker makes it, keeps it up to date,
/// and makes it anew when it is lost. Only the worker's thread touches it.
final class PodSandbox {

  private static final Logger log = LoggerFactory.getLogger(PodSandbox.class);

  private final PodParts parts;
  private final TaskScope tasks;
  private final VolumeChanges changes;
  private final Delays setUps = Delays.ofSetUp();
  private Optional<Sandbox> sandbox = Optional.empty();
  private Map<String, PodVolume> volumes = Map.of();
  private boolean lost;
  private Instant volumesAt;
  private Instant setUpAt = Instant.EPOCH;
  private String setUpFailure = "";
  private final String name;

  PodSandbox(Pod pod, PodParts parts, TaskScope tasks) {
    this.parts = parts;
    this.tasks = tasks;
    this.name = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    this.changes = VolumeChanges.of(pod.getSpec());
    this.volumesAt = parts.clock().instant().plus(changes.every(parts.volumesEvery()));
  }

  /// Empty until it is made, and when it is lost.
  Optional<Sandbox> sandbox() {
    return lost ? Optional.empty() : sandbox;
  }

  Map<String, PodVolume> volumes() {
    return volumes;
  }

  /// When the next try is due.
  Instant setUpAt() {
    return setUpAt;
  }

  /// Why the last try failed; empty when it did not.
  String setUpFailure() {
    return setUpFailure;
  }

  /// Whether it was there and no container can be started in it any more.
  boolean lost() {
    return lost;
  }

  /// @param id of the sandbox that is lost; another one than is there now was replaced already
  void lose(String id) {
    lost |= sandbox.filter(now -> now.id().equals(id)).isPresent();
  }

  Duration nextDelay() {
    return setUps.next();
  }

  /// Files may say what is set aside for the pod.
  void resourcesChanged() {
    if (changes == VolumeChanges.OFTEN) {
      volumesAt = parts.clock().instant();
    }
  }

  /// @param whenLost gets the sandbox' id, on a thread of its own
  /// @return whether it is there; if not, it says when to try again
  boolean setUp(Pod pod, Consumer<String> whenLost) throws InterruptedException {
    if (lost) {
      parts
          .events()
          .normal(pod, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    }
    try {
      if (changes == VolumeChanges.NEVER) {
        volumes = parts.volumes().setUp(pod);
        sandbox = Optional.of(make(pod, whenLost));
      } else {
        setUpTogether(pod, whenLost);
      }
      lost = false;
      setUpFailure = "";
      return true;
    } catch (VolumeException e) {
      failed(pod, "FailedMount", e);
    } catch (IOException e) {
      failed(pod, "FailedCreatePodSandBox", e);
    }
    return false;
  }

  private Sandbox make(Pod pod, Consumer<String> whenLost)
      throws IOException, InterruptedException {
    CompletableFuture<Sandbox> made = new CompletableFuture<>();
    // what is lost before it is known waits for its name
    Sandbox now = parts.runtime().setUp(pod, () -> whenLost.accept(made.join().id()));
    made.complete(now);
    return now;
  }

  /// Volumes ask the API for what is in them; the network is made meanwhile.
  private void setUpTogether(Pod pod, Consumer<String> whenLost)
      throws VolumeException, IOException, InterruptedException {
    CompletableFuture<Map<String, PodVolume>> asked = new CompletableFuture<>();
    tasks.fork(
        "volumes",
        () -> {
          try {
            asked.complete(parts.volumes().setUp(pod));
          } catch (Exception e) {
            asked.completeExceptionally(e);
          }
        });
    Sandbox made;
    try {
      made = make(pod, whenLost);
    } finally {
      // only one at a time works on a pod's volumes
      awaitDone(asked);
    }
    try {
      volumes = asked.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof VolumeException failed) {
        throw failed;
      }
      throw new VolumeException("the pod's volumes: " + e.getCause(), e);
    }
    sandbox = Optional.of(made);
  }

  private static void awaitDone(CompletableFuture<?> work) throws InterruptedException {
    try {
      var _ = work.get();
    } catch (ExecutionException _) {
      // who needs the result is told why there is none
    }
  }

  private void failed(Pod pod, String reason, Exception e) {
    setUpFailure = String.valueOf(e.getMessage());
    setUpAt = parts.clock().instant().plus(setUps.next());
    log.info("pod {} is not set up: {}", name, setUpFailure);
    String what = reason.equals("FailedMount") ? "" : "Failed to create pod sandbox: ";
    parts.events().warning(pod, reason, what + setUpFailure);
  }

  /// Brings volumes up to date that are due.
  ///
  /// @return when they are due again
  Instant refreshed(Pod pod) throws InterruptedException {
    if (changes == VolumeChanges.NEVER || sandbox().isEmpty()) {
      return Instant.MAX;
    }
    if (!dueAt(pod).isAfter(parts.clock().instant())) {
      volumesAt = parts.clock().instant().plus(changes.every(parts.volumesEvery()));
      try {
        volumes = parts.volumes().setUp(pod);
      } catch (VolumeException e) {
        log.info("volumes of pod {} stay as they are: {}", name, e.getMessage());
      }
    }
    return dueAt(pod);
  }

  /// The clock was set.
  void clockSet(UnaryOperator<Instant> moved) {
    setUpAt = moved.apply(setUpAt);
    volumesAt = moved.apply(volumesAt);
  }

  private Instant dueAt(Pod pod) {
    Instant own = parts.volumes().dueAt(pod);
    return own.isBefore(volumesAt) ? own : volumesAt;
  }
}
