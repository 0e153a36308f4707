package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.LimitRange;
import io.coxswain.api.core.v1.LimitRangeItem;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.core.v1.ScopedResourceSelectorRequirement;
import io.coxswain.api.resource.Quantity;
import io.coxswain.api.scheduling.v1.PriorityClass;
import io.coxswain.client.codec.Quantities;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Classes of priority, limits and quotas: what must hold between their fields.
final class PolicyRules {

  private static final int HIGHEST = 1_000_000_000;
  private static final Map<String, Integer> SYSTEM =
      Map.of("system-cluster-critical", 2_000_000_000, "system-node-critical", 2_000_001_000);

  private static final Set<String> SCOPES =
      Set.of(
          "Terminating",
          "NotTerminating",
          "BestEffort",
          "NotBestEffort",
          "PriorityClass",
          "CrossNamespacePodAffinity",
          "VolumeAttributesClass");

  private PolicyRules() {}

  static void check(PriorityClass wanted, Problems problems) {
    String name = wanted.getMetadata().getName();
    if (name.startsWith("system-")) {
      Integer value = SYSTEM.get(name);
      if (value == null || value != wanted.getValue()) {
        problems.forbidden(
            "metadata.name",
            "priority class names with 'system-' prefix are reserved for system use only. error: "
                + name
                + " is not a known system priority class");
      }
    } else if (wanted.getValue() > HIGHEST) {
      problems.forbidden("value", "maximum allowed value of a user defined priority is " + HIGHEST);
    }
  }

  static void check(LimitRange range, Problems problems) {
    for (int i = 0; i < range.getSpec().getLimitsCount(); i++) {
      LimitRangeItem item = range.getSpec().getLimits(i);
      String path = "spec.limits[" + i + "]";
      notAbove(path + ".min", "min", item.getMinMap(), "max", item.getMaxMap(), problems);
      notAbove(
          path + ".defaultRequest",
          "min",
          item.getMinMap(),
          "default request",
          item.getDefaultRequestMap(),
          problems);
      notAbove(
          path + ".defaultRequest",
          "default request",
          item.getDefaultRequestMap(),
          "max",
          item.getMaxMap(),
          problems);
      notAbove(
          path + ".defaultRequest",
          "default request",
          item.getDefaultRequestMap(),
          "default limit",
          item.getDefaultMap(),
          problems);
      notAbove(
          path + ".default", "min", item.getMinMap(), "default", item.getDefaultMap(), problems);
      notAbove(
          path + ".default", "default", item.getDefaultMap(), "max", item.getMaxMap(), problems);
    }
  }

  private static void notAbove(
      String path,
      String lower,
      Map<String, Quantity> low,
      String higher,
      Map<String, Quantity> high,
      Problems problems) {
    low.forEach((name, amount) -> {
      Quantity other = high.get(name);
      if (other != null && Quantities.compare(amount, other) > 0) {
        problems.invalid(
            path + "[" + name + "]",
            amount.getString(),
            "%s value %s is greater than %s value %s"
                .formatted(lower, amount.getString(), higher, other.getString()));
      }
    });
  }

  static void check(ResourceQuota quota, Problems problems) {
    quota
        .getSpec()
        .getHardMap()
        .forEach((name, amount) -> {
          if (Quantities.value(amount).signum() < 0) {
            problems.invalid(
                "spec.hard[" + name + "]",
                amount.getString(),
                "must be greater than or equal to 0");
          }
        });
    List<String> scopes = quota.getSpec().getScopesList();
    for (int i = 0; i < scopes.size(); i++) {
      scope("spec.scopes[" + i + "]", scopes.get(i), problems);
    }
    if ((scopes.contains("BestEffort") && scopes.contains("NotBestEffort"))
        || (scopes.contains("Terminating") && scopes.contains("NotTerminating"))) {
      problems.invalid("spec.scopes", String.join(",", scopes), "conflicting scopes");
    }
    List<ScopedResourceSelectorRequirement> all =
        quota.getSpec().getScopeSelector().getMatchExpressionsList();
    for (int i = 0; i < all.size(); i++) {
      String path = "spec.scopeSelector.matchExpressions[" + i + "]";
      ScopedResourceSelectorRequirement one = all.get(i);
      scope(path + ".scopeName", one.getScopeName(), problems);
      boolean named = one.getOperator().equals("In") || one.getOperator().equals("NotIn");
      if (named && one.getValuesCount() == 0) {
        problems.required(
            path + ".values",
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
      }
      if (!named && one.getValuesCount() > 0) {
        problems.invalid(
            path + ".values",
            String.join(",", one.getValuesList()),
            "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector");
      }
    }
  }

  private static void scope(String path, String scope, Problems problems) {
    if (!SCOPES.contains(scope)) {
      problems.invalid(path, scope, "unsupported scope");
    }
  }

  static void check(ResourceQuota before, ResourceQuota after, Problems problems) {
    if (!Set.copyOf(before.getSpec().getScopesList())
        .equals(Set.copyOf(after.getSpec().getScopesList()))) {
      problems.invalid(
          "spec.scopes", String.join(",", after.getSpec().getScopesList()), "field is immutable");
    }
  }
}
