package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.admissionregistration.v1.NamedRuleWithOperations;
import io.coxswain.api.admissionregistration.v1.Rule;
import io.coxswain.api.admissionregistration.v1.RuleWithOperations;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Tells which requests rules are about. Pure.
final class RuleMatch {

  private RuleMatch() {}

  /// As which resource a request is one that the rules name: as itself, or else as the first of its
  /// equivalents.
  ///
  /// @param equivalents none where only the very resource counts
  static Optional<ResourceType<?>> find(
      List<RuleWithOperations> rules,
      ResourceType<?> type,
      String subresource,
      Operation operation,
      List<ResourceType<?>> equivalents) {
    for (RuleWithOperations rule : rules) {
      if (matches(rule, type, subresource, operation)) {
        return Optional.of(type);
      }
    }
    for (RuleWithOperations rule : rules) {
      for (ResourceType<?> equivalent : equivalents) {
        if (matches(rule, equivalent, subresource, operation)) {
          return Optional.of(equivalent);
        }
      }
    }
    return Optional.empty();
  }

  /// As [#find], of rules that may be limited to names.
  ///
  /// @param named whether a rule with these names is meant
  static Optional<ResourceType<?>> findNamed(
      List<NamedRuleWithOperations> rules,
      ResourceType<?> type,
      String subresource,
      Operation operation,
      List<ResourceType<?>> equivalents,
      Predicate<List<String>> named) {
    List<RuleWithOperations> meant = new ArrayList<>();
    for (NamedRuleWithOperations rule : rules) {
      if (named.test(rule.getResourceNamesList())) {
        meant.add(rule.getRuleWithOperations());
      }
    }
    return find(meant, type, subresource, operation, equivalents);
  }

  static boolean matches(
      RuleWithOperations rule, ResourceType<?> type, String subresource, Operation operation) {
    return inScope(rule.getRule(), type)
        && names(rule.getOperationsList(), operation.name())
        && names(rule.getRule().getApiGroupsList(), type.group())
        && names(rule.getRule().getApiVersionsList(), type.version())
        && rule.getRule().getResourcesList().stream()
            .anyMatch(resource -> isOf(resource, type.plural(), subresource));
  }

  /// Namespaces belong to the whole cluster, though a request for one is in it.
  private static boolean inScope(Rule rule, ResourceType<?> type) {
    return switch (rule.getScope()) {
      case "Namespaced" -> type.namespaced();
      case "Cluster" -> !type.namespaced();
      default -> true;
    };
  }

  private static boolean names(List<String> items, String wanted) {
    return items.contains("*") || items.contains(wanted);
  }

  private static boolean isOf(String resource, String plural, String subresource) {
    int slash = resource.indexOf('/');
    String object = slash < 0 ? resource : resource.substring(0, slash);
    String part = slash < 0 ? "" : resource.substring(slash + 1);
    return (object.equals("*") || object.equals(plural))
        && (part.equals("*") || part.equals(subresource));
  }
}
