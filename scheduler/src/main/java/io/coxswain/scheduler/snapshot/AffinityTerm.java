package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.PodAffinityTerm;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.LabelRequirement;
import io.coxswain.client.codec.LabelRequirement.Operator;
import io.coxswain.client.codec.Selectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which other pods a pod wants to be near to, or away from, and how near.
///
/// @param nothing an absent selector, which takes no pod
/// @param namespaces by name
/// @param byNamespaceLabels also namespaces with such labels; meaningless without `labelled`
/// @param topologyKey the node label whose equal values mean "near"
/// @param weight 1 to 100 where it is a wish; 0 where it must hold
public record AffinityTerm(
    boolean nothing,
    LabelMatcher selector,
    Set<String> namespaces,
    boolean labelled,
    LabelMatcher byNamespaceLabels,
    String topologyKey,
    int weight) {

  static AffinityTerm of(
      PodAffinityTerm term, String ownNamespace, Map<String, String> ownLabels, int weight) {
    List<LabelRequirement> requirements = new ArrayList<>();
    if (term.hasLabelSelector()) {
      requirements.addAll(Selectors.labels(term.getLabelSelector()).requirements());
    }
    addOwn(requirements, term.getMatchLabelKeysList(), ownLabels, Operator.IN);
    addOwn(requirements, term.getMismatchLabelKeysList(), ownLabels, Operator.NOT_IN);
    boolean unstated = term.getNamespacesCount() == 0 && !term.hasNamespaceSelector();
    return new AffinityTerm(
        !term.hasLabelSelector(),
        new LabelMatcher(requirements),
        unstated ? Set.of(ownNamespace) : Set.copyOf(term.getNamespacesList()),
        term.hasNamespaceSelector(),
        Selectors.labels(term.getNamespaceSelector()),
        term.getTopologyKey(),
        weight);
  }

  /// Whether the term is about that pod.
  public boolean takes(PodInfo other, Snapshot snapshot) {
    if (nothing || !selector.test(other.labels())) {
      return false;
    }
    String namespace = other.namespace();
    return namespaces.contains(namespace)
        || (labelled && byNamespaceLabels.test(snapshot.namespaceLabels(namespace)));
  }

  private static void addOwn(
      List<LabelRequirement> requirements,
      List<String> keys,
      Map<String, String> ownLabels,
      Operator operator) {
    for (String key : keys) {
      String value = ownLabels.get(key);
      if (value != null) {
        requirements.add(new LabelRequirement(key, operator, Set.of(value)));
      }
    }
  }
}
