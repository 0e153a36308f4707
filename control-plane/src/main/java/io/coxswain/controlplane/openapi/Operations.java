package io.coxswain.controlplane.openapi;

import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The paths of each kind with the verbs on them and their parameters. kubectl looks here, among
/// others, for whether a server checks fields itself.
final class Operations {

  private static final JsonMapper JSON = new JsonMapper();

  private static final Map<String, String> LIST_PARAMETERS =
      Map.of(
          "labelSelector", "string",
          "fieldSelector", "string",
          "resourceVersion", "string",
          "resourceVersionMatch", "string",
          "continue", "string",
          "limit", "integer",
          "timeoutSeconds", "integer",
          "watch", "boolean",
          "allowWatchBookmarks", "boolean",
          "sendInitialEvents", "boolean");

  private static final Map<String, String> WRITE_PARAMETERS =
      Map.of("dryRun", "string", "fieldManager", "string", "fieldValidation", "string");

  private static final Map<String, String> PATCH_PARAMETERS =
      Map.of(
          "dryRun", "string",
          "fieldManager", "string",
          "fieldValidation", "string",
          "force", "boolean");

  private static final List<String> OBJECT_TYPES =
      List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");

  private static final List<String> PATCH_TYPES =
      List.of(
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json",
          "application/apply-patch+yaml");

  private static final List<String> NOT_CUSTOM =
      List.of("application/vnd.kubernetes.protobuf", "application/strategic-merge-patch+json");

  private final Schema schema;
  private final Definitions definitions;
  private final boolean v3;

  Operations(Schema schema, Definitions definitions, boolean v3) {
    this.schema = schema;
    this.definitions = definitions;
    this.v3 = v3;
  }

  void add(ObjectNode paths, String root, ResourceType<?> type) {
    String collection =
        root + (type.namespaced() ? "/namespaces/{namespace}/" : "/") + type.plural();
    boolean custom = CustomDefinitions.covers(type);
    String kind =
        custom
            ? CustomDefinitions.nameOf(type)
            : Definitions.nameOf(type.prototype().getDescriptorForType());
    ObjectNode all = path(paths, collection, type.namespaced(), false);
    if (type.createOnly()) {
      operation(all, "post", "post", type, kind, WRITE_PARAMETERS, kind);
      return;
    }
    String list =
        custom ? kind + "List" : Definitions.nameOf(schema.listOf(type).getDescriptorForType());
    operation(all, "get", "list", type, list, LIST_PARAMETERS, null);
    if (type.namespaced()) {
      ObjectNode everywhere = path(paths, root + "/" + type.plural(), false, false);
      operation(everywhere, "get", "list", type, list, LIST_PARAMETERS, null);
    }
    ObjectNode one = path(paths, collection + "/{name}", type.namespaced(), true);
    if (type.readOnly()) {
      operation(one, "get", "get", type, kind, Map.of(), null);
      return;
    }
    operation(all, "post", "post", type, kind, WRITE_PARAMETERS, kind);
    if (!type.qualifiedPlural().equals("namespaces")) {
      operation(all, "delete", "deletecollection", type, list, LIST_PARAMETERS, null);
    }
    item(one, type, kind);
    operation(one, "delete", "delete", type, kind, WRITE_PARAMETERS, null);
    for (String subresource : type.subresources()) {
      if (subresource.equals("status")) {
        item(path(paths, collection + "/{name}/status", type.namespaced(), true), type, kind);
      }
    }
  }

  private void item(ObjectNode path, ResourceType<?> type, String kind) {
    operation(path, "get", "get", type, kind, Map.of(), null);
    operation(path, "put", "put", type, kind, WRITE_PARAMETERS, kind);
    operation(path, "patch", "patch", type, kind, PATCH_PARAMETERS, kind);
  }

  private ObjectNode path(ObjectNode paths, String path, boolean namespaced, boolean named) {
    ObjectNode node = paths.putObject(path);
    ArrayNode parameters = JSON.createArrayNode();
    if (named) {
      parameter(parameters, "name", "path", "string");
    }
    if (namespaced) {
      parameter(parameters, "namespace", "path", "string");
    }
    parameter(parameters, "pretty", "query", "string");
    node.set("parameters", parameters);
    return node;
  }

  private void operation(
      ObjectNode path,
      String method,
      String action,
      ResourceType<?> type,
      String answer,
      Map<String, String> query,
      @org.jspecify.annotations.Nullable String body) {
    ObjectNode operation = path.putObject(method);
    ArrayNode parameters = operation.putArray("parameters");
    new java.util.TreeMap<>(query)
        .forEach((name, kind) -> parameter(parameters, name, "query", kind));
    boolean patch = action.equals("patch");
    if (body != null) {
      body(operation, parameters, body, bodyTypes(type, patch), patch);
    }
    if (!v3) {
      OBJECT_TYPES.forEach(operation.putArray("produces")::add);
    }
    ObjectNode ok = operation.putObject("responses").putObject("200").put("description", "OK");
    content(ok, answer, OBJECT_TYPES);
    operation.put("x-kubernetes-action", action);
    operation
        .putObject("x-kubernetes-group-version-kind")
        .put("group", type.group())
        .put("kind", type.kind())
        .put("version", type.version());
  }

  /// Kinds that people define have no protobuf, and nobody says how their lists merge.
  private static List<String> bodyTypes(ResourceType<?> type, boolean patch) {
    List<String> types = patch ? PATCH_TYPES : OBJECT_TYPES;
    return CustomDefinitions.covers(type)
        ? types.stream().filter(form -> !NOT_CUSTOM.contains(form)).toList()
        : types;
  }

  private void body(
      ObjectNode operation, ArrayNode parameters, String body, List<String> types, boolean patch) {
    if (v3) {
      ObjectNode content = operation.putObject("requestBody");
      if (patch) {
        ObjectNode forms = content.putObject("content");
        types.forEach(form -> forms.putObject(form).putObject("schema").put("type", "object"));
      } else {
        content(content, body, types);
      }
      return;
    }
    types.forEach(operation.putArray("consumes")::add);
    ObjectNode parameter =
        parameters.addObject().put("in", "body").put("name", "body").put("required", true);
    if (patch) {
      parameter.putObject("schema").put("type", "object");
    } else {
      parameter.set("schema", definitions.reference(body));
    }
  }

  private void content(ObjectNode node, String message, List<String> types) {
    if (!v3) {
      node.set("schema", definitions.reference(message));
      return;
    }
    ObjectNode content = node.putObject("content");
    types.forEach(type -> content.putObject(type).set("schema", definitions.reference(message)));
  }

  private void parameter(ArrayNode parameters, String name, String in, String type) {
    ObjectNode parameter = parameters.addObject().put("name", name).put("in", in);
    if (in.equals("path")) {
      parameter.put("required", true);
    }
    if (v3) {
      parameter.putObject("schema").put("type", type);
    } else {
      parameter.put("type", type);
    }
  }
}
