package io.coxswain.controlplane.admission;

import io.coxswain.api.resource.Quantity;
import io.coxswain.api.resource.v1.CapacityRequestPolicy;
import io.coxswain.api.resource.v1.CapacityRequestPolicyRange;
import io.coxswain.api.resource.v1.DeviceCapacity;
import io.coxswain.client.codec.Quantities;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What holds for how much of a device's capacity one request may take.
final class CapacityRules {

  private static final int MOST_VALUES = 10;

  private CapacityRules() {}

  static boolean isQuantity(Quantity quantity) {
    try {
      return Quantities.value(quantity) != null;
    } catch (IllegalArgumentException e) {
      // the schema's rules report what is no quantity
      return false;
    }
  }

  /// @param shared whether several requests may have a share of the device
  static void check(DeviceCapacity capacity, boolean shared, String path, Problems problems) {
    if (!capacity.hasRequestPolicy()) {
      return;
    }
    String at = path + ".requestPolicy";
    CapacityRequestPolicy policy = capacity.getRequestPolicy();
    if (!shared) {
      problems.forbidden(at, "allowMultipleAllocations must be true");
      return;
    }
    if (!amounts(capacity).allMatch(CapacityRules::isQuantity)) {
      return;
    }
    boolean listed = policy.getValidValuesCount() > 0;
    if (listed && policy.hasValidRange()) {
      problems.forbidden(
          at,
          "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\""
              + " at the same time");
    } else if (listed) {
      if (policy.hasDefault()) {
        values(policy, capacity.getValue(), at + ".validValues", problems);
      } else {
        problems.required(at + ".default", "required when validValues is defined");
      }
    } else if (policy.hasValidRange()) {
      if (policy.hasDefault()) {
        range(policy, capacity.getValue(), at + ".validRange", problems);
      } else {
        problems.required(at + ".default", "required when validRange is defined");
      }
    }
  }

  private static Stream<Quantity> amounts(DeviceCapacity capacity) {
    CapacityRequestPolicy policy = capacity.getRequestPolicy();
    CapacityRequestPolicyRange range = policy.getValidRange();
    return Stream.of(
            Stream.of(capacity.getValue()),
            policy.getValidValuesList().stream(),
            Stream.of(policy.getDefault()).filter(_ -> policy.hasDefault()),
            Stream.of(range.getMin()).filter(_ -> range.hasMin()),
            Stream.of(range.getMax()).filter(_ -> range.hasMax()),
            Stream.of(range.getStep()).filter(_ -> range.hasStep()))
        .flatMap(one -> one);
  }

  private static void values(
      CapacityRequestPolicy policy, Quantity whole, String path, Problems problems) {
    List<Quantity> values = policy.getValidValuesList();
    for (int i = 1; i < values.size(); i++) {
      if (Quantities.compare(values.get(i - 1), values.get(i)) > 0) {
        problems.invalid(
            path + "[" + i + "]",
            values.get(i).getString(),
            "values must be sorted in ascending order");
      }
    }
    if (DeviceParts.fits(values.size(), MOST_VALUES, path, problems)) {
      Set<BigDecimal> known = new HashSet<>();
      for (int i = 0; i < values.size(); i++) {
        Quantity value = values.get(i);
        String at = path + "[" + i + "]";
        if (Quantities.compare(value, whole) > 0) {
          problems.invalid(
              at, value.getString(), "option is larger than capacity value: " + whole.getString());
        }
        if (!known.add(Quantities.value(value).stripTrailingZeros())) {
          problems.duplicate(at, value.getString());
        }
      }
    }
    if (values.stream().noneMatch(value -> Quantities.compare(value, policy.getDefault()) == 0)) {
      problems.invalid(
          path,
          policy.getDefault().getString(),
          "default value is not valid according to the requestPolicy");
    }
  }

  private static void range(
      CapacityRequestPolicy policy, Quantity whole, String at, Problems problems) {
    CapacityRequestPolicyRange range = policy.getValidRange();
    Quantity usual = policy.getDefault();
    if (!range.hasMin()) {
      problems.required(at + ".min", "required when validRange is defined");
      return;
    }
    Quantity min = range.getMin();
    below(min, whole, at + ".min", min, "min is larger than capacity value: ", problems);
    if (Quantities.compare(usual, min) < 0) {
      problems.invalid(
          at + ".min", usual.getString(), "default is less than min: " + min.getString());
    }
    if (range.hasMax()) {
      Quantity max = range.getMax();
      below(min, max, at + ".max", min, "min is larger than max: ", problems);
      below(max, whole, at + ".max", max, "max is larger than capacity value: ", problems);
      below(usual, max, at + ".max", usual, "default is more than max: ", problems);
    }
    if (range.hasStep()) {
      steps(range, usual, whole, at + ".step", problems);
    }
  }

  private static void below(
      Quantity one, Quantity other, String at, Quantity shown, String why, Problems problems) {
    if (Quantities.compare(one, other) > 0) {
      problems.invalid(at, shown.getString(), why + other.getString());
    }
  }

  private static void steps(
      CapacityRequestPolicyRange range,
      Quantity usual,
      Quantity whole,
      String at,
      Problems problems) {
    Quantity first = Quantities.add(range.getMin(), range.getStep());
    if (Quantities.compare(first, whole) > 0) {
      problems.invalid(
          at,
          range.getStep().getString(),
          "one step " + first.getString() + " is larger than capacity value: " + whole.getString());
    }
    if (Quantities.value(range.getStep()).signum() == 0) {
      problems.invalid(at, range.getStep().getString(), "must be greater than zero");
      return;
    }
    multiple(usual, range, at, problems);
    if (range.hasMax()) {
      multiple(range.getMax(), range, at, problems);
    }
  }

  private static void multiple(
      Quantity value, CapacityRequestPolicyRange range, String at, Problems problems) {
    BigDecimal above = Quantities.value(value).subtract(Quantities.value(range.getMin()));
    if (above.remainder(Quantities.value(range.getStep())).signum() != 0) {
      problems.invalid(
          at,
          value.getString(),
          "value is not a multiple of a given step (%s) from (%s)"
              .formatted(range.getStep().getString(), range.getMin().getString()));
    }
  }
}
