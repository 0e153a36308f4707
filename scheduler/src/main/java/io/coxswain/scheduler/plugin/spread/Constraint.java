package io.coxswain.scheduler.plugin.spread;

import io.coxswain.api.core.v1.TopologySpreadConstraint;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.LabelRequirement;
import io.coxswain.client.codec.LabelRequirement.Operator;
import io.coxswain.client.codec.Selectors;
import io.coxswain.scheduler.plugin.node.NodeSelection;
import io.coxswain.scheduler.plugin.node.Tolerations;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// How evenly pods are to lie over domains.
///
/// @param counted which pods of the namespace count
/// @param eligible which nodes' domains count
/// @param least domains below which the emptiest is taken to hold none; 0 where unset
record Constraint(
    String topologyKey,
    int maxSkew,
    int least,
    boolean must,
    Predicate<PodInfo> counted,
    Predicate<NodeInfo> eligible) {

  static final String HOST = "kubernetes.io/hostname";
  static final String ZONE = "topology.kubernetes.io/zone";

  /// What the pod itself says.
  static List<Constraint> of(PodInfo pod) {
    return pod.pod().getSpec().getTopologySpreadConstraintsList().stream()
        .map(constraint -> of(constraint, pod))
        .toList();
  }

  /// What holds for a pod that says nothing: pods of one owner, or of the same Services, are spread
  /// over hosts and zones where that costs nothing.
  static List<Constraint> byDefault(PodInfo pod, Snapshot snapshot) {
    Predicate<PodInfo> siblings;
    if (!pod.controllerUid().isEmpty()) {
      siblings = other -> other.controllerUid().equals(pod.controllerUid());
    } else {
      List<Map<String, String>> services = snapshot.servicesOf(pod);
      if (services.isEmpty()) {
        return List.of();
      }
      siblings =
          other ->
              services.stream()
                  .allMatch(labels -> other.labels().entrySet().containsAll(labels.entrySet()));
    }
    Predicate<NodeInfo> eligible = NodeSelection.required(pod.pod().getSpec());
    return List.of(
        new Constraint(HOST, 3, 0, false, siblings, eligible),
        new Constraint(ZONE, 5, 0, false, siblings, eligible));
  }

  private static Constraint of(TopologySpreadConstraint constraint, PodInfo pod) {
    List<LabelRequirement> requirements =
        new ArrayList<>(Selectors.labels(constraint.getLabelSelector()).requirements());
    for (String key : constraint.getMatchLabelKeysList()) {
      String value = pod.labels().get(key);
      if (value != null) {
        requirements.add(new LabelRequirement(key, Operator.IN, Set.of(value)));
      }
    }
    LabelMatcher matcher = new LabelMatcher(requirements);
    boolean selects = constraint.hasLabelSelector();
    return new Constraint(
        constraint.getTopologyKey(),
        Math.max(1, constraint.getMaxSkew()),
        constraint.getMinDomains(),
        !constraint.getWhenUnsatisfiable().equals("ScheduleAnyway"),
        other -> selects && matcher.test(other.labels()),
        eligible(constraint, pod));
  }

  private static Predicate<NodeInfo> eligible(TopologySpreadConstraint constraint, PodInfo pod) {
    Predicate<NodeInfo> eligible =
        constraint.getNodeAffinityPolicy().equals("Ignore")
            ? node -> true
            : NodeSelection.required(pod.pod().getSpec());
    if (!constraint.getNodeTaintsPolicy().equals("Honor")) {
      return eligible;
    }
    return eligible.and(node ->
        node.taints().stream()
            .allMatch(taint ->
                taint.getEffect().equals("PreferNoSchedule")
                    || Tolerations.tolerate(pod.pod().getSpec().getTolerationsList(), taint)));
  }

  /// Pods on the node that count, of the pod's own namespace.
  int count(NodeInfo node, String namespace) {
    int count = 0;
    for (PodInfo other : node.pods()) {
      if (!other.terminating() && other.namespace().equals(namespace) && counted.test(other)) {
        count++;
      }
    }
    return count;
  }
}
