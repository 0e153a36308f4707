package io.coxswain.controlplane.admission;

import io.coxswain.api.resource.v1.Counter;
import io.coxswain.api.resource.v1.CounterSet;
import io.coxswain.api.resource.v1.Device;
import io.coxswain.api.resource.v1.DeviceAttribute;
import io.coxswain.api.resource.v1.ResourcePool;
import io.coxswain.api.resource.v1.ResourceSlice;
import io.coxswain.api.resource.v1.ResourceSliceSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What holds for slices: where their devices can be used, and how many there may be.
final class SliceRules {

  private static final int MOST_DEVICES = 128;

  /// Where devices have what is costly to look at.
  private static final int MOST_ADVANCED_DEVICES = 64;

  private static final int MOST_COUNTER_SETS = 8;
  private static final int MOST_COUNTERS = 32;

  private SliceRules() {}

  static void check(ResourceSlice slice, Problems problems) {
    ResourceSliceSpec spec = slice.getSpec();
    DeviceParts.driver(spec.getDriver(), "spec.driver", problems);
    pool(spec.getPool(), "spec.pool", problems);
    places(spec, problems);
    if (spec.getSharedCountersCount() > 0 && spec.getDevicesCount() > 0) {
      problems.invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed");
    }
    devices(spec, problems);
    counterSets(spec.getSharedCountersList(), problems);
  }

  private static void pool(ResourcePool pool, String at, Problems problems) {
    DeviceParts.pool(pool.getName(), at + ".name", problems);
    if (pool.getResourceSliceCount() <= 0) {
      problems.invalid(
          at + ".resourceSliceCount", pool.getResourceSliceCount(), "must be greater than zero");
    }
    if (pool.getGeneration() < 0) {
      problems.invalid(
          at + ".generation", pool.getGeneration(), "must be greater than or equal to zero");
    }
  }

  private static void places(ResourceSliceSpec spec, Problems problems) {
    SlicePlaces places = new SlicePlaces("spec", problems);
    places.nodeName(
        spec.hasNodeName(),
        spec.getNodeName(),
        "must be either unset or set to a non-empty string");
    places.nodeSelector(spec.hasNodeSelector(), spec.getNodeSelector());
    if (spec.hasNodeSelector() && spec.getNodeSelector().getNodeSelectorTermsCount() != 1) {
      problems.invalidJson(
          "spec.nodeSelector.nodeSelectorTerms",
          SchemaRules.shown(spec.getNodeSelector()),
          "must have exactly one node selector term");
    }
    places.yes(spec.hasAllNodes(), spec.getAllNodes(), "allNodes");
    places.yes(
        spec.hasPerDeviceNodeSelection(),
        spec.getPerDeviceNodeSelection(),
        "perDeviceNodeSelection");
    String one =
        "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is"
            + " required";
    places.exactlyOne(one, one + ", but multiple fields are set");
  }

  private static void devices(ResourceSliceSpec spec, Problems problems) {
    String path = "spec.devices";
    boolean advanced = spec.getDevicesList().stream().anyMatch(SliceRules::isAdvanced);
    int most = advanced ? MOST_ADVANCED_DEVICES : MOST_DEVICES;
    if (!DeviceParts.fits(spec.getDevicesCount(), most, path, problems)) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < spec.getDevicesCount(); i++) {
      Device device = spec.getDevices(i);
      String at = path + "[" + i + "]";
      SliceDeviceRules.check(device, spec.getPerDeviceNodeSelection(), at, problems);
      if (!names.add(device.getName())) {
        problems.duplicate(at, device.getName());
      }
    }
  }

  private static boolean isAdvanced(Device device) {
    return device.getTaintsCount() > 0
        || device.getConsumesCountersCount() > 0
        || device.getAttributesMap().values().stream().anyMatch(SliceRules::isList);
  }

  static boolean isList(DeviceAttribute attribute) {
    return attribute.getBoolsCount() > 0
        || attribute.getIntsCount() > 0
        || attribute.getStringsCount() > 0
        || attribute.getVersionsCount() > 0;
  }

  private static void counterSets(List<CounterSet> sets, Problems problems) {
    String path = "spec.sharedCounters";
    if (!DeviceParts.fits(sets.size(), MOST_COUNTER_SETS, path, problems)) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < sets.size(); i++) {
      String at = path + "[" + i + "]";
      counters(sets.get(i).getCountersMap(), at + ".counters", problems);
      if (!names.add(sets.get(i).getName())) {
        problems.duplicate(at, sets.get(i).getName());
      }
    }
  }

  static void counters(Map<String, Counter> counters, String path, Problems problems) {
    if (counters.isEmpty()) {
      problems.required(path);
    } else if (DeviceParts.fits(counters.size(), MOST_COUNTERS, path, problems)) {
      counters.keySet().forEach(name -> DeviceParts.label(name, path, problems));
    }
  }

  static void check(ResourceSlice before, ResourceSlice after, Problems problems) {
    String name = after.getSpec().getPool().getName();
    if (!before.getSpec().getPool().getName().equals(name)) {
      problems.invalid("spec.pool.name", name, "field is immutable");
    }
  }
}
