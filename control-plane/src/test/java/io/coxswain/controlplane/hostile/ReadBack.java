package io.coxswain.controlplane.hostile;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.TestPlane;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Reads everything that is stored in all three encodings and compares them.
final class ReadBack {

  private static final JsonCodec JSON = new JsonCodec(Long.MAX_VALUE);

  private final TestPlane plane;
  private final List<String> problems = new ArrayList<>();
  private int objects;

  ReadBack(TestPlane plane) {
    this.plane = plane;
  }

  int objects() {
    return objects;
  }

  /// What cannot be read, or is not the same in all encodings.
  List<String> problems() throws Exception {
    for (ResourceType<?> type : Schema.api().types()) {
      if (type.stored()) {
        String root = type.group().isEmpty() ? "/api/" : "/apis/";
        String path = root + type.apiVersion() + "/" + type.plural();
        JsonNode json = list(path);
        sameInProtobuf(path, json, type);
      }
    }
    JsonNode definitions =
        list("/apis/apiextensions.k8s.io/v1/customresourcedefinitions").path("items");
    for (JsonNode definition : definitions) {
      JsonNode spec = definition.path("spec");
      for (JsonNode version : spec.path("versions")) {
        boolean served = version.path("served").asBoolean(false);
        boolean established =
            definition.path("status").path("conditions").toString().contains("\"Established\"");
        if (served && established) {
          list(
              "/apis/%s/%s/%s"
                  .formatted(
                      spec.path("group").asString(),
                      version.path("name").asString(),
                      spec.path("names").path("plural").asString()));
        }
      }
    }
    return problems;
  }

  private JsonNode list(String path) throws Exception {
    byte[] json = get(path, "application/json");
    JsonNode tree;
    try {
      tree = JSON.readTree(json);
    } catch (ApiException e) {
      problems.add(
          path + ": no JSON: " + e.getMessage() + "\n" + new String(json, StandardCharsets.UTF_8));
      return JSON.readTree("{}".getBytes(StandardCharsets.UTF_8));
    }
    objects += tree.path("items").size();
    byte[] yaml = get(path, "application/yaml");
    try {
      JsonNode again = JSON.readTree(JSON.writeTree(YamlCodec.parseOne(yaml).content()));
      if (!again.path("items").equals(tree.path("items"))) {
        problems.add(path + ": YAML is not the JSON: " + difference(tree, again));
      }
    } catch (ApiException e) {
      problems.add(
          path + ": no YAML: " + e.getMessage() + "\n" + new String(yaml, StandardCharsets.UTF_8));
    }
    get(path, "application/json;as=Table;v=v1;g=meta.k8s.io");
    get(path, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
    return tree;
  }

  private void sameInProtobuf(String path, JsonNode json, ResourceType<?> type) throws Exception {
    Message list = ProtoEnvelope.decode(get(path, "application/vnd.kubernetes.protobuf"));
    FieldDescriptor items = list.getDescriptorForType().findFieldByName("items");
    for (int i = 0; i < list.getRepeatedFieldCount(items); i++) {
      Message item = (Message) list.getRepeatedField(items, i);
      JsonNode fromProtobuf;
      try {
        fromProtobuf = JSON.toTree(item);
      } catch (RuntimeException e) {
        problems.add(path + ": protobuf that is no JSON: " + e + " of " + item);
        continue;
      }
      JsonNode fromJson = json.path("items").path(i);
      // Items of a list do not say what they are.
      JsonNode plain = JSON.readTree(JSON.writeTree(fromProtobuf));
      if (plain instanceof tools.jackson.databind.node.ObjectNode object) {
        object.remove(List.of("kind", "apiVersion"));
      }
      if (!plain.equals(fromJson)) {
        problems.add(path + ": protobuf is not the JSON: " + difference(fromJson, plain));
      }
    }
    if (list.getRepeatedFieldCount(items) != json.path("items").size()) {
      problems.add(path + ": protobuf and JSON are of different length for " + type);
    }
  }

  private static String difference(JsonNode one, JsonNode other) {
    String a = one.toString();
    String b = other.toString();
    int at = 0;
    while (at < Math.min(a.length(), b.length()) && a.charAt(at) == b.charAt(at)) {
      at++;
    }
    int from = Math.max(0, at - 200);
    return "\n  "
        + HostileRequest.shortened(a.substring(from), 400)
        + "\n  "
        + HostileRequest.shortened(b.substring(from), 400);
  }

  private byte[] get(String path, String accept) throws Exception {
    HttpResponse<byte[]> answer =
        plane
            .admin()
            .send(
                plane.request(path).header("accept", accept).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      problems.add(
          path
              + " as "
              + accept
              + ": "
              + answer.statusCode()
              + " "
              + new String(answer.body(), StandardCharsets.UTF_8));
      return accept.contains("protobuf")
          ? ProtoEnvelope.encode(io.coxswain.api.core.v1.PodList.getDefaultInstance())
          : "{\"items\":[]}".getBytes(StandardCharsets.UTF_8);
    }
    return answer.body();
  }
}
