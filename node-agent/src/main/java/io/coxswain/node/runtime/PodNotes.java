package io.coxswain.node.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import io.coxswain.api.core.v1.Pod;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

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

  private static final JsonMapper JSON = JsonMapper.shared();

  private record Line(
      @Nullable String pod, @Nullable ContainerRecord container, @Nullable String forgotten) {}

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
        Line line = JSON.readValue(Arrays.copyOfRange(content, begin, end), Line.class);
        if (line.pod() != null) {
          pod = Optional.of(Pod.parseFrom(Base64.getDecoder().decode(line.pod())));
        }
        if (line.container() != null) {
          containers.put(line.container().id(), line.container());
        }
        if (line.forgotten() != null) {
          forgotten.add(line.forgotten());
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
    return line(Map.of("container", container));
  }

  static byte[] forgotten(String containerId) {
    return line(Map.of("forgotten", containerId));
  }

  private static byte[] line(Map<String, Object> said) {
    byte[] json = JSON.writeValueAsBytes(said);
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }
}
