package io.coxswain.client.volume;

import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.TopologySelectorTerm;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.LabelRequirement;
import io.coxswain.client.codec.LabelRequirement.Operator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// From which nodes a volume can be reached, and on which a class has volumes.
public final class NodeTerms {

  private NodeTerms() {}

  /// Whether the volume can be used on the node. One that says nothing can be used everywhere.
  public static boolean reach(PersistentVolume volume, String node, Map<String, String> labels) {
    if (!volume.getSpec().getNodeAffinity().hasRequired()) {
      return true;
    }
    return volume.getSpec().getNodeAffinity().getRequired().getNodeSelectorTermsList().stream()
        .anyMatch(term -> matches(term, node, labels));
  }

  /// Whether volumes of the class may be made for the node.
  public static boolean allows(StorageClass one, Map<String, String> labels) {
    List<TopologySelectorTerm> terms = one.getAllowedTopologiesList();
    return terms.isEmpty()
        || terms.stream()
            .anyMatch(term ->
                term.getMatchLabelExpressionsCount() > 0
                    && term.getMatchLabelExpressionsList().stream()
                        .allMatch(wanted ->
                            wanted
                                .getValuesList()
                                .contains(labels.getOrDefault(wanted.getKey(), ""))));
  }

  /// All of a term's requirements; a term without any chooses nothing.
  private static boolean matches(NodeSelectorTerm term, String node, Map<String, String> labels) {
    if (term.getMatchExpressionsCount() == 0 && term.getMatchFieldsCount() == 0) {
      return false;
    }
    return matcher(term.getMatchExpressionsList()).test(labels)
        && matcher(term.getMatchFieldsList()).test(Map.of("metadata.name", node));
  }

  private static LabelMatcher matcher(List<NodeSelectorRequirement> requirements) {
    return new LabelMatcher(
        requirements.stream()
            .map(one ->
                new LabelRequirement(
                    one.getKey(), operator(one.getOperator()), Set.copyOf(one.getValuesList())))
            .toList());
  }

  // what validation lets through but nobody knows chooses nothing
  private static Operator operator(String name) {
    return switch (name) {
      case "NotIn" -> Operator.NOT_IN;
      case "Exists" -> Operator.EXISTS;
      case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
      case "Gt" -> Operator.GREATER;
      case "Lt" -> Operator.LESS;
      default -> Operator.IN;
    };
  }
}
