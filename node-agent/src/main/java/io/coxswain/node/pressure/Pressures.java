package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.node.podworker.Admission;
import io.coxswain.node.podworker.Failure;
import io.coxswain.node.podworker.PodOrigin;
import io.coxswain.node.runtime.PodResources;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What the node is short of now, as [PressureMonitor] saw it last, and which pods may begin all
/// the same: critical ones always; under memory pressure alone also those that ask for some, and
/// those that tolerate it. Safe for use by many threads.
public final class Pressures implements Admission {

  static final String EVICTED = "Evicted";

  private static final String MEMORY_TAINT = "node.kubernetes.io/memory-pressure";

  private volatile Set<NodePressure> now = Set.of();

  public Set<NodePressure> now() {
    return now;
  }

  void set(Set<NodePressure> conditions) {
    now = Set.copyOf(conditions);
  }

  @Override
  public Optional<Failure> refusal(Pod pod) {
    Set<NodePressure> conditions = now;
    if (conditions.isEmpty() || PodOrigin.isCritical(pod)) {
      return Optional.empty();
    }
    if (conditions.equals(Set.of(NodePressure.MEMORY))
        && (PodResources.qos(pod) != PodResources.Qos.BEST_EFFORT || toleratesMemory(pod))) {
      return Optional.empty();
    }
    String said = new TreeSet<>(conditions).toString().replace(", ", " ");
    return Optional.of(Failure.refused(EVICTED, "The node had condition: %s. ".formatted(said)));
  }

  private static boolean toleratesMemory(Pod pod) {
    return pod.getSpec().getTolerationsList().stream().anyMatch(Pressures::toleratesMemory);
  }

  private static boolean toleratesMemory(Toleration toleration) {
    boolean exists = toleration.getOperator().equals("Exists");
    boolean key = toleration.getKey().isEmpty() ? exists : toleration.getKey().equals(MEMORY_TAINT);
    boolean effect =
        toleration.getEffect().isEmpty() || toleration.getEffect().equals("NoSchedule");
    return key && effect && (exists || toleration.getValue().isEmpty());
  }
}
