package io.coxswain.scheduler.plugin.node;

import io.coxswain.api.core.v1.NodeSelector;
import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.LabelRequirement;
import io.coxswain.client.codec.LabelRequirement.Operator;
import io.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Nodes chosen by a pod's `nodeSelector` and by terms on labels and fields of nodes.
public final class NodeSelection {

  private NodeSelection() {}

  /// Whether a pod's `nodeSelector` and required node affinity let it onto the node.
  public static Predicate<NodeInfo> required(PodSpec spec) {
    Map<String, String> exact = spec.getNodeSelectorMap();
    Predicate<NodeInfo> labels =
        node -> exact.isEmpty() || node.labels().entrySet().containsAll(exact.entrySet());
    if (!spec.getAffinity().getNodeAffinity().hasRequiredDuringSchedulingIgnoredDuringExecution()) {
      return labels;
    }
    NodeSelector selector =
        spec.getAffinity().getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    List<Predicate<NodeInfo>> terms =
        selector.getNodeSelectorTermsList().stream().map(NodeSelection::term).toList();
    return labels.and(node -> terms.stream().anyMatch(term -> term.test(node)));
  }

  /// All of a term's requirements; a term without any chooses nothing.
  static Predicate<NodeInfo> term(NodeSelectorTerm term) {
    if (term.getMatchExpressionsCount() == 0 && term.getMatchFieldsCount() == 0) {
      return node -> false;
    }
    LabelMatcher labels = matcher(term.getMatchExpressionsList());
    LabelMatcher fields = matcher(term.getMatchFieldsList());
    return node ->
        labels.test(node.labels())
            && (fields.isEverything() || fields.test(Map.of("metadata.name", node.name())));
  }

  private static LabelMatcher matcher(List<NodeSelectorRequirement> requirements) {
    return new LabelMatcher(requirements.stream().map(NodeSelection::requirement).toList());
  }

  private static LabelRequirement requirement(NodeSelectorRequirement requirement) {
    return new LabelRequirement(
        requirement.getKey(), operator(requirement), Set.copyOf(requirement.getValuesList()));
  }

  // What validation lets through but nobody knows chooses nothing.
  private static Operator operator(NodeSelectorRequirement requirement) {
    return switch (requirement.getOperator()) {
      case "NotIn" -> Operator.NOT_IN;
      case "Exists" -> Operator.EXISTS;
      case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
      case "Gt" -> Operator.GREATER;
      case "Lt" -> Operator.LESS;
      default -> Operator.IN;
    };
  }
}
