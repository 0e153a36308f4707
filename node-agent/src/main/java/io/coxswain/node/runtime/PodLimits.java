package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.ControlGroups.Limit;
import io.coxswain.node.runtime.ResizeSteps.Change;
import io.coxswain.node.runtime.ResizeSteps.Named;
import io.coxswain.node.runtime.ResizeSteps.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Gives a running pod and its containers other limits. What a container was given is on disk after
/// each part, so that what was begun can be ended by another agent: each part can be done again.
final class PodLimits {

  private final DiskState disk;
  private final Sandboxes sandboxes;
  private final ControlGroups controlGroups;

  PodLimits(DiskState disk, Sandboxes sandboxes, ControlGroups controlGroups) {
    this.disk = disk;
    this.sandboxes = sandboxes;
    this.controlGroups = controlGroups;
  }

  /// @see PodRuntime#grant
  PodRuntime.Grant grant(Pod pod, List<ContainerRecord> running) {
    String group = sandboxes.cgroup(pod);
    PodResources wanted = PodResources.of(pod.getSpec());
    Map<String, ContainerRecord> byId = new LinkedHashMap<>();
    running.forEach(record -> byId.put(record.id(), record));
    try {
      PodResources now = limits(group);
      List<Named> named = new ArrayList<>();
      running.forEach(record -> named.add(named(pod, record)));
      List<String> problems =
          ResizeSteps.tooLow(
              now,
              wanted,
              named,
              container -> controlGroups.usage(path(group, container)).memoryBytes());
      if (!problems.isEmpty()) {
        return new PodRuntime.Grant(
            List.copyOf(byId.values()),
            Optional.of(
                "cannot decrease memory limits: "
                    + (problems.size() == 1
                        ? problems.getFirst()
                        : "[" + String.join(", ", problems) + "]")));
      }
      List<Change> changes = named.stream().map(Named::change).toList();
      for (Step step : ResizeSteps.of(now, wanted, changes)) {
        take(step, group, changes, byId);
      }
      sandboxes.weigh(pod, wanted.cpuShares());
    } catch (IOException e) {
      return new PodRuntime.Grant(
          List.copyOf(byId.values()), Optional.of(String.valueOf(e.getMessage())));
    }
    return new PodRuntime.Grant(List.copyOf(byId.values()), Optional.empty());
  }

  private PodResources limits(String group) throws IOException {
    return new PodResources(
        controlGroups.limit(group, Limit.CPU_SHARES),
        controlGroups.limit(group, Limit.CPU_QUOTA),
        controlGroups.limit(group, Limit.MEMORY));
  }

  private static Named named(Pod pod, ContainerRecord record) {
    return new Named(
        record.container(),
        new Change(
            record.id(),
            record.granted(),
            Granted.of(pod.getSpec(), MonitoredRuntime.container(pod, record))));
  }

  private void take(
      Step step, String group, List<Change> changes, Map<String, ContainerRecord> byId)
      throws IOException {
    switch (step) {
      case Step.Write(Optional<String> container, Limit what, long value) ->
          controlGroups.limit(path(group, container), what, value);
      case Step.Done(String id, String resource) -> {
        Granted wanted =
            changes.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow().wanted();
        ContainerRecord before = byId.get(id);
        if (before != null) {
          ContainerRecord after = before.granted(before.granted().with(resource, wanted));
          disk.save(after);
          byId.put(id, after);
        }
      }
    }
  }

  private static String path(String group, Optional<String> container) {
    return container.map(id -> group + "/" + id).orElse(group);
  }
}
