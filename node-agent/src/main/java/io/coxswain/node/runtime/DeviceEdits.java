package io.coxswain.node.runtime;

import io.coxswain.node.cdi.ContainerEdits;
import io.coxswain.node.cdi.ContainerEdits.DeviceNode;
import io.coxswain.node.cdi.ContainerEdits.Hook;
import io.coxswain.node.cdi.ContainerEdits.Mount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The parts of an OCI bundle's `config.json` that a container has for its devices
/// (config-linux.md, config.md). Pure.
final class DeviceEdits {

  private DeviceEdits() {}

  /// Device files. One whose owner is not said belongs to whom the container runs as.
  static List<Object> devices(List<DeviceNode> devices, ProcessUser user) {
    Map<String, Object> byPath = new LinkedHashMap<>();
    for (DeviceNode device : devices) {
      Map<String, Object> one = OciSpec.ordered("path", device.path(), "type", device.type());
      if (!device.type().equals("p")) {
        one.put("major", device.major());
        one.put("minor", device.minor());
      }
      device.mode().ifPresent(mode -> one.put("fileMode", mode));
      one.put("uid", device.uid().orElse(user.uid()));
      one.put("gid", device.gid().orElse(user.gid()));
      byPath.put(device.path(), one);
    }
    return List.copyOf(byPath.values());
  }

  /// What the control group lets the container do with them; what comes later counts.
  static List<Object> rules(ContainerEdits edits) {
    Set<Object> rules = new LinkedHashSet<>();
    for (DeviceNode device : edits.devices()) {
      if (device.type().equals("b") || device.type().equals("c")) {
        rules.add(
            OciSpec.ordered(
                "allow",
                true,
                "type",
                device.type(),
                "major",
                device.major(),
                "minor",
                device.minor(),
                "access",
                device.access()));
      }
    }
    return List.copyOf(rules);
  }

  /// @param mounts in order, of which those at the same place are left out
  static List<Object> mounts(List<Object> mounts, ContainerEdits edits) {
    if (edits.mounts().isEmpty()) {
      return mounts;
    }
    Map<Object, Object> byTarget = new LinkedHashMap<>();
    mounts.forEach(mount -> byTarget.put(((Map<?, ?>) mount).get("destination"), mount));
    edits.mounts().stream()
        .sorted(Comparator.comparing(Mount::target))
        .forEach(mount -> {
          byTarget.remove(mount.target());
          byTarget.put(
              mount.target(),
              OciSpec.ordered(
                  "destination",
                  mount.target(),
                  "type",
                  mount.type(),
                  "source",
                  mount.source(),
                  "options",
                  mount.options()));
        });
    return List.copyOf(byTarget.values());
  }

  static List<Object> groups(List<? extends Number> own, ContainerEdits edits) {
    Map<Long, Object> groups = new LinkedHashMap<>();
    own.forEach(group -> groups.put(group.longValue(), group));
    edits.groups().forEach(group -> groups.putIfAbsent(group, group));
    return new ArrayList<>(groups.values());
  }

  /// Hooks and annotations, where there are any.
  static void hooks(Map<String, Object> spec, ContainerEdits edits) {
    Map<String, List<Object>> byStage = new LinkedHashMap<>();
    for (Hook hook : edits.hooks()) {
      Map<String, Object> one = OciSpec.ordered("path", hook.path());
      if (!hook.arguments().isEmpty()) {
        one.put("args", hook.arguments());
      }
      if (!hook.environment().isEmpty()) {
        one.put("env", hook.environment());
      }
      hook.timeoutSeconds().ifPresent(seconds -> one.put("timeout", seconds));
      byStage.computeIfAbsent(hook.stage(), stage -> new ArrayList<>()).add(one);
    }
    if (!byStage.isEmpty()) {
      spec.put("hooks", byStage);
    }
    if (!edits.annotations().isEmpty()) {
      spec.put("annotations", new java.util.TreeMap<>(edits.annotations()));
    }
  }
}
