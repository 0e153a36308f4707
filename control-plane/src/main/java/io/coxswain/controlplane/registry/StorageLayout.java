package io.coxswain.controlplane.registry;

import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.util.Map;

/// Where each kind lies in the store: as in Kubernetes, so that a snapshot can move between the
/// two.
final class StorageLayout {

  static final String ROOT = "/registry/";

  /// Kinds whose place is not their plural, for reasons of history.
  private static final Map<String, String> SPECIAL =
      Map.of(
          "services", "services/specs",
          "endpoints", "services/endpoints",
          "nodes", "minions",
          "replicationcontrollers", "controllers",
          "ingresses.networking.k8s.io", "ingress",
          "podsecuritypolicies.policy", "podsecuritypolicy",
          "apiservices.apiregistration.k8s.io", "apiregistration.k8s.io/apiservices",
          "customresourcedefinitions.apiextensions.k8s.io",
              "apiextensions.k8s.io/customresourcedefinitions",
          "events.events.k8s.io", "events");

  private StorageLayout() {}

  /// The prefix of a kind's keys, with a slash at its end.
  static String prefix(ResourceType<?> type) {
    return ROOT + SPECIAL.getOrDefault(type.qualifiedPlural(), type.plural()) + "/";
  }

  /// The prefix of the keys of a kind that people define: its group stands in it.
  static String customPrefix(ResourceType<?> type) {
    return ROOT + type.group() + "/" + type.plural() + "/";
  }

  /// The type in which objects of a type are stored: itself, but for older and newer names of one
  /// thing.
  static ResourceType<?> storedAs(ResourceType<?> type) {
    return switch (type.qualifiedPlural()) {
      case "events.events.k8s.io" -> Schema.api().find("", "v1", "events").orElse(type);
      case "horizontalpodautoscalers.autoscaling" ->
          Schema.api().find(type.group(), "v2", type.plural()).orElse(type);
      default -> type;
    };
  }

  static String key(ResourceType<?> type, String namespace, String name) {
    return type.namespaced() ? prefix(type) + namespace + "/" + name : prefix(type) + name;
  }
}
