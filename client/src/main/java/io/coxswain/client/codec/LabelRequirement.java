package io.coxswain.client.codec;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// One condition on an object's labels.
///
/// @param values what the operator compares with: none for the existence of a key, one number for
///   GREATER and LESS
public record LabelRequirement(String key, Operator operator, Set<String> values) {

  public enum Operator {
    IN,
    NOT_IN,
    EXISTS,
    DOES_NOT_EXIST,
    GREATER,
    LESS
  }

  public LabelRequirement {
    values = Set.copyOf(values);
  }

  public boolean matches(Map<String, String> labels) {
    String value = labels.get(key);
    return switch (operator) {
      case IN -> value != null && values.contains(value);
      case NOT_IN -> value == null || !values.contains(value);
      case EXISTS -> value != null;
      case DOES_NOT_EXIST -> value == null;
      case GREATER -> value != null && compare(value) > 0;
      case LESS -> value != null && compare(value) < 0;
    };
  }

  /// A label that is no number is neither greater nor less.
  private int compare(String value) {
    try {
      return Long.compare(Long.parseLong(value), Long.parseLong(values.iterator().next()));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// The form in which requests carry it.
  @Override
  public String toString() {
    String sorted = String.join(",", new TreeSet<>(values));
    boolean one = values.size() == 1;
    return switch (operator) {
      case IN -> one ? key + "=" + sorted : key + " in (" + sorted + ")";
      case NOT_IN -> one ? key + "!=" + sorted : key + " notin (" + sorted + ")";
      case EXISTS -> key;
      case DOES_NOT_EXIST -> "!" + key;
      case GREATER -> key + ">" + sorted;
      case LESS -> key + "<" + sorted;
    };
  }
}
