package io.coxswain.scheduler;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeSpec;
import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Nodes and pods for tests, in few words.
public final class Fixtures {

  private Fixtures() {}

  /// `key=value` texts as a map.
  public static Map<String, String> map(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String pair : pairs) {
      int at = pair.indexOf('=');
      map.put(pair.substring(0, at), pair.substring(at + 1));
    }
    return map;
  }

  public static Map<String, Quantity> quantities(String... pairs) {
    Map<String, Quantity> quantities = new LinkedHashMap<>();
    map(pairs).forEach((name, text) -> quantities.put(name, Quantities.of(text)));
    return quantities;
  }

  /// A node of 4 cpus, 8 GiB and 110 pods with a hostname label.
  public static Node node(String name, String... labels) {
    return Node.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setName(name)
                .putLabels("kubernetes.io/hostname", name)
                .putAllLabels(map(labels)))
        .setSpec(NodeSpec.getDefaultInstance())
        .setStatus(
            NodeStatus.newBuilder()
                .putAllAllocatable(quantities("cpu=4", "memory=8Gi", "pods=110")))
        .build();
  }

  public static Node allocatable(Node node, String... pairs) {
    return node.toBuilder()
        .setStatus(node.getStatus().toBuilder().putAllAllocatable(quantities(pairs)))
        .build();
  }

  public static Node tainted(Node node, String key, String value, String effect) {
    return node.toBuilder()
        .setSpec(
            node.getSpec().toBuilder()
                .addTaints(Taint.newBuilder().setKey(key).setValue(value).setEffect(effect)))
        .build();
  }

  public static Pod pod(String name, String... requests) {
    return Pod.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder().setNamespace("default").setName(name).setUid("uid-of-" + name))
        .setSpec(PodSpec.newBuilder().addContainers(container(requests)))
        .build();
  }

  public static Container container(String... requests) {
    return Container.newBuilder()
        .setName("c")
        .setImage("host:///")
        .setResources(ResourceRequirements.newBuilder().putAllRequests(quantities(requests)))
        .build();
  }

  public static Pod labelled(Pod pod, String... labels) {
    return pod.toBuilder()
        .setMetadata(pod.getMetadata().toBuilder().putAllLabels(map(labels)))
        .build();
  }

  public static NodeInfo info(Node node, Pod... pods) {
    return NodeInfo.of(node, List.of(pods).stream().map(PodInfo::of).toList());
  }
}
