package io.coxswain.node.device;

import com.google.protobuf.InvalidProtocolBufferException;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.plugin.device.ContainerAllocateResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The book on disk, for the next agent: in the file and with the fields of kubelet's, which
/// vendors' tools read, too. It has one more, the machine's start in which a pod got its devices.
/// Kubelet's checksum is over the memory of a Go program, and is left out.
final class DeviceCheckpoint {

  static final String FILE = "kubelet_internal_checkpoint";

  private static final Logger log = LoggerFactory.getLogger(DeviceCheckpoint.class);
  private final Path file;

  DeviceCheckpoint(Path folder) {
    this.file = folder.resolve(FILE);
  }

  /// What it holds.
  ///
  /// @param resources that plugins had registered
  record Content(Collection<String> resources, List<DeviceBook.Entry> entries) {}

  /// One that cannot be read is none, with a word in the log.
  Content read() throws IOException {
    List<DeviceBook.Entry> entries = new ArrayList<>();
    try {
      JsonNode data = JsonTrees.read(Files.readAllBytes(file)).path("Data");
      for (JsonNode one : data.path("PodDeviceEntries")) {
        entries.add(entry(one));
      }
      return new Content(List.copyOf(data.path("RegisteredDevices").propertyNames()), entries);
    } catch (NoSuchFileException e) {
      return new Content(List.of(), List.of());
    } catch (JacksonException | InvalidProtocolBufferException | IllegalArgumentException e) {
      log.warn("{} cannot be read: pods are given devices anew", file, e);
      return new Content(List.of(), List.of());
    }
  }

  private static DeviceBook.Entry entry(JsonNode one) throws InvalidProtocolBufferException {
    Map<Long, List<String>> near = new TreeMap<>();
    for (Map.Entry<String, JsonNode> node : one.path("DeviceIDs").properties()) {
      List<String> ids = new ArrayList<>();
      node.getValue().forEach(id -> ids.add(id.asString("")));
      near.put(Long.parseLong(node.getKey()), ids);
    }
    return new DeviceBook.Entry(
        one.path("PodUID").asString(""),
        one.path("ContainerName").asString(""),
        one.path("ResourceName").asString(""),
        one.path("BootID").asString(""),
        new DeviceGrant(
            near,
            ContainerAllocateResponse.parseFrom(
                Base64.getDecoder().decode(one.path("AllocResp").asString("")))));
  }

  /// Replaces the file at once.
  synchronized void write(Map<String, Set<String>> registered, List<DeviceBook.Entry> entries)
      throws IOException {
    List<Object> lines = new ArrayList<>();
    for (DeviceBook.Entry entry : entries) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("PodUID", entry.pod());
      line.put("ContainerName", entry.container());
      line.put("ResourceName", entry.resource());
      line.put("DeviceIDs", new TreeMap<>(entry.grant().devices()));
      line.put(
          "AllocResp", Base64.getEncoder().encodeToString(entry.grant().response().toByteArray()));
      line.put("BootID", entry.boot());
      lines.add(line);
    }
    byte[] content =
        JsonTrees.bytes(
            Map.of("Data", Map.of("PodDeviceEntries", lines, "RegisteredDevices", registered)));
    Path next = file.resolveSibling(FILE + ".new");
    Files.write(next, content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
