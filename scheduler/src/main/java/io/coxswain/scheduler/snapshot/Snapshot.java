package io.coxswain.scheduler.snapshot;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The cluster at one moment. Immutable.
///
/// @param nodes in the order of their names
/// @param services selectors of the Services of each namespace
public record Snapshot(
    List<NodeInfo> nodes,
    Map<String, NodeInfo> byName,
    Map<String, Map<String, String>> namespaces,
    Map<String, List<Map<String, String>>> services,
    boolean anyAffinity,
    Storage storage) {

  /// Of nodes alone, without namespaces and Services.
  public static Snapshot of(List<NodeInfo> nodes) {
    return of(nodes, Map.of(), Map.of());
  }

  public static Snapshot of(
      List<NodeInfo> nodes,
      Map<String, Map<String, String>> namespaces,
      Map<String, List<Map<String, String>>> services) {
    return new Snapshot(
        List.copyOf(nodes),
        nodes.stream().collect(Collectors.toUnmodifiableMap(NodeInfo::name, Function.identity())),
        namespaces,
        services,
        nodes.stream().anyMatch(node -> !node.podsWithAffinity().isEmpty()),
        Storage.NONE);
  }

  /// The same cluster with these volumes.
  public Snapshot with(Storage volumes) {
    return new Snapshot(nodes, byName, namespaces, services, anyAffinity, volumes);
  }

  public Optional<NodeInfo> find(String node) {
    return Optional.ofNullable(byName.get(node));
  }

  public Map<String, String> namespaceLabels(String namespace) {
    return namespaces.getOrDefault(namespace, Map.of());
  }

  /// Selectors of the Services that send traffic to the pod.
  public List<Map<String, String>> servicesOf(PodInfo pod) {
    return services.getOrDefault(pod.namespace(), List.of()).stream()
        .filter(selector -> pod.labels().entrySet().containsAll(selector.entrySet()))
        .toList();
  }
}
