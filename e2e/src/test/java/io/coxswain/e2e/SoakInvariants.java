package io.coxswain.e2e;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// What must hold at any moment, looked at every few seconds: no container has two lives at once,
/// no two pods share an address, and nothing restarts that neither ended nor was killed.
final class SoakInvariants implements AutoCloseable {

  private static final Duration EVERY = Duration.ofSeconds(3);

  private final SoakCluster soak;
  private final SoakProcesses processes;
  private final SoakLog log;
  private final Set<String> violations = new CopyOnWriteArraySet<>();

  /// By pod's uid and container: how often somebody gave it a reason to start again.
  private final Map<String, Integer> killed = new ConcurrentHashMap<>();

  private final Map<String, Integer> restarts = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean ended;
  private Map<String, Set<Long>> doubled = Map.of();
  private Set<String> shared = Set.of();

  /// Begins at once.
  SoakInvariants(SoakCluster soak, SoakProcesses processes, SoakLog log) {
    this.soak = soak;
    this.processes = processes;
    this.log = log;
    this.thread = Thread.ofPlatform().name("invariants").start(this::watch);
  }

  /// One more start of this container is nothing to wonder about.
  void mayRestart(String key) {
    killed.merge(key, 1, Integer::sum);
  }

  /// Of all containers of these pods.
  void mayRestart(Collection<SoakProcesses.Seen> seen) {
    seen.stream()
        .filter(one -> !one.container().isEmpty())
        .map(SoakProcesses.Seen::key)
        .distinct()
        .forEach(this::mayRestart);
  }

  /// Restarts of containers so far, of all reasons.
  int restarts() {
    return restarts.values().stream().mapToInt(Integer::intValue).sum();
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  @SuppressWarnings("AnnotateFormatMethod") // as in SoakLog
  void violated(String format, Object... arguments) {
    String text = format.formatted(arguments);
    if (violations.add(text)) {
      log.say("VIOLATED: %s", text);
    }
  }

  private void watch() {
    while (!ended) {
      try {
        twoLives();
        api(soak.client().pods().inAnyNamespace().list().getItems());
      } catch (KubernetesClientException e) {
        // the server is being killed: what is in the API is looked at next time
      }
      LockSupport.parkNanos(EVERY.toNanos());
    }
  }

  /// Seen twice, the same processes: one that dies while its successor starts is none.
  private void twoLives() {
    Map<String, Set<Long>> firsts = new HashMap<>();
    for (SoakProcesses.Seen seen : processes.scan()) {
      if (seen.first() && !seen.dead() && !seen.pod().isEmpty()) {
        firsts.computeIfAbsent(seen.key(), _ -> new HashSet<>()).add(seen.pid());
      }
    }
    firsts.values().removeIf(pids -> pids.size() < 2);
    firsts.forEach((key, pids) -> {
      if (pids.equals(doubled.get(key))) {
        violated("container %s runs more than once: %s", key, pids);
      }
    });
    doubled = firsts;
  }

  private void api(List<Pod> pods) {
    Map<String, List<String>> addresses = new HashMap<>();
    for (Pod pod : pods) {
      String phase = pod.getStatus().getPhase();
      String ip = pod.getStatus().getPodIP();
      boolean ends = "Failed".equals(phase) || "Succeeded".equals(phase);
      if (ip != null && !ends && !Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
        addresses
            .computeIfAbsent(ip, _ -> new ArrayList<>())
            .add(pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName());
      }
      statuses(pod).forEach(status -> restarted(pod, status));
    }
    Set<String> twice = new HashSet<>();
    addresses.forEach((ip, names) -> {
      if (names.size() > 1) {
        String text = "address %s belongs to %s".formatted(ip, names);
        twice.add(text);
        if (shared.contains(text)) {
          violated("%s", text);
        }
      }
    });
    shared = twice;
  }

  private static Stream<ContainerStatus> statuses(Pod pod) {
    return Stream.of(
            pod.getStatus().getContainerStatuses(), pod.getStatus().getInitContainerStatuses())
        .flatMap(List::stream);
  }

  private void restarted(Pod pod, ContainerStatus status) {
    String key = pod.getMetadata().getUid() + "/" + status.getName();
    int count = status.getRestartCount();
    restarts.merge(key, count, Math::max);
    if (status.getName().startsWith(SoakWorkloads.ENDS)
        || pod.getMetadata().getDeletionTimestamp() != null
        || count <= killed.getOrDefault(key, 0)) {
      return;
    }
    killed.put(key, count); // said once
    violated(
        "%s/%s: %s on %s restarted %d times, and was not killed so often; it ended with %s",
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        key,
        pod.getSpec().getNodeName(),
        count,
        status.getLastState());
  }

  /// When all faults have ended and what they caused is mended: each process is one of a pod that
  /// the API knows as running on, and each container that is said to run has its process.
  void nobodyIsLost() {
    Map<String, Pod> pods = new HashMap<>();
    soak.client()
        .pods()
        .inAnyNamespace()
        .list()
        .getItems()
        .forEach(pod -> pods.put(pod.getMetadata().getUid(), pod));
    Set<String> alive = new HashSet<>();
    for (SoakProcesses.Seen seen : processes.scan()) {
      if (seen.pod().isEmpty() || seen.dead()) {
        continue;
      }
      alive.add(seen.key());
      if (!pods.containsKey(seen.pod()) && ProcessHandle.of(seen.pid()).isPresent()) {
        violated(
            "process %d (%s) is of the pod %s, which is gone",
            seen.pid(), seen.command(), seen.pod());
      }
    }
    for (Pod pod : pods.values()) {
      statuses(pod)
          .filter(status -> status.getState().getRunning() != null)
          .map(status -> pod.getMetadata().getUid() + "/" + status.getName())
          .filter(key -> !alive.contains(key) && !key.contains("/" + SoakWorkloads.ENDS))
          .forEach(key ->
              violated(
                  "%s/%s: %s is told as running, and has no process",
                  pod.getMetadata().getNamespace(), pod.getMetadata().getName(), key));
    }
  }

  @Override
  public void close() {
    ended = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
