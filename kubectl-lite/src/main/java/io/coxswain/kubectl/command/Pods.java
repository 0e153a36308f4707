package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Finds the pod that a word means: `web-1`, `pod/web-1`, or one of `deployment/web`.
final class Pods {

  private Pods() {}

  /// @throws Failure when there is none
  static JsonNode of(Session session, String word) {
    Kind pods = session.discovery().kind("v1", "Pod");
    if (!word.contains("/")) {
      return session.api().get(pods.path(session.namespace(), word));
    }
    Selection selection = Selection.single(session.discovery(), List.of(word));
    if (selection.kind().kind().equals("Pod")) {
      return session.api().get(pods.path(session.namespace(), selection.name()));
    }
    JsonNode owner =
        session.api().get(selection.kind().path(session.namespace(), selection.name()));
    return ofOwner(session, word, owner)
        .orElseThrow(() -> new Failure("error: no pods of " + word + " were found"));
  }

  /// The likeliest of the pods that an object selects: a running one, else the oldest.
  ///
  /// @throws Failure when the object selects none
  static Optional<JsonNode> ofOwner(Session session, String word, JsonNode owner) {
    Kind pods = session.discovery().kind("v1", "Pod");
    String labels = selector(Json.at(owner, "spec", "selector"));
    if (labels.isEmpty()) {
      throw new Failure("error: " + word + " has no selector: name a pod");
    }
    List<JsonNode> found = new ArrayList<>();
    Json.at(
            session.api().get(pods.path(session.namespace(), Map.of("labelSelector", labels))),
            "items")
        .forEach(found::add);
    return found.stream()
        .min(
            Comparator.comparing(
                    (JsonNode pod) -> !Json.text(pod, "status", "phase").equals("Running"))
                .thenComparing(pod -> Json.text(pod, "metadata", "creationTimestamp")));
  }

  /// A label selector, or a Service's plain map, as the query parameter has it.
  static String selector(JsonNode selector) {
    List<String> terms = new ArrayList<>();
    JsonNode labels =
        selector.has("matchLabels") || selector.has("matchExpressions")
            ? Json.at(selector, "matchLabels")
            : selector;
    labels
        .properties()
        .forEach(entry -> terms.add(entry.getKey() + "=" + entry.getValue().asString()));
    for (JsonNode expression : Json.at(selector, "matchExpressions")) {
      String key = Json.text(expression, "key");
      List<String> values = new ArrayList<>();
      Json.at(expression, "values").forEach(value -> values.add(value.asString()));
      terms.add(
          switch (Json.text(expression, "operator")) {
            case "In" -> key + " in (" + String.join(",", values) + ")";
            case "NotIn" -> key + " notin (" + String.join(",", values) + ")";
            case "Exists" -> key;
            default -> "!" + key;
          });
    }
    return String.join(",", terms);
  }

  /// The container that `-c` names, that the pod's annotation prefers, or the first.
  static String container(JsonNode pod, String asked) {
    List<String> names = new ArrayList<>();
    for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
      Json.at(pod, "spec", list).forEach(container -> names.add(Json.text(container, "name")));
    }
    if (!asked.isEmpty() && !names.contains(asked)) {
      throw new Failure(
          "error: container "
              + asked
              + " is not valid for pod "
              + Json.name(pod)
              + ": it has "
              + String.join(", ", names));
    }
    String preferred =
        Json.text(pod, "metadata", "annotations", "kubectl.kubernetes.io/default-container");
    return !asked.isEmpty() ? asked : names.contains(preferred) ? preferred : names.getFirst();
  }
}
