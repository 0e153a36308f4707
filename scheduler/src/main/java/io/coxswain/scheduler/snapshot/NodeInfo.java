package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// A node, the pods that are or soon will be on it, and the sums of what they ask.
///
/// @param allocatable what pods may ask for together
/// @param allowedPods how many pods the node takes
/// @param requested what its pods ask for together
/// @param assumedUse what they are taken to use when nodes are compared
/// @param podsWithAffinity those of them that want to be near to or away from others
public record NodeInfo(
    Node node,
    Amounts allocatable,
    long allowedPods,
    List<PodInfo> pods,
    Amounts requested,
    Amounts assumedUse,
    List<HostPort> usedPorts,
    List<PodInfo> podsWithAffinity) {

  public static NodeInfo of(Node node, Collection<PodInfo> pods) {
    Amounts requested = Amounts.NONE;
    Amounts assumedUse = Amounts.NONE;
    for (PodInfo pod : pods) {
      requested = requested.plus(pod.requests());
      assumedUse = assumedUse.plus(pod.assumedUse());
    }
    return new NodeInfo(
        node,
        Amounts.of(node.getStatus().getAllocatableMap()),
        Quantities.whole(
            node.getStatus().getAllocatableOrDefault("pods", Quantity.getDefaultInstance())),
        List.copyOf(pods),
        requested,
        assumedUse,
        pods.stream().flatMap(pod -> pod.hostPorts().stream()).toList(),
        pods.stream().filter(PodInfo::hasAffinity).toList());
  }

  public String name() {
    return node.getMetadata().getName();
  }

  public Map<String, String> labels() {
    return node.getMetadata().getLabelsMap();
  }

  public List<Taint> taints() {
    return node.getSpec().getTaintsList();
  }
}
