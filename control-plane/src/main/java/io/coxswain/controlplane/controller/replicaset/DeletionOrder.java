package io.coxswain.controlplane.controller.replicaset;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.controller.framework.PodFacts;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;

/// Which pod of a set is missed least, in the order that Kubernetes documents: unassigned before
/// assigned, pending before running, not ready before ready, the lower deletion cost, the node with
/// more pods of the same Deployment, ready for a shorter time, restarted more often, younger.
final class DeletionOrder {

  private static final String COST = "controller.kubernetes.io/pod-deletion-cost";

  private DeletionOrder() {}

  static Comparator<Pod> given(Map<String, Integer> relatedByNode) {
    return comparing((Pod pod) -> !pod.getSpec().getNodeName().isEmpty())
        .thenComparingInt(DeletionOrder::phaseRank)
        .thenComparing(PodFacts::isReady)
        .thenComparingInt(DeletionOrder::cost)
        .thenComparing(
            comparingInt((Pod pod) -> relatedByNode.getOrDefault(pod.getSpec().getNodeName(), 0))
                .reversed())
        .thenComparing(comparing(DeletionOrder::readySince).reversed())
        .thenComparing(comparingInt(PodFacts::restarts).reversed())
        .thenComparing(comparing(DeletionOrder::created).reversed())
        // A total order, so that the same snapshot always gives the same plan.
        .thenComparing(pod -> pod.getMetadata().getName());
  }

  private static int phaseRank(Pod pod) {
    return switch (pod.getStatus().getPhase()) {
      case "Running" -> 2;
      case "Unknown" -> 1;
      default -> 0;
    };
  }

  // Validation refuses other values; one that came in otherwise counts as none.
  private static int cost(Pod pod) {
    String cost = pod.getMetadata().getAnnotationsMap().getOrDefault(COST, "0");
    try {
      return Integer.parseInt(cost);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static Instant readySince(Pod pod) {
    return PodFacts.readySince(pod).orElse(Instant.MAX);
  }

  private static Instant created(Pod pod) {
    return Times.instant(pod.getMetadata().getCreationTimestamp());
  }
}
