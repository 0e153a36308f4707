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

  static final List<String> NAMESPACES = List.of("hostile-0", "hostile-1", Policies.NAMESPACE);

  private static final JsonMapper JSON =
      new JsonMapper(
          JsonFactory.builder()
              .streamWriteConstraints(
                  StreamWriteConstraints.builder().maxNestingDepth(9000).build())
              .build());

  /// Of each made-up kind, so that objects meet the schemas they were made for.
  private static final int SCHEMAS = 6;

  private static final int ONSLAUGHTS_IN_1000 = 10;

  /// What the whole test stands on is not emptied.
  private static final Set<String> KEPT = Set.of("namespaces", "serviceaccounts", "resourcequotas");

  private final Corpus corpus;
  private final long seed;

  RequestSource(Corpus corpus, long seed) {
    this.corpus = corpus;
    this.seed = seed;
  }

  /// @return the one that this number stands for
  Attack attack(long number) {
    Chance chance = new Chance(seed, number);
    return chance.below(1000) < ONSLAUGHTS_IN_1000 ? Onslaught.random(chance) : request(chance);
  }

  private HostileRequest request(Chance chance) {
    int kind = chance.below(100);
    if (kind < 38) {
      return write(chance);
    }
    if (kind < 60) {
      return patch(chance);
    }
    if (kind < 72) {
      return read(chance);
    }
    if (kind < 78) {
      return delete(chance);
    }
    if (kind < 84) {
      return part(chance);
    }
    if (kind < 91) {
      return definition(chance);
    }
    if (kind < 95) {
      return policy(chance);
    }
    return anywhere(chance);
  }

  private HostileRequest policy(Chance chance) {
    Policies.Made made = Policies.random(chance);
    String at = made.path() + "/" + made.tree().at("/metadata/name").stringValue();
    if (chance.percent(20)) {
      return finished("DELETE", at, "", new byte[0], chance, false);
    }
    byte[] body = JSON.writeValueAsBytes(made.tree());
    if (chance.percent(50)) {
      return finished("POST", made.path(), Target.JSON, body, chance, false);
    }
    String apply = "?fieldManager=policies&force=true";
    return finished("PATCH", at + apply, "application/apply-patch+yaml", body, chance, false);
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
        metadata.put("name", chance.of(Words.NAMES));
      }
    }
    return tree;
  }

  private HostileRequest bodied(
      String method, String path, Sample sample, ObjectNode tree, Chance chance) {
    byte[] body;
    String type;
    boolean damaged = chance.percent(20);
    switch (chance.below(4)) {
      case 0 -> {
        type = Target.YAML;
        body = utf8(yaml(tree));
        body = damaged ? TextDamage.yaml(body, chance) : body;
      }
      case 1 -> {
        var protobuf = sample.protobuf(tree);
        type = protobuf.isPresent() ? Target.PROTOBUF : Target.JSON;
        body = protobuf.orElseGet(() -> JSON.writeValueAsBytes(tree));
        body = damaged && protobuf.isPresent() ? ProtoDamage.damage(body, chance) : body;
      }
      default -> {
        type = Target.JSON;
        body = JSON.writeValueAsBytes(tree);
        body = damaged ? TextDamage.json(body, chance) : body;
      }
    }
    if (chance.percent(10)) {
      body = ByteDamage.damage(body, chance);
    }
    if (chance.percent(3)) {
      type =
          chance.of(
              List.of("", "text/plain", Target.YAML, Target.PROTOBUF, "a/b;c=\"", Target.JSON));
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
    String type = chance.of(Words.PATCH_TYPES);
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
    if (chance.percent(15)) {
      body =
          switch (chance.below(3)) {
            case 0 -> ByteDamage.damage(body, chance);
            case 1 -> TextDamage.yaml(body, chance);
            default -> TextDamage.json(body, chance);
          };
    }
    String query =
        type.contains("apply") && chance.percent(95)
            ? "?fieldManager=" + chance.of(Words.NAMES) + (chance.percent(60) ? "&force=true" : "")
            : "";
    return finished("PATCH", path + query, type, body, chance, false);
  }

  private static ArrayNode operations(ObjectNode tree, Chance chance) {
    ArrayNode operations = JsonNodeFactory.instance.arrayNode();
    if (chance.percent(5)) {
      return growing(operations, chance);
    }
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

  /// Copies that double what is there with each step.
  private static ArrayNode growing(ArrayNode operations, Chance chance) {
    String root = chance.of(List.of("/metadata/annotations", "/data", "/spec", ""));
    int steps = 1 + chance.below(60);
    for (int i = 0; i < steps; i++) {
      operations.addObject().put("op", "copy").put("from", root).put("path", root + "/g" + i);
      if (chance.percent(20)) {
        operations.addObject().put("op", "test").put("path", root).put("value", "x");
      }
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
              ? chance.of(Words.VALUES)
              : HostileRequest.shortened(chance.of(Nasty.TEXTS), 500);
      query.append(chance.of(Words.PARAMETERS)).append('=');
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
        chance.percent(90) ? Target.JSON : Target.PROTOBUF,
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
            method.equals("PATCH") ? chance.of(Words.PATCH_TYPES) : Target.JSON,
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
    int which = chance.below(4);
    String plural = "k" + which;
    long variant = 100L * which + chance.below(SCHEMAS);
    tree.withObject("/metadata").put("name", plural + "." + Corpus.CUSTOM_GROUP);
    tree.withObject("/spec/names")
        .put("plural", plural)
        .put("singular", plural)
        .put("kind", "K" + plural)
        .remove("shortNames");
    ObjectNode schema = tree.withObject("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    ObjectNode made = Schemas.random(new Chance(seed, -variant), 4);
    if (schema.path("properties") instanceof ObjectNode properties) {
      properties.set("x", made);
    }
    if (chance.percent(50)) {
      schema
          .withArray("x-kubernetes-validations")
          .addObject()
          .put("rule", Expressions.random(chance, Expressions.OF_SCHEMAS))
          .put("messageExpression", Expressions.randomText(chance, Expressions.OF_SCHEMAS));
    }
    if (chance.percent(50)) {
      new TreeDamage(chance).damage(tree, 1 + chance.below(3));
    }
    String root = sample.path("");
    if (chance.percent(50)) {
      String at = "/apis/" + Corpus.CUSTOM_GROUP + "/v1/namespaces/hostile-0/" + plural;
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      object.put("apiVersion", Corpus.CUSTOM_GROUP + "/v1").put("kind", "K" + plural);
      object.putObject("metadata").put("name", chance.of(Words.NAMES));
      object.putObject("spec").put("size", 1).set("x", Schemas.value(made, chance));
      byte[] custom = JSON.writeValueAsBytes(object);
      return chance.percent(50)
          ? finished("POST", at, Target.JSON, custom, chance, false)
          : finished(
              "PATCH",
              at + "/a?fieldManager=x&force=true",
              chance.of(Words.PATCH_TYPES),
              custom,
              chance,
              false);
    }
    if (chance.percent(20)) {
      String at = root + "/" + plural + "." + Corpus.CUSTOM_GROUP;
      return finished("DELETE", at, "", new byte[0], chance, false);
    }
    return bodied("POST", root, sample, tree, chance);
  }

  private HostileRequest anywhere(Chance chance) {
    StringBuilder path = new StringBuilder();
    int depth = 1 + chance.below(8);
    for (int i = 0; i < depth; i++) {
      path.append('/').append(chance.of(Words.PATHS));
    }
    if (chance.percent(2)) {
      path.append("/x".repeat(7000));
    }
    String method = chance.of(Words.METHODS);
    byte[] body = chance.percent(30) ? ByteDamage.damage(utf8("{}"), chance) : new byte[0];
    String query = chance.percent(40) ? "?" + query(chance) : "";
    String target = path.toString().replace(" ", chance.percent(50) ? " " : "%20") + query;
    return finished(method, target, Target.JSON, body, chance, target.contains("watch"));
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
    headers.add("accept: " + (chance.percent(70) ? Target.JSON : chance.of(Words.ACCEPT)));
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
    return chance.of(Words.HEADERS) + text;
  }

  private static String name(Sample sample, Chance chance) {
    if (chance.percent(5)) {
      return segment(HostileRequest.shortened(chance.of(Nasty.TEXTS), 500));
    }
    boolean fixed = sample.plural().equals("customresourcedefinitions");
    return fixed ? sample.tree().at("/metadata/name").stringValue() : chance.of(Words.NAMES);
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
