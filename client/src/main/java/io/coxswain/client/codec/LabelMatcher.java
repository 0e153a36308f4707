package io.coxswain.client.codec;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// A label selector that was read: all requirements must hold. Without any it takes everything.
public record LabelMatcher(List<LabelRequirement> requirements)
    implements Predicate<Map<String, String>> {

  public static final LabelMatcher EVERYTHING = new LabelMatcher(List.of());

  public LabelMatcher {
    requirements = List.copyOf(requirements);
  }

  @Override
  public boolean test(Map<String, String> labels) {
    for (LabelRequirement requirement : requirements) {
      if (!requirement.matches(labels)) {
        return false;
      }
    }
    return true;
  }

  /// Whether an object's own labels match.
  public boolean matches(Message object) {
    return requirements.isEmpty() || test(ObjectMetas.read(object).getLabelsMap());
  }

  public boolean isEverything() {
    return requirements.isEmpty();
  }

  /// The form in which requests carry it.
  @Override
  public String toString() {
    return requirements.stream().map(LabelRequirement::toString).collect(Collectors.joining(","));
  }
}
