package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.node.allocation.Standing.Pending;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What is told about other resources of a pod: for programs too, so what it is about is JSON.
final class ResizeEvents {

  private final EventRecorder events;

  ResizeEvents(EventRecorder events) {
    this.events = events;
  }

  void started(Pod pod, long generation) {
    events.normal(pod, "ResizeStarted", text("started", pod, generation, ""));
  }

  void completed(Pod pod, long generation) {
    events.normal(pod, "ResizeCompleted", text("completed", pod, generation, ""));
  }

  void failed(Pod pod, long generation, String why) {
    events.warning(pod, "ResizeError", text("error", pod, generation, why));
  }

  /// @param wish the pod with what it wants
  void pending(Pod wish, Pending pending) {
    events.warning(
        wish,
        "Resize" + pending.reason(),
        text(pending.reason(), wish, pending.generation(), pending.message()));
  }

  static String text(String what, Pod pod, long generation, String error) {
    Map<String, Object> summary = new LinkedHashMap<>();
    if (pod.getSpec().getInitContainersCount() > 0) {
      summary.put("initContainers", containers(pod.getSpec().getInitContainersList()));
    }
    if (pod.getSpec().getContainersCount() > 0) {
      summary.put("containers", containers(pod.getSpec().getContainersList()));
    }
    summary.put("generation", generation);
    if (!error.isEmpty()) {
      summary.put("error", error);
    }
    return "Pod resize " + what + ": " + JsonTrees.text(summary);
  }

  private static List<Object> containers(List<Container> containers) {
    return containers.stream()
        .<Object>map(container -> {
          Map<String, Object> resources = new LinkedHashMap<>();
          put(resources, "limits", container.getResources().getLimitsMap());
          put(resources, "requests", container.getResources().getRequestsMap());
          Map<String, Object> shown = new LinkedHashMap<>();
          shown.put("name", container.getName());
          shown.put("resources", resources);
          return shown;
        })
        .toList();
  }

  private static void put(Map<String, Object> resources, String name, Map<String, Quantity> all) {
    if (!all.isEmpty()) {
      Map<String, String> texts = new TreeMap<>();
      all.forEach((resource, amount) -> texts.put(resource, amount.getString()));
      resources.put(name, texts);
    }
  }
}
