package io.coxswain.kubectl.output;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.document.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// An object told at length. The order is a person's: who, where, how it is, then what was asked
/// for. It is made from the object alone, so a kind that nobody here has heard of is told as well.
public final class Description {

  private static final List<String> FIRST = List.of("status", "spec", "data");
  private static final int WIDTH = 18;

  private final StringBuilder text = new StringBuilder();
  private final Instant now;

  private Description(Instant now) {
    this.now = now;
  }

  public static String of(JsonNode object, Instant now) {
    Description description = new Description(now);
    description.metadata(object);
    switch (Json.text(object, "kind")) {
      case "Pod" -> description.pod(object);
      case "Secret" -> description.secret(object);
      default -> description.anything(object);
    }
    return Plain.of(description.text.toString());
  }

  private void line(int indent, String label, String value) {
    text.repeat(' ', indent).append(label).append(':');
    if (!value.isEmpty()) {
      text.repeat(' ', Math.max(1, WIDTH - indent - label.length())).append(value);
    }
    text.append('\n');
  }

  private void metadata(JsonNode object) {
    line(0, "Name", Json.name(object));
    if (!Json.namespace(object).isEmpty()) {
      line(0, "Namespace", Json.namespace(object));
    }
    pairs("Labels", Json.at(object, "metadata", "labels"));
    JsonNode annotations = Json.at(object, "metadata", "annotations").deepCopy();
    if (annotations instanceof tools.jackson.databind.node.ObjectNode node) {
      node.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    pairs("Annotations", annotations);
    String created = Json.text(object, "metadata", "creationTimestamp");
    line(0, "Created", created + " (" + Age.since(created, now) + " ago)");
    String deleted = Json.text(object, "metadata", "deletionTimestamp");
    if (!deleted.isEmpty()) {
      line(0, "Status", "Terminating (lasts " + Age.since(deleted, now) + ")");
    }
    for (JsonNode owner : Json.at(object, "metadata", "ownerReferences")) {
      if (Json.at(owner, "controller").asBoolean(false)) {
        line(0, "Controlled By", Json.text(owner, "kind") + "/" + Json.text(owner, "name"));
      }
    }
    JsonNode finalizers = Json.at(object, "metadata", "finalizers");
    if (!finalizers.isEmpty()) {
      List<String> names = new ArrayList<>();
      finalizers.forEach(name -> names.add(name.asString()));
      line(0, "Finalizers", String.join(", ", names));
    }
  }

  private void pairs(String label, JsonNode map) {
    if (map.isEmpty()) {
      line(0, label, "<none>");
      return;
    }
    String name = label;
    for (Map.Entry<String, JsonNode> entry : new java.util.TreeMap<>(asMap(map)).entrySet()) {
      if (name.isEmpty()) {
        text.repeat(' ', WIDTH + 1)
            .append(entry.getKey())
            .append('=')
            .append(entry.getValue().asString())
            .append('\n');
      } else {
        line(0, name, entry.getKey() + "=" + entry.getValue().asString());
      }
      name = "";
    }
  }

  private static Map<String, JsonNode> asMap(JsonNode node) {
    Map<String, JsonNode> map = new java.util.HashMap<>();
    node.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue()));
    return map;
  }

  private void pod(JsonNode pod) {
    line(0, "Node", Json.text(pod, "spec", "nodeName") + "/" + Json.text(pod, "status", "hostIP"));
    line(0, "Status", Json.text(pod, "status", "phase"));
    for (String field : List.of("reason", "message")) {
      String value = Json.text(pod, "status", field);
      if (!value.isEmpty()) {
        line(0, field.equals("reason") ? "Reason" : "Message", value);
      }
    }
    line(0, "IP", Json.text(pod, "status", "podIP"));
    line(0, "QoS Class", Json.text(pod, "status", "qosClass"));
    containers(pod, "Init Containers", "initContainers", "initContainerStatuses");
    containers(pod, "Containers", "containers", "containerStatuses");
    conditions(pod);
    JsonNode volumes = Json.at(pod, "spec", "volumes");
    if (!volumes.isEmpty()) {
      text.append("Volumes:\n");
      for (JsonNode volume : volumes) {
        line(2, Json.text(volume, "name"), "");
        volume.properties().stream()
            .filter(entry -> !entry.getKey().equals("name"))
            .forEach(entry -> volume(label(entry.getKey()), entry.getValue()));
      }
    }
    JsonNode selector = Json.at(pod, "spec", "nodeSelector");
    if (!selector.isEmpty()) {
      pairs("Node-Selectors", selector);
    }
    JsonNode tolerations = Json.at(pod, "spec", "tolerations");
    for (JsonNode toleration : tolerations) {
      String seconds = Json.text(toleration, "tolerationSeconds");
      line(
          0,
          "Toleration",
          Json.text(toleration, "key")
              + ":"
              + Json.text(toleration, "effect")
              + " op="
              + Json.text(toleration, "operator")
              + (seconds.isEmpty() ? "" : " for " + seconds + "s"));
    }
  }

  /// `emptyDir: {}` says all by its name.
  private void volume(String kind, JsonNode source) {
    if (source.isEmpty()) {
      line(4, kind, "{}");
    } else {
      value(4, kind, source);
    }
  }

  private void containers(JsonNode pod, String title, String specs, String statuses) {
    if (Json.at(pod, "spec", specs).isEmpty()) {
      return;
    }
    text.append(title).append(":\n");
    for (JsonNode container : Json.at(pod, "spec", specs)) {
      String name = Json.text(container, "name");
      line(2, name, "");
      for (JsonNode status : Json.at(pod, "status", statuses)) {
        if (Json.text(status, "name").equals(name)) {
          status(status);
        }
      }
      container.properties().stream()
          .filter(entry ->
              !List.of("name", "terminationMessagePath", "terminationMessagePolicy")
                  .contains(entry.getKey()))
          .forEach(entry -> value(4, label(entry.getKey()), entry.getValue()));
    }
  }

  private void status(JsonNode status) {
    line(4, "Container ID", Json.text(status, "containerID"));
    line(4, "Image ID", Json.text(status, "imageID"));
    state("State", Json.at(status, "state"));
    if (!Json.at(status, "lastState").isEmpty()) {
      state("Last State", Json.at(status, "lastState"));
    }
    line(4, "Ready", Json.text(status, "ready"));
    line(4, "Restart Count", Json.text(status, "restartCount"));
  }

  private void state(String label, JsonNode state) {
    for (Map.Entry<String, JsonNode> entry : state.properties()) {
      line(4, label, label(entry.getKey()));
      entry.getValue().properties().stream()
          .filter(detail -> !detail.getKey().equals("containerID"))
          .forEach(detail -> value(6, label(detail.getKey()), detail.getValue()));
    }
  }

  private void conditions(JsonNode object) {
    JsonNode conditions = Json.at(object, "status", "conditions");
    if (conditions.isEmpty()) {
      return;
    }
    Columns columns = new Columns().add("  Type", "Status", "Since", "Reason", "Message");
    for (JsonNode condition : conditions) {
      columns.add(
          "  " + Json.text(condition, "type"),
          Json.text(condition, "status"),
          Age.since(Json.text(condition, "lastTransitionTime"), now),
          Json.text(condition, "reason"),
          Json.text(condition, "message"));
    }
    text.append("Conditions:\n").append(columns);
  }

  /// Sizes, never contents.
  private void secret(JsonNode secret) {
    line(0, "Type", Json.text(secret, "type"));
    text.append("Data:\n");
    for (Map.Entry<String, JsonNode> entry : Json.at(secret, "data").properties()) {
      int size = java.util.Base64.getMimeDecoder().decode(entry.getValue().asString()).length;
      line(2, entry.getKey(), size + " bytes");
    }
  }

  private void anything(JsonNode object) {
    for (String part : FIRST) {
      fields(object, part);
    }
    object.properties().stream()
        .map(Map.Entry::getKey)
        .filter(
            key -> !FIRST.contains(key) && !List.of("apiVersion", "kind", "metadata").contains(key))
        .forEach(key -> fields(object, key));
  }

  private void fields(JsonNode object, String part) {
    JsonNode node = Json.at(object, part);
    if (node.isMissingNode() || (node.isContainer() && node.isEmpty())) {
      return;
    }
    if (!node.isObject()) {
      value(0, label(part), node);
      return;
    }
    text.append(label(part)).append(":\n");
    node.properties().stream()
        .filter(entry -> !entry.getKey().equals("conditions"))
        .forEach(entry -> value(2, label(entry.getKey()), entry.getValue()));
    if (part.equals("status")) {
      conditions(object);
    }
  }

  private void value(int indent, String label, JsonNode value) {
    if (value.isContainer()) {
      if (value.isEmpty()) {
        return;
      }
      text.repeat(' ', indent).append(label).append(":\n");
      text.append(YamlCodec.write(value).indent(indent + 2));
    } else if (value.asString().contains("\n")) {
      text.repeat(' ', indent)
          .append(label)
          .append(":\n")
          .append(value.asString().indent(indent + 2));
    } else {
      line(indent, label, value.asString());
    }
  }

  /// `terminationGracePeriodSeconds` → `Termination Grace Period Seconds`.
  private static String label(String field) {
    String spaced = field.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ");
    return spaced.isEmpty()
        ? spaced
        : Character.toUpperCase(spaced.charAt(0)) + spaced.substring(1);
  }
}
