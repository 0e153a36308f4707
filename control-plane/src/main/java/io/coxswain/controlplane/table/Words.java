package io.coxswain.controlplane.table;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.LabelSelectorRequirement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Small texts that several kinds' cells are made of.
final class Words {

  static final String NONE = "<none>";

  private Words() {}

  static String orNone(String text) {
    return text.isEmpty() ? NONE : text;
  }

  static String orUnset(String text) {
    return text.isEmpty() ? "<unset>" : text;
  }

  /// What is set, or that nothing is.
  static String orUnset(boolean set, String text) {
    return set ? text : "<unset>";
  }

  static String names(PodSpec pod) {
    return each(pod.getContainersList(), Container::getName);
  }

  static String images(PodSpec pod) {
    return each(pod.getContainersList(), Container::getImage);
  }

  private static String each(List<Container> containers, Function<Container, String> part) {
    return containers.stream().map(part).collect(Collectors.joining(","));
  }

  static String labels(Map<String, String> labels) {
    return labels.isEmpty()
        ? NONE
        : new TreeMap<>(labels)
            .entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
  }

  static String selector(LabelSelector selector) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(selector.getMatchLabelsMap())
        .forEach((key, value) -> append(text, key + "=" + value));
    for (LabelSelectorRequirement requirement : selector.getMatchExpressionsList()) {
      String values = "(" + String.join(",", requirement.getValuesList()) + ")";
      append(
          text,
          switch (requirement.getOperator()) {
            case "In" -> requirement.getKey() + " in " + values;
            case "NotIn" -> requirement.getKey() + " notin " + values;
            case "Exists" -> requirement.getKey();
            default -> "!" + requirement.getKey();
          });
    }
    return orNone(text.toString());
  }

  /// The first few of many, and how many more there are.
  static String few(List<String> all, int most) {
    if (all.isEmpty()) {
      return NONE;
    }
    String shown = String.join(",", all.subList(0, Math.min(most, all.size())));
    return all.size() <= most ? shown : shown + " + " + (all.size() - most) + " more...";
  }

  private static void append(StringBuilder text, String part) {
    text.append(text.isEmpty() ? "" : ",").append(part);
  }
}
