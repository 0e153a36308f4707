package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.document.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Lets objects that name each other do so by the names that they have now.
final class References {

  private final List<Item> items;
  private final Map<Item, String> before;

  /// @param before the names that the references still use
  References(List<Item> items, Map<Item, String> before) {
    this.items = items;
    this.before = new HashMap<>(before);
  }

  void rewrite() {
    for (Item item : items) {
      if (item.isKnown()) {
        of(item);
      }
    }
  }

  private void of(Item item) {
    ObjectNode object = item.object();
    pods(item, object);
    switch (item.kind()) {
      case "StatefulSet" -> name(item, Json.at(object, "spec"), "serviceName", "Service");
      case "Ingress" -> ingress(item, Json.at(object, "spec"));
      case "ServiceAccount" -> {
        Json.at(object, "secrets").forEach(each -> name(item, each, "name", "Secret"));
        Json.at(object, "imagePullSecrets").forEach(each -> name(item, each, "name", "Secret"));
      }
      case "RoleBinding", "ClusterRoleBinding" -> binding(item, object);
      case "Role", "ClusterRole" -> Json.at(object, "rules").forEach(rule -> rule(item, rule));
      case "HorizontalPodAutoscaler" -> {
        JsonNode target = Json.at(object, "spec", "scaleTargetRef");
        name(item, target, "name", Json.text(target, "kind"));
      }
      case "PersistentVolumeClaim" -> {
        name(item, Json.at(object, "spec"), "volumeName", "PersistentVolume");
        name(item, Json.at(object, "spec"), "storageClassName", "StorageClass");
      }
      case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration" ->
          Json.at(object, "webhooks")
              .forEach(
                  each -> name(item, Json.at(each, "clientConfig", "service"), "name", "Service"));
      case "APIService" -> name(item, Json.at(object, "spec", "service"), "name", "Service");
      default -> {} // the others name nothing, or nothing but pods
    }
  }

  private void ingress(Item item, JsonNode spec) {
    name(item, spec, "ingressClassName", "IngressClass");
    name(item, Json.at(spec, "defaultBackend", "service"), "name", "Service");
    Json.at(spec, "tls").forEach(each -> name(item, each, "secretName", "Secret"));
    for (JsonNode rule : Json.at(spec, "rules")) {
      for (JsonNode path : Json.at(rule, "http", "paths")) {
        name(item, Json.at(path, "backend", "service"), "name", "Service");
      }
    }
  }

  private void binding(Item item, ObjectNode object) {
    JsonNode role = Json.at(object, "roleRef");
    name(item, role, "name", Json.text(role, "kind"));
    for (JsonNode subject : Json.at(object, "subjects")) {
      if (subject instanceof ObjectNode account
          && Json.text(account, "kind").equals("ServiceAccount")) {
        account(account);
      }
    }
  }

  private void account(ObjectNode subject) {
    String name = Json.text(subject, "name");
    String namespace = Json.text(subject, "namespace");
    items.stream()
        .filter(item -> item.kind().equals("ServiceAccount"))
        .filter(item -> item.wasNamed(name) && item.wasIn(namespace))
        .findFirst()
        .ifPresent(item -> {
          subject.put("name", item.name());
          if (!item.namespace().isEmpty()) {
            subject.put("namespace", item.namespace());
          }
        });
  }

  private void rule(Item item, JsonNode rule) {
    for (JsonNode resource : Json.at(rule, "resources")) {
      String kind =
          switch (resource.asString()) {
            case "configmaps" -> "ConfigMap";
            case "secrets" -> "Secret";
            case "services" -> "Service";
            default -> "";
          };
      if (!kind.isEmpty() && Json.at(rule, "resourceNames") instanceof ArrayNode names) {
        for (int i = 0; i < names.size(); i++) {
          String old = names.get(i).asString();
          names.set(i, find(item, kind, old).map(Item::name).orElse(old));
        }
      }
    }
  }

  /// Every pod's specification, wherever it is.
  private void pods(Item item, JsonNode node) {
    if (node.isObject() && Json.at(node, "containers").isArray()) {
      pod(item, node);
      return;
    }
    node.forEach(child -> pods(item, child));
  }

  private void pod(Item item, JsonNode pod) {
    name(item, pod, "serviceAccountName", "ServiceAccount");
    name(item, pod, "serviceAccount", "ServiceAccount");
    name(item, pod, "priorityClassName", "PriorityClass");
    name(item, pod, "runtimeClassName", "RuntimeClass");
    Json.at(pod, "imagePullSecrets").forEach(each -> name(item, each, "name", "Secret"));
    for (JsonNode volume : Json.at(pod, "volumes")) {
      name(item, Json.at(volume, "configMap"), "name", "ConfigMap");
      name(item, Json.at(volume, "secret"), "secretName", "Secret");
      name(item, Json.at(volume, "persistentVolumeClaim"), "claimName", "PersistentVolumeClaim");
      for (JsonNode source : Json.at(volume, "projected", "sources")) {
        name(item, Json.at(source, "configMap"), "name", "ConfigMap");
        name(item, Json.at(source, "secret"), "name", "Secret");
      }
    }
    for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
      for (JsonNode container : Json.at(pod, list)) {
        for (JsonNode variable : Json.at(container, "env")) {
          JsonNode from = Json.at(variable, "valueFrom");
          name(item, Json.at(from, "configMapKeyRef"), "name", "ConfigMap");
          name(item, Json.at(from, "secretKeyRef"), "name", "Secret");
        }
        for (JsonNode from : Json.at(container, "envFrom")) {
          name(item, Json.at(from, "configMapRef"), "name", "ConfigMap");
          name(item, Json.at(from, "secretRef"), "name", "Secret");
        }
      }
    }
  }

  private void name(Item from, JsonNode node, String field, String kind) {
    String old = Json.text(node, field);
    if (!old.isEmpty() && node instanceof ObjectNode holder) {
      find(from, kind, old).ifPresent(meant -> holder.put(field, meant.name()));
    }
  }

  /// The one that had this name until now, else one that ever had it; of several, the one in the
  /// same namespace.
  private Optional<Item> find(Item from, String kind, String name) {
    List<Item> ofKind = items.stream().filter(item -> item.kind().equals(kind)).toList();
    List<Item> named = ofKind.stream().filter(item -> name.equals(before.get(item))).toList();
    if (named.isEmpty()) {
      named = ofKind.stream().filter(item -> item.wasNamed(name)).toList();
    }
    List<Item> found = named;
    return found.stream()
        .filter(item -> item.namespace().equals(from.namespace()))
        .findFirst()
        .or(() -> found.stream().findFirst());
  }
}
