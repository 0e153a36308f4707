package io.coxswain.controlplane.hostile;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.hostile.Corpus.Sample;
import io.coxswain.controlplane.hostile.HostileRequest.Framing;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes request number n of a seed: the same one each time.
final class RequestSource {

  static final List<String> NAMESPACES = List.of("hostile-0", "hostile-1");

  private static final JsonMapper JSON =
      new JsonMapper(
          JsonFactory.builder()
              .streamWriteConstraints(
                  StreamWriteConstraints.builder().maxNestingDepth(9000).build())
              .build());
  private static final String JSON_TYPE = "application/json";
  private static final String YAML_TYPE = "application/yaml";
  private static final String PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";

  private static final List<String> NAMES = List.of("a", "b", "c", "d.e", "x-1");

  /// What the whole test stands on is not emptied.
  private static final Set<String> KEPT = Set.of("namespaces", "serviceaccounts");

  private static final List<String> ACCEPT =
      List.of(
          JSON_TYPE,
          JSON_TYPE,
          YAML_TYPE,
          PROTOBUF_TYPE,
          "application/json;as=Table;v=v1;g=meta.k8s.io, application/json",
          "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
          "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,*/*",
          "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
          "application/json;as=Nonsense;v=v9",
          "application/vnd.kubernetes.protobuf;stream=watch",
          "text/html",
          "*/*;q=0",
          ",;=,;;",
          "application/*");

  private static final List<String> PATCH_TYPES =
      List.of(
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json",
          "application/apply-patch+yaml");

  private static final List<String> PARAMETERS =
      List.of(
          "labelSelector",
          "fieldSelector",
          "resourceVersion",
          "resourceVersionMatch",
          "limit",
          "continue",
          "timeoutSeconds",
          "allowWatchBookmarks",
          "sendInitialEvents",
          "dryRun",
          "fieldManager",
          "fieldValidation",
          "force",
          "pretty",
          "gracePeriodSeconds",
          "propagationPolicy",
          "orphanDependents",
          "includeObject",
          "exact",
          "export",
          "as",
          "tailLines",
          "command",
          "ports",
          "%zz",
          "");

  private static final List<String> VALUES =
      List.of(
          "0",
          "1",
          "-1",
          "true",
          "false",
          "All",
          "Strict",
          "Warn",
          "Ignore",
          "Exact",
          "NotOlderThan",
          "Background",
          "Orphan",
          "Foreground",
          "a",
          "app=a",
          "app in (a,b)",
          "app notin (a)",
          "!app",
          "app=a,app!=a",
          "metadata.name=a",
          "metadata.namespace!=x",
          "status.phase=Running",
          "spec.color=red",
          "spec.nodeName=",
          "metadata.name=a,,",
          "app in (",
          "a==b==c",
          "==",
          "99999999999999999999",
          "9223372036854775807",
          "Metadata",
          "Object",
          "None",
          "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0",
          "bm9uc2Vuc2U",
          "%",
          "%f",
          "%00",
          "%ff%fe",
          "+");

  private final Corpus corpus;
  private final long seed;

  RequestSource(Corpus corpus, long seed) {
    this.corpus = corpus;
    this.seed = seed;
  }

  HostileRequest request(long number) {
    Chance chance = new Chance(seed, number);
    int kind = chance.below(100);
    if (kind < 40) {
      return write(chance);
    }
    if (kind < 62) {
      return patch(chance);
    }
    if (kind < 75) {
      return read(chance);
    }
    if (kind < 81) {
      return delete(chance);
    }
    if (kind < 88) {
      return part(chance);
    }
    if (kind < 93) {
      return definition(chance);
    }
    return anywhere(chance);
  }

  private HostileRequest write(Chance chance) {
    Sample sample = chance.of(corpus.samples());
    boolean update = chance.percent(35);
    ObjectNode tree = tree(sample, chance);
    String name = tree.path("metadata").path("name").asString("a");
    if (chance.percent(90)) {
      new TreeDamage(chance).damage(tree, chance.below(4));
    }
    String path = sample.path(chance.of(NAMESPACES));
    return bodied(
        update ? "PUT" : "POST", update ? path + "/" + segment(name) : path, sample, tree, chance);
  }

  private static ObjectNode tree(Sample sample, Chance chance) {
    ObjectNode tree = sample.tree().deepCopy();
    if (tree.path("metadata") instanceof ObjectNode metadata && metadata.has("name")) {
      boolean named = sample.plural().equals("customresourcedefinitions");
      if (!named) {
        metadata.put("name", chance.of(NAMES));
      }
    }
    return tree;
  }

  private HostileRequest bodied(
      String method, String path, Sample sample, ObjectNode tree, Chance chance) {
    byte[] body;
    String type;
    switch (chance.below(4)) {
      case 0 -> {
        type = YAML_TYPE;
        body = utf8(yaml(tree));
      }
      case 1 -> {
        var protobuf = sample.protobuf(tree);
        type = protobuf.isPresent() ? PROTOBUF_TYPE : JSON_TYPE;
        body = protobuf.orElseGet(() -> JSON.writeValueAsBytes(tree));
      }
      default -> {
        type = JSON_TYPE;
        body = JSON.writeValueAsBytes(tree);
      }
    }
    if (chance.percent(15)) {
      body = ByteDamage.damage(body, chance);
    }
    if (chance.percent(3)) {
      type = chance.of(List.of("", "text/plain", YAML_TYPE, PROTOBUF_TYPE, "a/b;c=\"", JSON_TYPE));
    }
    return finished(method, path, type, body, chance, false);
  }

  private static String yaml(JsonNode tree) {
    try {
      return YamlCodec.write(tree);
    } catch (RuntimeException unwritable) {
      return tree.toString();
    }
  }

  private HostileRequest patch(Chance chance) {
    Sample sample = chance.of(corpus.samples());
    String path = sample.path(chance.of(NAMESPACES)) + "/" + name(sample, chance);
    if (!sample.subresources().isEmpty() && chance.percent(15)) {
      path += "/" + chance.of(sample.subresources());
    }
    String type = chance.of(PATCH_TYPES);
    ObjectNode tree = tree(sample, chance);
    new TreeDamage(chance).damage(tree, chance.below(4));
    byte[] body;
    if (type.startsWith("application/json-patch")) {
      body = JSON.writeValueAsBytes(operations(tree, chance));
    } else {
      if (type.contains("strategic") && chance.percent(60)) {
        direct(tree, chance);
      }
      body = type.contains("apply") ? utf8(yaml(tree)) : JSON.writeValueAsBytes(tree);
    }
    if (chance.percent(10)) {
      body = ByteDamage.damage(body, chance);
    }
    String query =
        type.contains("apply") && chance.percent(95)
            ? "?fieldManager=" + chance.of(NAMES) + (chance.percent(60) ? "&force=true" : "")
            : "";
    return finished("PATCH", path + query, type, body, chance, false);
  }

  private static ArrayNode operations(ObjectNode tree, Chance chance) {
    ArrayNode operations = JsonNodeFactory.instance.arrayNode();
    List<String> pointers = new ArrayList<>();
    pointers(tree, "", pointers);
    int count = chance.percent(3) ? 3000 : 1 + chance.below(5);
    for (int i = 0; i < count; i++) {
      ObjectNode operation = operations.addObject();
      operation.put(
          "op", chance.of(List.of("add", "remove", "replace", "move", "copy", "test", "nope", "")));
      operation.put("path", pointer(pointers, chance));
      operation.put("from", pointer(pointers, chance));
      operation.set("value", Nasty.value(chance));
      new TreeDamage(chance).damage(operation, chance.percent(10) ? 1 : 0);
    }
    return operations;
  }

  private static String pointer(List<String> pointers, Chance chance) {
    String pointer = chance.of(pointers);
    return switch (chance.below(8)) {
      case 0 -> pointer + "/-";
      case 1 -> pointer + "/0";
      case 2 -> pointer + "/" + chance.of(Nasty.TEXTS);
      case 3 -> chance.of(List.of("", "/", "//", "/~", "/~2", "a", "/metadata/annotations/a~1b"));
      default -> pointer;
    };
  }

  private static void pointers(JsonNode node, String at, List<String> into) {
    into.add(at);
    if (node instanceof ObjectNode object) {
      for (String field : object.propertyNames()) {
        pointers(object.get(field), at + "/" + field, into);
      }
    } else if (node instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        pointers(list.get(i), at + "/" + i, into);
      }
    }
  }

  /// Puts directives of strategic merges somewhere.
  private static void direct(ObjectNode tree, Chance chance) {
    JsonNode spec = tree.path("spec");
    ObjectNode into =
        chance.percent(50) && spec instanceof ObjectNode object && chance.percent(80)
            ? object
            : tree;
    String directive =
        chance.of(
            List.of(
                "$patch",
                "$retainKeys",
                "$setElementOrder/containers",
                "$deleteFromPrimitiveList/finalizers",
                "$deleteFromPrimitiveList/",
                "$setElementOrder/",
                "$setElementOrder/metadata"));
    into.set(
        directive,
        chance.percent(50)
            ? JsonNodeFactory.instance.stringNode(
                chance.of(List.of("delete", "replace", "merge", "nope", "")))
            : Nasty.value(chance));
  }

  private HostileRequest read(Chance chance) {
    Sample sample = chance.of(corpus.samples());
    String path =
        chance.percent(20) && sample.namespaced()
            ? sample.path("x").replace("/namespaces/x", "")
            : sample.path(chance.of(NAMESPACES));
    if (chance.percent(40)) {
      path += "/" + name(sample, chance);
    }
    boolean watch = chance.percent(20);
    String query = watch ? "?watch=1&" : "?";
    return finished("GET", path + query + query(chance), "", new byte[0], chance, watch);
  }

  private static String query(Chance chance) {
    StringBuilder query = new StringBuilder();
    int count = chance.percent(2) ? 400 : chance.below(4);
    for (int i = 0; i < count; i++) {
      String value =
          chance.percent(80)
              ? chance.of(VALUES)
              : HostileRequest.shortened(chance.of(Nasty.TEXTS), 500);
      query.append(chance.of(PARAMETERS)).append('=');
      query
          .append(chance.percent(90) ? segment(value) : value.replaceAll("[^!-~]", ""))
          .append('&');
    }
    return query.toString();
  }

  private HostileRequest delete(Chance chance) {
    Sample sample = chance.of(corpus.samples());
    boolean all = chance.percent(10) && !KEPT.contains(sample.plural());
    String path = sample.path(chance.of(NAMESPACES));
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    options.put("kind", "DeleteOptions").put("apiVersion", "v1");
    options.put("gracePeriodSeconds", chance.of(List.of(0, 1, 30, -1, Integer.MAX_VALUE)));
    options.put("propagationPolicy", chance.of(List.of("Background", "Foreground", "Orphan", "x")));
    options.putObject("preconditions").put("uid", chance.of(Nasty.TEXTS));
    if (chance.percent(70)) {
      options.remove("preconditions");
    }
    if (chance.percent(30)) {
      new TreeDamage(chance).damage(options, 2);
    }
    byte[] body = chance.percent(50) ? new byte[0] : JSON.writeValueAsBytes(options);
    if (chance.percent(5)) {
      body = ByteDamage.damage(body, chance);
    }
    String query = chance.percent(30) ? "?" + query(chance) : "";
    return finished(
        "DELETE",
        (all ? path : path + "/" + name(sample, chance)) + query,
        chance.percent(90) ? JSON_TYPE : PROTOBUF_TYPE,
        body,
        chance,
        false);
  }

  /// Subresources, with bodies of theirs and of others.
  private HostileRequest part(Chance chance) {
    List<Sample> parted =
        corpus.samples().stream().filter(sample -> !sample.subresources().isEmpty()).toList();
    Sample sample = chance.of(parted);
    String part = chance.of(sample.subresources());
    String path = sample.path(chance.of(NAMESPACES)) + "/" + name(sample, chance) + "/" + part;
    String method = chance.of(List.of("GET", "PUT", "POST", "PATCH", "DELETE"));
    ObjectNode body = partBody(sample, part, chance);
    if (body.path("metadata") instanceof ObjectNode metadata && chance.percent(80)) {
      metadata.put("name", "a");
    }
    new TreeDamage(chance).damage(body, chance.below(4));
    boolean stream = method.equals("GET") || Set.of("exec", "attach", "portforward").contains(part);
    String query = chance.percent(50) ? "?" + query(chance) : "";
    return method.equals("GET")
        ? finished(method, path + query, "", new byte[0], chance, stream)
        : finished(
            method,
            path + query,
            method.equals("PATCH") ? chance.of(PATCH_TYPES) : JSON_TYPE,
            JSON.writeValueAsBytes(body),
            chance,
            stream);
  }

  private static ObjectNode partBody(Sample sample, String part, Chance chance) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("metadata").put("name", "a");
    switch (part) {
      case "scale" -> {
        body.put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        body.putObject("spec").put("replicas", chance.below(5));
      }
      case "eviction" -> {
        body.put("kind", "Eviction").put("apiVersion", "policy/v1");
        body.putObject("deleteOptions").put("gracePeriodSeconds", 0);
      }
      case "binding" -> {
        body.put("kind", "Binding").put("apiVersion", "v1");
        body.putObject("target").put("kind", "Node").put("name", "a");
      }
      case "token" -> {
        body.put("kind", "TokenRequest").put("apiVersion", "authentication.k8s.io/v1");
        ObjectNode spec = body.putObject("spec").put("expirationSeconds", 3600);
        spec.putArray("audiences").add("x");
        spec.putObject("boundObjectRef")
            .put("kind", "Pod")
            .put("apiVersion", "v1")
            .put("name", "a")
            .put("uid", "u");
      }
      default -> {
        return sample.tree().deepCopy();
      }
    }
    return body;
  }

  /// Definitions of kinds with made-up schemas.
  private HostileRequest definition(Chance chance) {
    Sample sample = corpus.of("CustomResourceDefinition");
    ObjectNode tree = sample.tree().deepCopy();
    String plural = "k" + chance.below(4);
    tree.withObject("/metadata").put("name", plural + "." + Corpus.CUSTOM_GROUP);
    tree.withObject("/spec/names")
        .put("plural", plural)
        .put("singular", plural)
        .put("kind", "K" + plural)
        .remove("shortNames");
    ObjectNode schema = tree.withObject("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    schema.set(
        "properties", JsonNodeFactory.instance.objectNode().set("x", Schemas.random(chance, 4)));
    if (chance.percent(50)) {
      schema
          .withArray("/x-kubernetes-validations")
          .addObject()
          .put("rule", chance.of(Nasty.TEXTS))
          .put("messageExpression", chance.of(Nasty.TEXTS));
    }
    if (chance.percent(50)) {
      new TreeDamage(chance).damage(tree, 1 + chance.below(3));
    }
    String root = sample.path("");
    if (chance.percent(25)) {
      String at = "/apis/" + Corpus.CUSTOM_GROUP + "/v1/namespaces/hostile-0/" + plural;
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      object.put("apiVersion", Corpus.CUSTOM_GROUP + "/v1").put("kind", "K" + plural);
      object.putObject("metadata").put("name", chance.of(NAMES));
      object.putObject("spec").put("size", 1).set("x", Nasty.value(chance));
      return finished("POST", at, JSON_TYPE, JSON.writeValueAsBytes(object), chance, false);
    }
    if (chance.percent(20)) {
      String at = root + "/" + plural + "." + Corpus.CUSTOM_GROUP;
      return finished("DELETE", at, "", new byte[0], chance, false);
    }
    return bodied("POST", root, sample, tree, chance);
  }

  private HostileRequest anywhere(Chance chance) {
    StringBuilder path = new StringBuilder();
    List<String> parts =
        List.of(
            "api",
            "apis",
            "v1",
            "apps",
            "namespaces",
            "hostile-0",
            "pods",
            "a",
            "status",
            "watch",
            "proxy",
            "log",
            "openapi",
            "v2",
            "v3",
            "metrics",
            "livez",
            "readyz",
            "healthz",
            "etcd",
            "version",
            "..",
            ".",
            "",
            "%2e%2e",
            "%2f",
            "%00",
            "%ff",
            "%zz",
            "exec",
            "nodes",
            "swagger.json",
            "configmaps",
            "debug",
            "logs",
            "*",
            "{}",
            "ünï",
            "x y",
            "openid",
            "jwks",
            ".well-known",
            "openid-configuration",
            "batch",
            "hostile.example.com",
            "boats");
    int depth = 1 + chance.below(8);
    for (int i = 0; i < depth; i++) {
      path.append('/').append(chance.of(parts));
    }
    if (chance.percent(2)) {
      path.append("/x".repeat(7000));
    }
    String method =
        chance.of(
            List.of(
                "GET",
                "GET",
                "GET",
                "POST",
                "PUT",
                "PATCH",
                "DELETE",
                "HEAD",
                "OPTIONS",
                "TRACE",
                "CONNECT",
                "PROPFIND",
                "get",
                "G\u00e9T"));
    byte[] body = chance.percent(30) ? ByteDamage.damage(utf8("{}"), chance) : new byte[0];
    String query = chance.percent(40) ? "?" + query(chance) : "";
    String target = path.toString().replace(" ", chance.percent(50) ? " " : "%20") + query;
    return finished(method, target, JSON_TYPE, body, chance, target.contains("watch"));
  }

  private HostileRequest finished(
      String method, String target, String type, byte[] body, Chance chance, boolean stream) {
    byte[] sent = body;
    if (!type.contains("protobuf") && !type.isEmpty()) {
      String text = new String(body, StandardCharsets.ISO_8859_1);
      if (text.contains(Nasty.HALF_CHARACTER)) {
        sent = text.replace(Nasty.HALF_CHARACTER, "\\ud800").getBytes(StandardCharsets.ISO_8859_1);
      }
    }
    List<String> headers = new ArrayList<>();
    headers.add("accept: " + (chance.percent(70) ? JSON_TYPE : chance.of(ACCEPT)));
    if (!type.isEmpty()) {
      headers.add("content-type: " + type);
    }
    if (chance.percent(10)) {
      headers.add(odd(chance));
    }
    Framing framing =
        chance.percent(98) || method.equals("GET")
            ? (chance.percent(90) ? Framing.LENGTH : Framing.CHUNKS)
            : chance.of(List.of(Framing.values()));
    boolean headOnly = stream || method.equals("HEAD") || method.equals("CONNECT");
    return new HostileRequest(method, target, headers, sent, framing, headOnly);
  }

  private static String odd(Chance chance) {
    String text = chance.of(Nasty.TEXTS).replaceAll("[\\r\\n\\x00]", "?");
    text = HostileRequest.shortened(text, chance.percent(5) ? 80_000 : 2000).replace("…", "");
    return chance.of(
            List.of(
                "impersonate-user: ",
                "impersonate-group: ",
                "impersonate-extra-a%zz: ",
                "impersonate-uid: ",
                "user-agent: ",
                "x-odd: ",
                "accept-encoding: gzip;q=",
                "if-none-match: ",
                "if-match: ",
                "content-encoding: ",
                "upgrade: ",
                "expect: ",
                "range: ",
                "cookie: ",
                "traceparent: ",
                "origin: "))
        + text;
  }

  private static String name(Sample sample, Chance chance) {
    if (chance.percent(5)) {
      return segment(HostileRequest.shortened(chance.of(Nasty.TEXTS), 500));
    }
    boolean fixed = sample.plural().equals("customresourcedefinitions");
    return fixed ? sample.tree().at("/metadata/name").stringValue() : chance.of(NAMES);
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
