package io.coxswain.node.runtime;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.runtime.ContainerRecord.Origin;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A [ContainerRecord] as JSON, each component by its name: what an agent writes down of a
/// container for the next one, which may be older or newer. Of what is not there nothing is known.
final class ContainerRecords {

  private ContainerRecords() {}

  static ObjectNode tree(ContainerRecord container) {
    ObjectNode tree =
        JsonTrees.object()
            .put("id", container.id())
            .put("podUid", container.podUid())
            .put("container", container.container())
            .put("attempt", container.attempt())
            .put("image", container.image())
            .put("imageId", container.imageId())
            .put("imageReference", container.imageReference())
            .put("bootId", container.bootId())
            .put("pid", container.pid())
            .put("monitorPid", container.monitorPid())
            .put("stopSignal", container.stopSignal())
            .put("exitCode", container.exitCode())
            .put("createdAt", container.createdAt().toString())
            .put("startedAt", container.startedAt().toString())
            .put("finishedAt", container.finishedAt().toString())
            .put("reason", container.reason())
            .put("message", container.message());
    ObjectNode granted = tree.putObject("granted");
    texts(granted.putObject("requests"), container.granted().requests());
    texts(granted.putObject("limits"), container.granted().limits());
    tree.putObject("origin")
        .put("sandbox", container.origin().sandbox())
        .put("runtime", container.origin().runtime());
    return tree;
  }

  private static void texts(ObjectNode tree, Map<String, String> texts) {
    texts.forEach(tree::put);
  }

  /// @throws JacksonException when something is there that is no text, or no number
  /// @throws IllegalArgumentException when it has no id, or something is no time
  static ContainerRecord read(JsonNode tree) {
    String id = text(tree, "id");
    if (id.isEmpty()) {
      throw new IllegalArgumentException("no id");
    }
    return new ContainerRecord(
        id,
        text(tree, "podUid"),
        text(tree, "container"),
        number(tree, "attempt", 0),
        text(tree, "image"),
        text(tree, "imageId"),
        text(tree, "imageReference"),
        text(tree, "bootId"),
        number(tree, "pid", 0),
        number(tree, "monitorPid", 0),
        number(tree, "stopSignal", 0),
        number(tree, "exitCode", -1),
        time(tree, "createdAt"),
        time(tree, "startedAt"),
        time(tree, "finishedAt"),
        text(tree, "reason"),
        text(tree, "message"),
        granted(tree.path("granted")),
        origin(tree.path("origin")));
  }

  private static Granted granted(JsonNode tree) {
    return new Granted(texts(tree.path("requests")), texts(tree.path("limits")));
  }

  private static Origin origin(JsonNode tree) {
    return new Origin(text(tree, "sandbox"), text(tree, "runtime"));
  }

  private static Map<String, String> texts(JsonNode tree) {
    Map<String, String> texts = new LinkedHashMap<>();
    tree.forEachEntry((name, text) -> texts.put(name, text.stringValue()));
    return texts;
  }

  private static String text(JsonNode tree, String name) {
    return tree.hasNonNull(name) ? tree.path(name).stringValue() : "";
  }

  private static int number(JsonNode tree, String name, int unknown) {
    return tree.hasNonNull(name) ? tree.path(name).intValue() : unknown;
  }

  private static Instant time(JsonNode tree, String name) {
    String text = text(tree, name);
    try {
      return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("%s is no time: %s".formatted(name, text), e);
    }
  }
}
