package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Everything that is configured at one moment, and who is to be asked about which requests: found
/// out once for each sort of request. Immutable to its users; another one takes its place when
/// anything changes.
final class Rulebook {

  private static final String GROUP = "admissionregistration.k8s.io";

  /// More sorts of requests than any cluster has.
  private static final int MOST_KNOWN = 10_000;

  /// Nobody is asked about these: who could lock everybody out could not be undone.
  private static final Set<String> EXEMPT =
      Set.of(
          "validatingwebhookconfigurations",
          "mutatingwebhookconfigurations",
          "validatingadmissionpolicies",
          "validatingadmissionpolicybindings",
          "mutatingadmissionpolicies",
          "mutatingadmissionpolicybindings");

  /// A webhook and the resource that its rules name.
  record Match(Hook hook, ResourceType<?> as) {}

  /// Who is to be asked, if selectors and conditions agree.
  record Asked(
      List<Match> mutating,
      List<Match> validating,
      List<MutatingPolicies.Bundle> mutatingPolicies,
      List<ValidatingPolicies.Bundle> validatingPolicies) {

    static final Asked NOBODY = new Asked(List.of(), List.of(), List.of(), List.of());

    boolean isEmpty() {
      return mutating.isEmpty()
          && validating.isEmpty()
          && mutatingPolicies.isEmpty()
          && validatingPolicies.isEmpty();
    }
  }

  private record Sort(String apiVersion, String plural, String subresource, Operation operation) {}

  private final List<Hook> mutating;
  private final List<Hook> validating;
  private final List<MutatingPolicies.Bundle> mutatingPolicies;
  private final List<ValidatingPolicies.Bundle> validatingPolicies;
  private final Surroundings surroundings;
  private final Map<Sort, Asked> known = new ConcurrentHashMap<>();

  Rulebook(
      List<Hook> mutating,
      List<Hook> validating,
      List<MutatingPolicies.Bundle> mutatingPolicies,
      List<ValidatingPolicies.Bundle> validatingPolicies,
      Surroundings surroundings) {
    this.mutating = mutating;
    this.validating = validating;
    this.mutatingPolicies = mutatingPolicies;
    this.validatingPolicies = validatingPolicies;
    this.surroundings = surroundings;
  }

  boolean isEmpty() {
    return mutating.isEmpty()
        && validating.isEmpty()
        && mutatingPolicies.isEmpty()
        && validatingPolicies.isEmpty();
  }

  Asked asked(ResourceType<?> type, String subresource, Operation operation) {
    if (isEmpty() || (type.group().equals(GROUP) && EXEMPT.contains(type.plural()))) {
      return Asked.NOBODY;
    }
    Sort sort = new Sort(type.apiVersion(), type.plural(), subresource, operation);
    Asked asked = known.get(sort);
    if (asked == null) {
      List<ResourceType<?>> equivalents = surroundings.equivalents(type);
      asked =
          new Asked(
              matches(mutating, type, subresource, operation, equivalents),
              matches(validating, type, subresource, operation, equivalents),
              mutatingPolicies.stream()
                  .filter(one ->
                      one.policy().criteria().mayMean(type, subresource, operation, equivalents))
                  .toList(),
              validatingPolicies.stream()
                  .filter(one ->
                      one.policy().criteria().mayMean(type, subresource, operation, equivalents))
                  .toList());
      if (known.size() < MOST_KNOWN) {
        known.put(sort, asked);
      }
    }
    return asked;
  }

  private static List<Match> matches(
      List<Hook> hooks,
      ResourceType<?> type,
      String subresource,
      Operation operation,
      List<ResourceType<?>> equivalents) {
    List<Match> matches = new ArrayList<>();
    for (Hook hook : hooks) {
      Optional<ResourceType<?>> as =
          RuleMatch.find(
              hook.rules(),
              type,
              subresource,
              operation,
              hook.isEquivalent() ? equivalents : List.of());
      as.ifPresent(found -> matches.add(new Match(hook, found)));
    }
    return List.copyOf(matches);
  }
}
