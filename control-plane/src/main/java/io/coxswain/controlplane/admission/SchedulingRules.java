package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.PodAffinityTerm;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.api.core.v1.TopologySpreadConstraint;
import io.coxswain.client.codec.LabelSyntax;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What holds for where a pod may run.
final class SchedulingRules {

  private SchedulingRules() {}

  static void check(PodSpec spec, String path, Problems problems) {
    for (int i = 0; i < spec.getTolerationsCount(); i++) {
      toleration(spec.getTolerations(i), path + ".tolerations[" + i + "]", problems);
    }
    nodeAffinity(spec, path + ".affinity.nodeAffinity", problems);
    var affinity = spec.getAffinity();
    String together = path + ".affinity.podAffinity";
    terms(
        affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecutionList(),
        together,
        problems);
    String apart = path + ".affinity.podAntiAffinity";
    terms(
        affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecutionList(),
        apart,
        problems);
    spread(spec.getTopologySpreadConstraintsList(), path, problems);
    Set<String> gates = new HashSet<>();
    for (int i = 0; i < spec.getSchedulingGatesCount(); i++) {
      String gate = spec.getSchedulingGates(i).getName();
      String at = path + ".schedulingGates[" + i + "]";
      LabelSyntax.keyProblem(gate).ifPresent(detail -> problems.invalid(at, gate, detail));
      if (!gates.add(gate)) {
        problems.duplicate(at, gate);
      }
    }
  }

  private static void toleration(Toleration toleration, String at, Problems problems) {
    String key = toleration.getKey();
    if (!key.isEmpty()) {
      LabelSyntax.keyProblem(key).ifPresent(detail -> problems.invalid(at + ".key", key, detail));
    } else if (!toleration.getOperator().equals("Exists")) {
      problems.invalid(
          at + ".operator",
          toleration.getOperator(),
          "operator must be Exists when `key` is empty, which means \"match all values and all"
              + " keys\"");
    }
    if (toleration.hasTolerationSeconds() && !toleration.getEffect().equals("NoExecute")) {
      problems.invalid(
          at + ".effect",
          toleration.getEffect(),
          "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (toleration.getOperator().equals("Exists") && !toleration.getValue().isEmpty()) {
      problems.invalid(
          at + ".operator",
          toleration.getOperator(),
          "value must be empty when `operator` is 'Exists'");
    } else {
      LabelSyntax.valueProblem(toleration.getValue())
          .ifPresent(detail -> problems.invalid(at + ".operator", toleration.getValue(), detail));
    }
  }

  private static void nodeAffinity(PodSpec spec, String path, Problems problems) {
    var affinity = spec.getAffinity().getNodeAffinity();
    if (affinity.hasRequiredDuringSchedulingIgnoredDuringExecution()) {
      String at = path + ".requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
      List<NodeSelectorTerm> terms =
          affinity.getRequiredDuringSchedulingIgnoredDuringExecution().getNodeSelectorTermsList();
      if (terms.isEmpty()) {
        problems.required(at, "must have at least one node selector term");
      }
      for (int i = 0; i < terms.size(); i++) {
        nodeTerm(terms.get(i), at + "[" + i + "]", problems);
      }
    }
    for (int i = 0; i < affinity.getPreferredDuringSchedulingIgnoredDuringExecutionCount(); i++) {
      nodeTerm(
          affinity.getPreferredDuringSchedulingIgnoredDuringExecution(i).getPreference(),
          path + ".preferredDuringSchedulingIgnoredDuringExecution[" + i + "].preference",
          problems);
    }
  }

  static void nodeTerm(NodeSelectorTerm term, String path, Problems problems) {
    for (int i = 0; i < term.getMatchExpressionsCount(); i++) {
      NodeSelectorRequirement one = term.getMatchExpressions(i);
      String at = path + ".matchExpressions[" + i + "]";
      LabelSyntax.keyProblem(one.getKey())
          .ifPresent(detail -> problems.invalid(at + ".key", one.getKey(), detail));
      values(one, at, problems);
    }
    for (int i = 0; i < term.getMatchFieldsCount(); i++) {
      NodeSelectorRequirement one = term.getMatchFields(i);
      String at = path + ".matchFields[" + i + "]";
      if (!one.getKey().equals("metadata.name")) {
        problems.invalid(at + ".key", one.getKey(), "not a valid field selector key");
      }
      if (one.getValuesCount() != 1) {
        problems.required(
            at + ".values",
            "must be only one value when `operator` is 'In' or 'NotIn' for node"
                + " field selector");
      }
    }
  }

  private static void values(NodeSelectorRequirement one, String at, Problems problems) {
    switch (one.getOperator()) {
      case "In", "NotIn" -> {
        if (one.getValuesCount() == 0) {
          problems.required(at + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (one.getValuesCount() > 0) {
          problems.forbidden(
              at + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
      }
      case "Gt", "Lt" -> {
        if (one.getValuesCount() != 1) {
          problems.required(
              at + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
      }
      default -> {
        // the schema names the operators
      }
    }
  }

  private static void terms(List<PodAffinityTerm> terms, String path, Problems problems) {
    for (int i = 0; i < terms.size(); i++) {
      PodAffinityTerm term = terms.get(i);
      String at = path + ".requiredDuringSchedulingIgnoredDuringExecution[" + i + "]";
      topologyKey(term.getTopologyKey(), at + ".topologyKey", problems);
      MetadataRules.selector(term.getLabelSelector(), at + ".labelSelector", problems);
      MetadataRules.selector(term.getNamespaceSelector(), at + ".namespaceSelector", problems);
    }
  }

  private static void topologyKey(String key, String at, Problems problems) {
    if (key.isEmpty()) {
      problems.required(at, "can not be empty");
    } else {
      LabelSyntax.keyProblem(key).ifPresent(detail -> problems.invalid(at, key, detail));
    }
  }

  private static void spread(
      List<TopologySpreadConstraint> constraints, String path, Problems problems) {
    Set<String> pairs = new HashSet<>();
    for (int i = 0; i < constraints.size(); i++) {
      TopologySpreadConstraint one = constraints.get(i);
      String at = path + ".topologySpreadConstraints[" + i + "]";
      topologyKey(one.getTopologyKey(), at + ".topologyKey", problems);
      String pair = "{" + one.getTopologyKey() + ", " + one.getWhenUnsatisfiable() + "}";
      if (!pairs.add(pair)) {
        problems.duplicate(at + ".{topologyKey, whenUnsatisfiable}", pair);
      }
      if (one.hasMinDomains() && !one.getWhenUnsatisfiable().equals("DoNotSchedule")) {
        problems.invalid(
            at + ".minDomains",
            one.getMinDomains(),
            "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not "
                + one.getWhenUnsatisfiable());
      }
      MetadataRules.selector(one.getLabelSelector(), at + ".labelSelector", problems);
    }
  }
}
