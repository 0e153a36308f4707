package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.LabelSelectorRequirement;
import java.util.Map;

/// Whether labels satisfy a selector.
public final class LabelMatch {

  private LabelMatch() {}

  /// An empty selector matches nothing here: a controller that would take everything is a mistake.
  public static boolean matches(LabelSelector selector, Map<String, String> labels) {
    if (selector.getMatchLabelsMap().isEmpty() && selector.getMatchExpressionsList().isEmpty()) {
      return false;
    }
    return containsAll(labels, selector.getMatchLabelsMap())
        && selector.getMatchExpressionsList().stream().allMatch(r -> satisfies(labels, r));
  }

  /// Every pair of `wanted` stands in `labels`.
  public static boolean containsAll(Map<String, String> labels, Map<String, String> wanted) {
    for (Map.Entry<String, String> pair : wanted.entrySet()) {
      if (!pair.getValue().equals(labels.get(pair.getKey()))) {
        return false;
      }
    }
    return true;
  }

  private static boolean satisfies(Map<String, String> labels, LabelSelectorRequirement wanted) {
    String value = labels.get(wanted.getKey());
    return switch (wanted.getOperator()) {
      case "In" -> value != null && wanted.getValuesList().contains(value);
      case "NotIn" -> value == null || !wanted.getValuesList().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      // An operator that validation would have refused selects nothing.
      default -> false;
    };
  }
}
