package io.coxswain.controlplane.authz;

import io.coxswain.api.rbac.v1.PolicyRule;
import java.util.List;

/// What a rule of a role allows, and which rules hold another within them.
final class PolicyRules {

  private static final String ALL = "*";

  private PolicyRules() {}

  static boolean allows(PolicyRule rule, Attributes wanted) {
    if (!holds(rule.getVerbsList(), wanted.verb())) {
      return false;
    }
    if (!wanted.isResource()) {
      return rule.getNonResourceURLsList().stream().anyMatch(url -> coversPath(url, wanted.path()));
    }
    return holds(rule.getApiGroupsList(), wanted.group())
        && rule.getResourcesList().stream()
            .anyMatch(resource -> coversResource(resource, wanted.qualifiedResource()))
        && (rule.getResourceNamesCount() == 0
            || rule.getResourceNamesList().contains(wanted.name()));
  }

  /// Whether everything that `wanted` allows is allowed by one or another of `held`.
  static boolean cover(List<PolicyRule> held, PolicyRule wanted) {
    for (String verb : wanted.getVerbsList()) {
      for (String url : wanted.getNonResourceURLsList()) {
        if (held.stream()
            .noneMatch(rule ->
                holds(rule.getVerbsList(), verb)
                    && rule.getNonResourceURLsList().stream().anyMatch(h -> coversPath(h, url)))) {
          return false;
        }
      }
      for (String group : wanted.getApiGroupsList()) {
        for (String resource : wanted.getResourcesList()) {
          if (!coverNames(held, verb, group, resource, wanted.getResourceNamesList())) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static boolean coverNames(
      List<PolicyRule> held, String verb, String group, String resource, List<String> names) {
    List<PolicyRule> fitting =
        held.stream()
            .filter(rule ->
                holds(rule.getVerbsList(), verb)
                    && holds(rule.getApiGroupsList(), group)
                    && rule.getResourcesList().stream().anyMatch(h -> coversResource(h, resource)))
            .toList();
    if (fitting.stream().anyMatch(rule -> rule.getResourceNamesCount() == 0)) {
      return true;
    }
    return !names.isEmpty()
        && names.stream()
            .allMatch(name ->
                fitting.stream().anyMatch(rule -> rule.getResourceNamesList().contains(name)));
  }

  private static boolean holds(List<String> allowed, String wanted) {
    return allowed.contains(ALL) || allowed.contains(wanted);
  }

  /// `pods/log` is covered by itself, by everything, and by that subresource of everything.
  private static boolean coversResource(String allowed, String wanted) {
    if (allowed.equals(ALL) || allowed.equals(wanted)) {
      return true;
    }
    int slash = wanted.indexOf('/');
    return slash >= 0
        && allowed.startsWith("*/")
        && allowed.substring(1).equals(wanted.substring(slash));
  }

  /// A star at the end stands for anything.
  private static boolean coversPath(String allowed, String path) {
    return allowed.equals(path)
        || (allowed.endsWith(ALL) && path.startsWith(allowed.substring(0, allowed.length() - 1)));
  }

  /// As Kubernetes shows one where it refuses to grant it.
  static String shown(PolicyRule rule) {
    StringBuilder text = new StringBuilder("{");
    if (rule.getNonResourceURLsCount() > 0) {
      list(text, "NonResourceURLs", rule.getNonResourceURLsList());
    } else {
      list(text, "APIGroups", rule.getApiGroupsList());
      text.append(", ");
      list(text, "Resources", rule.getResourcesList());
      if (rule.getResourceNamesCount() > 0) {
        text.append(", ");
        list(text, "ResourceNames", rule.getResourceNamesList());
      }
    }
    text.append(", ");
    list(text, "Verbs", rule.getVerbsList());
    return text.append('}').toString();
  }

  private static void list(StringBuilder text, String name, List<String> values) {
    text.append(name).append(":[");
    text.append(String.join(" ", values.stream().map(value -> '"' + value + '"').toList()));
    text.append(']');
  }
}
