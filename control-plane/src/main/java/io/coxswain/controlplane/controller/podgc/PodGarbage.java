package io.coxswain.controlplane.controller.podgc;

import static java.util.Comparator.comparing;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.controller.framework.PodFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Which pods to remove at once.
///
/// @param orphaned on nodes that are no longer there: to be removed only once the API confirms that
/// @param stuck asked to end and never assigned, or on a node that is out of service
/// @param surplus ended, and more than are to be kept: the oldest
record PodGarbage(List<Pod> orphaned, List<Pod> stuck, List<Pod> surplus) {

  private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

  PodGarbage {
    orphaned = List.copyOf(orphaned);
    stuck = List.copyOf(stuck);
    surplus = List.copyOf(surplus);
  }

  /// @param nodes by name
  static PodGarbage of(List<Pod> pods, Map<String, Node> nodes, int terminatedLimit) {
    List<Pod> orphaned = new ArrayList<>();
    List<Pod> stuck = new ArrayList<>();
    List<Pod> ended = new ArrayList<>();
    for (Pod pod : pods) {
      String nodeName = pod.getSpec().getNodeName();
      Node node = nodes.get(nodeName);
      if (!nodeName.isEmpty() && node == null) {
        orphaned.add(pod);
      } else if (PodFacts.isTerminating(pod) && (node == null || isOutOfService(node))) {
        stuck.add(pod);
      } else if (PodFacts.isFinished(pod) && !PodFacts.isTerminating(pod)) {
        ended.add(pod);
      }
    }
    int above = Math.max(0, ended.size() - terminatedLimit);
    List<Pod> surplus =
        ended.stream()
            .sorted(comparing((Pod pod) -> Times.instant(pod.getMetadata().getCreationTimestamp())))
            .limit(above)
            .toList();
    return new PodGarbage(orphaned, stuck, surplus);
  }

  // A person has said that the machine is off and stays so.
  private static boolean isOutOfService(Node node) {
    return node.getSpec().getTaintsList().stream().anyMatch(t -> t.getKey().equals(OUT_OF_SERVICE));
  }
}
