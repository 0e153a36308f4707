package io.coxswain.controlplane.hostile;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads everything that is stored in all three encodings and compares them, and then writes it
/// back as it was read, which must change nothing.
final class ReadBack {

  private static final JsonCodec JSON = new JsonCodec(Long.MAX_VALUE);

  /// Controllers write, too.
  private static final int TRIES = 4;

  private final Target target;
  private final List<String> problems = new ArrayList<>();
  private int objects;

  ReadBack(Target target) {
    this.target = target;
  }

  int objects() {
    return objects;
  }

  /// What cannot be read or written back, or is not the same in all encodings.
  List<String> problems() throws IOException, InterruptedException {
    for (ResourceType<?> type : Schema.api().types()) {
      if (type.stored()) {
        String path = Inventory.collection(type);
        JsonNode json = list(path);
        sameInProtobuf(path, json, type);
        for (JsonNode item : json.path("items")) {
          String at = Inventory.path(path, item);
          unchanged(at, Target.JSON);
          unchanged(at, Target.YAML);
          unchanged(at, Target.PROTOBUF);
        }
      }
    }
    JsonNode definitions =
        Target.tree(get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Target.JSON))
            .path("items");
    for (JsonNode definition : definitions) {
      for (JsonNode version : definition.at("/spec/versions")) {
        boolean established =
            definition.at("/status/conditions").toString().contains("\"Established\"");
        if (version.path("served").asBoolean(false) && established) {
          custom(definition.path("spec"), version.path("name").asString());
        }
      }
    }
    return problems;
  }

  private void custom(JsonNode spec, String version) throws IOException, InterruptedException {
    String path =
        "/apis/%s/%s/%s"
            .formatted(spec.path("group").asString(), version, spec.at("/names/plural").asString());
    for (JsonNode item : list(path).path("items")) {
      String at = Inventory.path(path, item);
      unchanged(at, Target.JSON);
      unchanged(at, Target.YAML);
    }
  }

  /// Reads one object and puts it back.
  private void unchanged(String path, String encoding) throws IOException, InterruptedException {
    String problem = "";
    for (int i = 0; i < TRIES; i++) {
      HttpResponse<byte[]> read = target.get(path, encoding);
      if (read.statusCode() == 404) {
        return;
      }
      String before = version(target.get(path, Target.JSON).body());
      HttpResponse<byte[]> put = target.send("PUT", path, encoding, read.body(), Target.JSON);
      // What its own schema refuses by now has a schema that was changed after it.
      boolean outgrown = put.statusCode() == 422 && path.contains(Corpus.CUSTOM_GROUP);
      boolean same = put.statusCode() == 200 && version(put.body()).equals(before);
      if (read.statusCode() == 200 && (same || outgrown)) {
        return;
      }
      problem =
          "%s as %s: read %d, put again %d%s: %s of %s"
              .formatted(
                  path,
                  encoding,
                  read.statusCode(),
                  put.statusCode(),
                  put.statusCode() == 200 ? ", which changed it" : "",
                  shown(put.body()),
                  shown(read.body()));
    }
    problems.add(problem);
  }

  private static String shown(byte[] body) {
    return HostileRequest.shortened(new String(body, StandardCharsets.UTF_8), 3000);
  }

  private static String version(byte[] json) {
    return Target.tree(json).at("/metadata/resourceVersion").asString("");
  }

  private JsonNode list(String path) throws IOException, InterruptedException {
    byte[] json = get(path, Target.JSON);
    JsonNode tree;
    try {
      tree = JSON.readTree(json);
    } catch (ApiException e) {
      problems.add(path + ": no JSON: " + e.getMessage() + "\n" + shown(json));
      return JSON.readTree("{}".getBytes(StandardCharsets.UTF_8));
    }
    objects += tree.path("items").size();
    byte[] yaml = get(path, Target.YAML);
    try {
      JsonNode again = JSON.readTree(JSON.writeTree(YamlCodec.parseOne(yaml).content()));
      if (sameRevision(tree, again) && !again.path("items").equals(tree.path("items"))) {
        problems.add(path + ": YAML is not the JSON: " + difference(tree, again));
      }
    } catch (ApiException e) {
      problems.add(path + ": no YAML: " + e.getMessage() + "\n" + shown(yaml));
    }
    get(path, "application/json;as=Table;v=v1;g=meta.k8s.io");
    get(path, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
    return tree;
  }

  private static boolean sameRevision(JsonNode one, JsonNode other) {
    String revision = "/metadata/resourceVersion";
    return one.at(revision).equals(other.at(revision));
  }

  private void sameInProtobuf(String path, JsonNode json, ResourceType<?> type)
      throws IOException, InterruptedException {
    Message list = ProtoEnvelope.decode(get(path, Target.PROTOBUF));
    JsonNode whole = JSON.readTree(JSON.writeTree(JSON.toTree(list)));
    if (!sameRevision(json, whole)) {
      return; // something was written in between
    }
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
      if (plain instanceof ObjectNode object) {
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

  private byte[] get(String path, String accept) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = target.get(path, accept);
    // A kind may have been taken away again meanwhile.
    boolean gone = answer.statusCode() == 404 && path.contains(Corpus.CUSTOM_GROUP);
    if (answer.statusCode() == 200) {
      return answer.body();
    }
    if (!gone) {
      problems.add(
          path + " as " + accept + ": " + answer.statusCode() + " " + shown(answer.body()));
    }
    return accept.contains("protobuf")
        ? ProtoEnvelope.encode(io.coxswain.api.core.v1.PodList.getDefaultInstance())
        : "{\"items\":[]}".getBytes(StandardCharsets.UTF_8);
  }
}
