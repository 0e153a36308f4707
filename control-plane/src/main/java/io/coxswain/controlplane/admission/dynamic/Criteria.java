package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.admissionregistration.v1.MatchResources;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.Selectors;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.Optional;

/// Which requests a policy or one of its bindings is about.
final class Criteria {

  private final MatchResources resources;
  private final LabelMatcher namespaces;
  private final LabelMatcher objects;

  Criteria(MatchResources resources) {
    this.resources = resources;
    this.namespaces = Selectors.labels(resources.getNamespaceSelector());
    this.objects = Selectors.labels(resources.getObjectSelector());
  }

  /// Whether requests of this sort may be meant, whatever they hold.
  boolean mayMean(
      ResourceType<?> type,
      String subresource,
      Operation operation,
      List<ResourceType<?>> equivalents) {
    return resources.getResourceRulesCount() == 0
        || RuleMatch.findNamed(
                resources.getResourceRulesList(),
                type,
                subresource,
                operation,
                others(equivalents),
                _ -> true)
            .isPresent();
  }

  private List<ResourceType<?>> others(List<ResourceType<?>> equivalents) {
    return resources.getMatchPolicy().equals("Exact") ? List.of() : equivalents;
  }

  /// As which resource a request is meant; nothing when it is not.
  Optional<ResourceType<?>> find(Attempt attempt, Surroundings surroundings) {
    if (!Matching.inNamespaces(namespaces, attempt, surroundings)
        || !Matching.isObject(objects, attempt)) {
      return Optional.empty();
    }
    List<ResourceType<?>> equivalents = others(surroundings.equivalents(attempt.type()));
    boolean excluded =
        RuleMatch.findNamed(
                resources.getExcludeResourceRulesList(),
                attempt.type(),
                attempt.subresource(),
                attempt.operation(),
                equivalents,
                names -> isNamed(names, attempt))
            .isPresent();
    if (excluded) {
      return Optional.empty();
    }
    return resources.getResourceRulesCount() == 0
        ? Optional.of(attempt.type())
        : RuleMatch.findNamed(
            resources.getResourceRulesList(),
            attempt.type(),
            attempt.subresource(),
            attempt.operation(),
            equivalents,
            names -> isNamed(names, attempt));
  }

  private static boolean isNamed(List<String> names, Attempt attempt) {
    return names.isEmpty() || names.contains(attempt.name());
  }
}
