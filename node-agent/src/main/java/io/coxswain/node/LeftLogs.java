package io.coxswain.node;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.runtime.PodRuntime;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has logs deleted that pods have left of which nothing else is known: once, when it is clear
/// which pods this node has. Until then a pod may still come whose logs these are: what was written
/// down of one may be lost, and the API, or a manifest, has it yet.
final class LeftLogs implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LeftLogs.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  private final PodRuntime runtime;
  private final Supplier<Optional<Set<String>>> pods;
  private final TaskScope tasks = new TaskScope("left logs");

  /// @param pods uids of all pods of this node; nothing while not all are known
  LeftLogs(PodRuntime runtime, Supplier<Optional<Set<String>>> pods) {
    this.runtime = runtime;
    this.pods = pods;
  }

  /// Returns at once.
  void start() {
    tasks.fork(
        "wait",
        () -> {
          while (!cleared()) {
            Thread.sleep(LOOK_EVERY);
          }
        });
  }

  /// Clears them if all pods are known.
  boolean cleared() {
    if (pods.get().isEmpty()) {
      return false;
    }
    try {
      return runtime.clearLogs(pods);
    } catch (IOException e) {
      log.warn("logs of pods that are gone stay until the agent starts again", e);
      return true;
    }
  }

  @Override
  public void close() {
    tasks.close();
  }
}
