package io.coxswain.controlplane.table;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStateTerminated;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.meta.v1.Time;
import java.time.Instant;
import java.util.List;

/// A pod in a few words: the rules by which `kubectl get pods` fills READY, STATUS and RESTARTS.
final class PodSummary {

  private final Pod pod;
  private String reason;
  private int restarts;
  private int ready;
  private int total;
  private long lastRestart;

  PodSummary(Pod pod) {
    this.pod = pod;
    this.reason =
        pod.getStatus().getReason().isEmpty()
            ? pod.getStatus().getPhase()
            : pod.getStatus().getReason();
    this.total = pod.getSpec().getContainersCount();
    for (PodCondition condition : pod.getStatus().getConditionsList()) {
      if (condition.getType().equals("PodScheduled")
          && condition.getReason().equals("SchedulingGated")) {
        reason = condition.getReason();
      }
    }
    if (!initializing() || hasTrueCondition("Initialized")) {
      containers();
    }
    deletion();
  }

  String ready() {
    return ready + "/" + total;
  }

  String status() {
    return reason;
  }

  String restarts(Instant now) {
    if (restarts == 0 || lastRestart == 0) {
      return Integer.toString(restarts);
    }
    Time last = Time.newBuilder().setSeconds(lastRestart).build();
    return restarts + " (" + Ages.since(last, now) + " ago)";
  }

  private boolean initializing() {
    List<Container> specs = pod.getSpec().getInitContainersList();
    List<ContainerStatus> statuses = pod.getStatus().getInitContainerStatusesList();
    int sidecarRestarts = 0;
    long sidecarLastRestart = 0;
    boolean initializing = false;
    for (Container spec : specs) {
      total += isSidecar(spec) ? 1 : 0;
    }
    for (int i = 0; i < statuses.size(); i++) {
      ContainerStatus status = statuses.get(i);
      boolean sidecar =
          specs.stream().anyMatch(s -> s.getName().equals(status.getName()) && isSidecar(s));
      countRestarts(status);
      if (sidecar) {
        sidecarRestarts += status.getRestartCount();
        sidecarLastRestart = Math.max(sidecarLastRestart, finished(status));
      }
      if (status.getState().hasTerminated()
          && status.getState().getTerminated().getExitCode() == 0) {
        continue;
      }
      if (sidecar && status.getStarted()) {
        ready += status.getReady() ? 1 : 0;
        continue;
      }
      initializing = true;
      reason = "Init:" + initReason(status, i, specs.size());
      break;
    }
    if (!initializing) {
      // Restarts of what ran before the containers are over and forgotten.
      restarts = sidecarRestarts;
      lastRestart = sidecarLastRestart;
    }
    return initializing;
  }

  private static boolean isSidecar(Container container) {
    return container.getRestartPolicy().equals("Always");
  }

  private static String initReason(ContainerStatus status, int index, int count) {
    if (status.getState().hasTerminated()) {
      return ended(status.getState().getTerminated());
    }
    String waiting = status.getState().getWaiting().getReason();
    return waiting.isEmpty() || waiting.equals("PodInitializing") ? index + "/" + count : waiting;
  }

  private void containers() {
    boolean running = false;
    List<ContainerStatus> statuses = pod.getStatus().getContainerStatusesList();
    for (int i = statuses.size() - 1; i >= 0; i--) {
      ContainerStatus status = statuses.get(i);
      countRestarts(status);
      String waiting = status.getState().getWaiting().getReason();
      if (!waiting.isEmpty()) {
        reason = waiting;
      } else if (status.getState().hasTerminated()) {
        reason = ended(status.getState().getTerminated());
      } else if (status.getReady() && status.getState().hasRunning()) {
        running = true;
        ready++;
      }
    }
    if (reason.equals("Completed") && running) {
      reason = hasTrueCondition("Ready") ? "Running" : "NotReady";
    }
  }

  private static String ended(ContainerStateTerminated terminated) {
    if (!terminated.getReason().isEmpty()) {
      return terminated.getReason();
    }
    return terminated.getSignal() != 0
        ? "Signal:" + terminated.getSignal()
        : "ExitCode:" + terminated.getExitCode();
  }

  private void deletion() {
    if (!pod.getMetadata().hasDeletionTimestamp()) {
      return;
    }
    String phase = pod.getStatus().getPhase();
    if (pod.getStatus().getReason().equals("NodeLost")) {
      reason = "Unknown";
    } else if (!phase.equals("Succeeded") && !phase.equals("Failed")) {
      reason = "Terminating";
    }
  }

  private void countRestarts(ContainerStatus status) {
    restarts += status.getRestartCount();
    lastRestart = Math.max(lastRestart, finished(status));
  }

  private static long finished(ContainerStatus status) {
    return status.getLastState().getTerminated().getFinishedAt().getSeconds();
  }

  private boolean hasTrueCondition(String type) {
    return pod.getStatus().getConditionsList().stream()
        .anyMatch(c -> c.getType().equals(type) && c.getStatus().equals("True"));
  }
}
