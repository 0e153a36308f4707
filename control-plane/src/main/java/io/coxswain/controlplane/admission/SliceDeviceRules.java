package io.coxswain.controlplane.admission;

import io.coxswain.api.resource.v1.Device;
import io.coxswain.api.resource.v1.DeviceAttribute;
import io.coxswain.api.resource.v1.DeviceCounterConsumption;
import io.coxswain.api.resource.v1.NodeAllocatableResourceMapping;
import io.coxswain.client.codec.Quantities;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What holds for one device of a slice.
final class SliceDeviceRules {

  private static final int MOST_PROPERTIES = 32;
  private static final int MOST_VALUES = 48;
  private static final int MOST_TAINTS = 16;
  private static final int MOST_COUNTER_SETS = 2;
  private static final int LONGEST_VALUE = 64;

  /// Semantic Versioning 2.0.0.
  private static final Pattern VERSION = version();

  private SliceDeviceRules() {}

  private static Pattern version() {
    String number = "(0|[1-9][0-9]*)";
    String word = "(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)";
    String build = "[0-9a-zA-Z-]+";
    return Pattern.compile(
        number
            + "\\."
            + number
            + "\\."
            + number
            + "(-"
            + word
            + "(\\."
            + word
            + ")*)?(\\+"
            + build
            + "(\\."
            + build
            + ")*)?");
  }

  /// @param places whether devices say for themselves where they can be used
  static void check(Device device, boolean places, String at, Problems problems) {
    DeviceParts.label(device.getName(), at + ".name", problems);
    properties(device, at, problems);
    taints(device, at + ".taints", problems);
    consumption(device.getConsumesCountersList(), at + ".consumesCounters", problems);
    place(device, places, at, problems);
    DeviceParts.conditions(
        device.getBindingConditionsList(), device.getBindingFailureConditionsList(), at, problems);
    device
        .getNodeAllocatableResourceMappingsMap()
        .forEach((name, mapping) ->
            mapping(
                name,
                mapping,
                device,
                at + ".nodeAllocatableResourceMappings[" + name + "]",
                problems));
  }

  private static void properties(Device device, String at, Problems problems) {
    int count = device.getAttributesCount() + device.getCapacityCount();
    if (count > MOST_PROPERTIES) {
      problems.invalid(
          at,
          count,
          "the total number of attributes and capacities must not exceed " + MOST_PROPERTIES);
    }
    int values =
        device.getAttributesMap().values().stream().mapToInt(SliceDeviceRules::values).sum();
    if (values > MOST_VALUES) {
      problems.invalid(
          at, values, "the total number of attribute values must not exceed " + MOST_VALUES);
    }
    device
        .getAttributesMap()
        .forEach((name, attribute) -> {
          DeviceParts.qualified(name, at + ".attributes", problems);
          attribute(attribute, at + ".attributes[" + name + "]", problems);
        });
    device
        .getCapacityMap()
        .forEach((name, capacity) -> {
          DeviceParts.qualified(name, at + ".capacity", problems);
          CapacityRules.check(
              capacity,
              device.getAllowMultipleAllocations(),
              at + ".capacity[" + name + "]",
              problems);
        });
  }

  private static int values(DeviceAttribute attribute) {
    return SliceRules.isList(attribute)
        ? attribute.getBoolsCount()
            + attribute.getIntsCount()
            + attribute.getStringsCount()
            + attribute.getVersionsCount()
        : 1;
  }

  private static void attribute(DeviceAttribute attribute, String at, Problems problems) {
    if (attribute.hasString()) {
      text(attribute.getString(), at + ".string", problems);
    }
    if (attribute.hasVersion()) {
      version(attribute.getVersion(), at + ".version", problems);
    }
    for (int i = 0; i < attribute.getStringsCount(); i++) {
      text(attribute.getStrings(i), at + ".strings[" + i + "]", problems);
    }
    for (int i = 0; i < attribute.getVersionsCount(); i++) {
      version(attribute.getVersions(i), at + ".versions[" + i + "]", problems);
    }
    int set = attribute.getAllFields().size();
    if (set != 1) {
      problems.invalidJson(
          at,
          set == 0 ? "\"\"" : SchemaRules.shown(attribute),
          "exactly one value must be specified");
    }
  }

  private static void text(String value, String at, Problems problems) {
    if (value.length() > LONGEST_VALUE) {
      problems.tooLong(at, LONGEST_VALUE);
    }
  }

  private static void version(String value, String at, Problems problems) {
    text(value, at, problems);
    if (value.length() <= LONGEST_VALUE && !VERSION.matcher(value).matches()) {
      problems.invalid(at, value, "must be a string compatible with semver.org spec 2.0.0");
    }
  }

  private static void taints(Device device, String path, Problems problems) {
    if (DeviceParts.fits(device.getTaintsCount(), MOST_TAINTS, path, problems)) {
      for (int i = 0; i < device.getTaintsCount(); i++) {
        DeviceParts.taint(device.getTaints(i), path + "[" + i + "]", problems);
      }
    }
  }

  private static void consumption(
      List<DeviceCounterConsumption> sets, String path, Problems problems) {
    if (!DeviceParts.fits(sets.size(), MOST_COUNTER_SETS, path, problems)) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < sets.size(); i++) {
      String at = path + "[" + i + "]";
      SliceRules.counters(sets.get(i).getCountersMap(), at + ".counters", problems);
      if (!names.add(sets.get(i).getCounterSet())) {
        problems.duplicate(at, sets.get(i).getCounterSet());
      }
    }
  }

  private static void place(Device device, boolean places, String at, Problems problems) {
    if (!places) {
      if (device.hasNodeName() || device.hasNodeSelector() || device.hasAllNodes()) {
        problems.invalidJson(
            at,
            "null",
            "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection`"
                + " is set to true in the ResourceSlice spec");
      }
      return;
    }
    SlicePlaces own = new SlicePlaces(at, problems);
    own.nodeName(device.hasNodeName(), device.getNodeName(), "must not be empty");
    own.nodeSelector(device.hasNodeSelector(), device.getNodeSelector());
    own.yes(device.hasAllNodes(), device.getAllNodes(), "allNodes");
    String one =
        "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when"
            + " `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    own.exactlyOne(one, one);
  }

  private static void mapping(
      String name,
      NodeAllocatableResourceMapping mapping,
      Device device,
      String at,
      Problems problems) {
    if (!DeviceParts.isNodeResource(name)) {
      problems.invalid(at, name, "must be a node allocatable resource name");
    }
    if (mapping.hasAllocationMultiplier()
        && CapacityRules.isQuantity(mapping.getAllocationMultiplier())
        && Quantities.value(mapping.getAllocationMultiplier()).signum() <= 0) {
      problems.invalid(
          at + ".allocationMultiplier",
          mapping.getAllocationMultiplier().getString(),
          "must be positive");
    }
    if (mapping.hasCapacityKey()) {
      String key = mapping.getCapacityKey();
      if (key.isEmpty()) {
        problems.invalid(at + ".capacityKey", "", "capacityKey must not be an empty string");
      } else if (!device.containsCapacity(key)) {
        problems.notFound(at + ".capacityKey", key);
      }
    }
  }
}
