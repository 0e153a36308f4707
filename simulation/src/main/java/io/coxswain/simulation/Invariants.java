package io.coxswain.simulation;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What must be true after every step, whatever goes wrong.
final class Invariants {

  private final ApiClient api;
  private final Map<String, String> boundTo = new HashMap<>();
  private final Set<String> wasAvailable = new HashSet<>();

  Invariants(InMemoryApi api) {
    this.api = api.client();
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not worth a library here
  static void require(boolean holds, String otherwise, Object... values) {
    if (!holds) {
      throw new AssertionError(String.format(Locale.ROOT, otherwise, values));
    }
  }

  /// @param steady whether nothing but the controllers takes pods away, so that a rollout must keep
  ///   its promise of availability
  void check(boolean steady) {
    List<Pod> pods = api.resources(Pod.class).list(ListOptions.ALL).items();
    boundOnce(pods);
    noNodeOverCommitted(pods);
    api.resources(Deployment.class)
        .list(ListOptions.ALL)
        .items()
        .forEach(deployment -> rollsWithinBounds(deployment, pods, steady));
  }

  private void boundOnce(List<Pod> pods) {
    for (Pod pod : pods) {
      String node = pod.getSpec().getNodeName();
      if (!node.isEmpty()) {
        String before = boundTo.putIfAbsent(pod.getMetadata().getUid(), node);
        require(
            before == null || before.equals(node),
            "pod %s was bound to %s and then to %s",
            pod.getMetadata().getName(),
            before,
            node);
      }
    }
  }

  private void noNodeOverCommitted(List<Pod> pods) {
    for (Node node : api.resources(Node.class).list(ListOptions.ALL).items()) {
      String name = node.getMetadata().getName();
      NodeInfo info =
          NodeInfo.of(
              node,
              pods.stream()
                  .filter(pod -> pod.getSpec().getNodeName().equals(name))
                  .filter(pod -> !ended(pod))
                  .map(PodInfo::of)
                  .toList());
      require(
          info.requested().milliCpu() <= info.allocatable().milliCpu()
              && info.requested().memory() <= info.allocatable().memory()
              && info.pods().size() <= info.allowedPods(),
          "node %s is promised %s of %s to %s pods",
          name,
          info.requested(),
          info.allocatable(),
          info.pods().size());
    }
  }

  private void rollsWithinBounds(Deployment deployment, List<Pod> pods, boolean steady) {
    Set<String> sets = new HashSet<>();
    int asked = 0;
    for (ReplicaSet set : api.resources(ReplicaSet.class).list(ListOptions.ALL).items()) {
      if (ownedBy(set.getMetadata().getOwnerReferencesList(), deployment.getMetadata().getUid())) {
        sets.add(set.getMetadata().getUid());
        asked += set.getSpec().getReplicas();
      }
    }
    int replicas = deployment.getSpec().getReplicas();
    int surge = deployment.getSpec().getStrategy().getRollingUpdate().getMaxSurge().getIntVal();
    int unavailable =
        deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal();
    String name = deployment.getMetadata().getName();
    require(
        asked <= replicas + surge,
        "%s: %s replicas asked for, %s+%s allowed",
        name,
        asked,
        replicas,
        surge);
    List<Pod> own =
        pods.stream()
            .filter(pod ->
                sets.stream()
                    .anyMatch(uid -> ownedBy(pod.getMetadata().getOwnerReferencesList(), uid)))
            .filter(pod -> !pod.getMetadata().hasDeletionTimestamp() && !ended(pod))
            .toList();
    require(
        own.size() <= replicas + surge,
        "%s: %s pods, %s+%s allowed",
        name,
        own.size(),
        replicas,
        surge);
    long ready = own.stream().filter(Invariants::ready).count();
    // The promise holds from when the API has said that all are there: a rollout that begins before
    // may take pods away of which nobody has told that they serve.
    if (deployment.getStatus().getAvailableReplicas() >= replicas) {
      wasAvailable.add(name);
    }
    require(
        !steady || !wasAvailable.contains(name) || ready >= replicas - unavailable,
        "%s: %s pods are ready, %s-%s are promised",
        name,
        ready,
        replicas,
        unavailable);
  }

  private static boolean ownedBy(List<OwnerReference> owners, String uid) {
    return owners.stream().anyMatch(owner -> owner.getUid().equals(uid));
  }

  static boolean ended(Pod pod) {
    String phase = pod.getStatus().getPhase();
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  static boolean ready(Pod pod) {
    return pod.getStatus().getConditionsList().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }
}
