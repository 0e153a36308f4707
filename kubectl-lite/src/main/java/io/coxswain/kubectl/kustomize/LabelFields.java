package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.document.Json;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Puts labels and annotations where kinds keep them.
final class LabelFields {

  private static final Set<String> SELECTING =
      Set.of("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet");
  private static final Set<String> WITH_TEMPLATE =
      Set.of(
          "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job");

  private final List<Item> items;

  LabelFields(List<Item> items) {
    this.items = items;
  }

  /// @param common in selectors and templates, too
  /// @param labels a list of pairs, each with what it includes
  void run(JsonNode common, JsonNode labels) {
    if (!common.isEmpty()) {
      items.forEach(item -> add(item, common, true, true));
    }
    for (JsonNode each : labels) {
      boolean selectors = Json.at(each, "includeSelectors").asBoolean(false);
      boolean templates = selectors || Json.at(each, "includeTemplates").asBoolean(false);
      items.forEach(item -> add(item, Json.at(each, "pairs"), selectors, templates));
    }
  }

  void annotations(JsonNode annotations) {
    if (annotations.isEmpty()) {
      return;
    }
    for (Item item : items) {
      put(item.object(), annotations, "metadata", "annotations");
      if (item.isKnown()) {
        template(item, annotations, "annotations");
      }
    }
  }

  private static void add(Item item, JsonNode labels, boolean selectors, boolean templates) {
    put(item.object(), labels, "metadata", "labels");
    if (!item.isKnown()) {
      return;
    }
    if (templates) {
      template(item, labels, "labels");
    }
    if (!selectors) {
      return;
    }
    ObjectNode object = item.object();
    switch (item.kind()) {
      case "Service", "ReplicationController" -> putWhereSpec(object, labels);
      case "NetworkPolicy" -> {
        existing(object, labels, "spec", "podSelector", "matchLabels");
        for (String direction : List.of("ingress", "egress")) {
          for (JsonNode rule : Json.at(object, "spec", direction)) {
            for (JsonNode peer : Json.at(rule, direction.equals("ingress") ? "from" : "to")) {
              existing(peer, labels, "podSelector", "matchLabels");
            }
          }
        }
      }
      default -> {
        if (SELECTING.contains(item.kind())) {
          put(object, labels, "spec", "selector", "matchLabels");
        } else {
          existing(object, labels, "spec", "selector", "matchLabels");
          existing(object, labels, "spec", "jobTemplate", "spec", "selector", "matchLabels");
        }
        podSelectors(object, labels);
      }
    }
  }

  /// Affinity and spreading among pods of the same kind.
  private static void podSelectors(ObjectNode object, JsonNode labels) {
    JsonNode pod = Json.at(object, "spec", "template", "spec");
    for (String affinity : List.of("podAffinity", "podAntiAffinity")) {
      JsonNode terms = Json.at(pod, "affinity", affinity);
      for (JsonNode term : Json.at(terms, "requiredDuringSchedulingIgnoredDuringExecution")) {
        existing(term, labels, "labelSelector", "matchLabels");
      }
      for (JsonNode term : Json.at(terms, "preferredDuringSchedulingIgnoredDuringExecution")) {
        existing(term, labels, "podAffinityTerm", "labelSelector", "matchLabels");
      }
    }
    for (JsonNode spread : Json.at(pod, "topologySpreadConstraints")) {
      existing(spread, labels, "labelSelector", "matchLabels");
    }
  }

  private static void template(Item item, JsonNode values, String field) {
    if (WITH_TEMPLATE.contains(item.kind())) {
      put(item.object(), values, "spec", "template", "metadata", field);
    }
    if (item.kind().equals("StatefulSet") && field.equals("labels")) {
      for (JsonNode claim : Json.at(item.object(), "spec", "volumeClaimTemplates")) {
        put((ObjectNode) claim, values, "metadata", field);
      }
    }
    if (item.kind().equals("CronJob")) {
      put(item.object(), values, "spec", "jobTemplate", "metadata", field);
      put(item.object(), values, "spec", "jobTemplate", "spec", "template", "metadata", field);
    }
  }

  private static void putWhereSpec(ObjectNode object, JsonNode labels) {
    if (object.has("spec")) {
      put(object, labels, "spec", "selector");
    }
  }

  private static void put(ObjectNode object, JsonNode values, String... path) {
    ObjectNode at = object;
    for (String name : path) {
      at = at.withObjectProperty(name);
    }
    at.setAll((ObjectNode) values);
  }

  private static void existing(JsonNode node, JsonNode values, String... path) {
    if (Json.at(node, path) instanceof ObjectNode there) {
      there.setAll((ObjectNode) values);
    }
  }
}
