package io.coxswain.simulation;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.testing.InMemoryApi;
import java.util.HashMap;
import java.util.Map;

/// What really runs, on all nodes together: the judge of "nothing runs twice".
final class Machines {

  private final Map<String, String> running = new HashMap<>();
  private final InMemoryApi api;

  Machines(InMemoryApi api) {
    this.api = api;
  }

  void started(String node, Pod pod, String container) {
    String key = pod.getMetadata().getUid() + "/" + container;
    String elsewhere = running.putIfAbsent(key, node);
    Invariants.require(
        elsewhere == null, "container %s runs on %s and was started on %s", key, elsewhere, node);
    api.client()
        .resources(Pod.class)
        .find(pod.getMetadata().getNamespace(), pod.getMetadata().getName())
        .filter(now -> now.getMetadata().getUid().equals(pod.getMetadata().getUid()))
        .ifPresent(now ->
            Invariants.require(
                now.getSpec().getNodeName().equals(node),
                "pod %s is bound to %s and was started on %s",
                now.getMetadata().getName(),
                now.getSpec().getNodeName(),
                node));
  }

  void ended(String podUid, String container) {
    running.remove(podUid + "/" + container);
  }

  int size() {
    return running.size();
  }
}
