package io.coxswain.node.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.JsonTrees;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a pod's file says: lines of JSON, each of them one of these, the later ones counting.
///
///     {"pod": "<base64 of the object>"}
///     {"container": {...}}                a [ContainerRecord]
///     {"forgotten": "<container id>"}     nothing said of it counts, before or after
///
/// A line that the machine's end cut off is none.
///
/// @param whole whether every line could be read
record PodNotes(Optional<Pod> pod, Map<String, ContainerRecord> containers, boolean whole) {

  static final PodNotes NONE = new PodNotes(Optional.empty(), Map.of(), true);

  static PodNotes read(byte[] content) {
    Optional<Pod> pod = Optional.empty();
    Map<String, ContainerRecord> containers = new LinkedHashMap<>();
    Set<String> forgotten = new HashSet<>();
    boolean whole = true;
    int begin = 0;
    for (int end = 0; end < content.length; end++) {
      if (content[end] != '\n') {
        continue;
      }
      try {
        JsonNode line = JsonTrees.read(Arrays.copyOfRange(content, begin, end));
        if (!line.isObject()) {
          throw new IllegalArgumentException("no object of JSON");
        }
        if (line.hasNonNull("pod")) {
          byte[] object = Base64.getDecoder().decode(line.path("pod").asString());
          pod = Optional.of(Pod.parseFrom(object));
        }
        if (line.hasNonNull("container")) {
          ContainerRecord container = ContainerRecords.read(line.path("container"));
          containers.put(container.id(), container);
        }
        if (line.hasNonNull("forgotten")) {
          forgotten.add(line.path("forgotten").asString());
        }
      } catch (JacksonException | InvalidProtocolBufferException | IllegalArgumentException e) {
        whole = false;
      }
      begin = end + 1;
    }
    containers.keySet().removeAll(forgotten);
    return new PodNotes(pod, containers, whole && begin == content.length);
  }

  /// Says the same in as few lines as can be.
  byte[] content() {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    pod.ifPresent(one -> content.writeBytes(line(one)));
    containers.values().forEach(one -> content.writeBytes(line(one)));
    return content.toByteArray();
  }

  static byte[] line(Pod pod) {
    return line(Map.of("pod", Base64.getEncoder().encodeToString(pod.toByteArray())));
  }

  static byte[] line(ContainerRecord container) {
    return line(Map.of("container", ContainerRecords.tree(container)));
  }

  static byte[] forgotten(String containerId) {
    return line(Map.of("forgotten", containerId));
  }

  private static byte[] line(Map<String, Object> said) {
    byte[] json = JsonTrees.bytes(said);
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }
}
