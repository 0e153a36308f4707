package io.coxswain.controlplane.customresource;

import com.google.re2j.PatternSyntaxException;
import io.coxswain.api.apiextensions.v1.JSONSchemaProps;
import io.coxswain.api.apiextensions.v1.ValidationRule;
import io.coxswain.controlplane.cel.Patterns;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// What is wrong with a schema: it must be structural, so that it is known of each field which type
/// it has and whether it is kept; and it may use only what is served.
final class SchemaProblems {

  private static final Set<String> TYPES =
      Set.of("array", "boolean", "integer", "number", "object", "string");
  private static final List<String> LIST_TYPES = List.of("atomic", "set", "map");
  private static final List<String> MAP_TYPES = List.of("atomic", "granular");
  private static final List<String> REASONS =
      List.of(
          "FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate");
  private static final int MOST_DEPTH = 100;

  private enum Level {
    ROOT,
    MEMBER,
    ITEM
  }

  private final Faults faults;

  private SchemaProblems(Faults faults) {
    this.faults = faults;
  }

  static void check(JSONSchemaProps schema, String path, Faults faults) {
    SchemaProblems problems = new SchemaProblems(faults);
    problems.schema(schema, path, Level.ROOT, 0);
    if (faults.isEmpty()) {
      StructuralSchema compiled = StructuralSchema.of(schema);
      problems.defaults(compiled, path);
      RuleCheck.problems(compiled, path, faults);
    }
  }

  private void schema(JSONSchemaProps props, String path, Level level, int depth) {
    if (depth > MOST_DEPTH) {
      faults.invalidText(path, "", "is nested too deeply");
      return;
    }
    unsupported(props, path);
    type(props, path, level);
    extensions(props, path);
    pattern(props, path);
    if (props.getType().equals("array") && !props.hasItems()) {
      faults.required(path + ".items", "must be specified");
    }
    if (level == Level.ROOT) {
      if (props.getNullable()) {
        faults.forbidden(path + ".nullable", "nullable cannot be true at the root");
      }
      if (props.hasAdditionalProperties()) {
        faults.forbidden(path + ".additionalProperties", "must not be used at the root");
      }
      metadata(props, path);
    }
    if (props.hasItems() && props.getItems().hasSchema()) {
      schema(props.getItems().getSchema(), path + ".items", Level.ITEM, depth + 1);
    }
    new TreeMap<>(props.getPropertiesMap())
        .forEach((name, member) -> {
          if (level != Level.ROOT || !name.equals("metadata")) {
            schema(member, path + ".properties[" + name + "]", Level.MEMBER, depth + 1);
          }
        });
    if (props.hasAdditionalProperties()) {
      if (props.getPropertiesCount() > 0 && props.getAdditionalProperties().getAllows()) {
        faults.forbidden(
            path + ".additionalProperties",
            "additionalProperties and properties are mutual exclusive");
      }
      if (props.getAdditionalProperties().hasSchema()) {
        schema(
            props.getAdditionalProperties().getSchema(),
            path + ".additionalProperties",
            Level.MEMBER,
            depth + 1);
      }
    }
    values(props.getAllOfList(), path + ".allOf", props, depth);
    values(props.getAnyOfList(), path + ".anyOf", props, depth);
    values(props.getOneOfList(), path + ".oneOf", props, depth);
    if (props.hasNot()) {
      value(props.getNot(), path + ".not", props, depth + 1);
    }
    rules(props, path);
  }

  private void unsupported(JSONSchemaProps props, String path) {
    not(path, "id", !props.getId().isEmpty());
    not(path, "$schema", !props.getSchema().isEmpty());
    not(path, "$ref", props.hasRef());
    not(path, "additionalItems", props.hasAdditionalItems());
    not(path, "patternProperties", props.getPatternPropertiesCount() > 0);
    not(path, "definitions", props.getDefinitionsCount() > 0);
    not(path, "dependencies", props.getDependenciesCount() > 0);
    if (props.getUniqueItems()) {
      faults.forbidden(
          path + ".uniqueItems",
          "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    }
    if (props.getItems().getJSONSchemasCount() > 0) {
      faults.forbidden(path + ".items", "items must be a schema object and not an array");
    }
  }

  private void not(String path, String name, boolean there) {
    if (there) {
      faults.forbidden(path + "." + name, name + " is not supported");
    }
  }

  private void type(JSONSchemaProps props, String path, Level level) {
    String type = props.getType();
    if (!type.isEmpty() && !TYPES.contains(type)) {
      faults.unsupported(path + ".type", Faults.quoted(type), TYPES.stream().sorted().toList());
      return;
    }
    if (level == Level.ROOT && !type.isEmpty() && !type.equals("object")) {
      faults.invalidText(path + ".type", type, "must be object at the root");
    }
    if (props.getXKubernetesEmbeddedResource() && !type.equals("object")) {
      if (type.isEmpty()) {
        faults.required(path + ".type", "must be object if x-kubernetes-embedded-resource is true");
      } else {
        faults.invalidText(
            path + ".type", type, "must be object if x-kubernetes-embedded-resource is true");
      }
      return;
    }
    boolean open = props.getXKubernetesPreserveUnknownFields() || props.getXKubernetesIntOrString();
    if (type.isEmpty() && (level == Level.ROOT || !open)) {
      faults.required(
          path + ".type",
          switch (level) {
            case ROOT -> "must not be empty at the root";
            case ITEM -> "must not be empty for specified array items";
            case MEMBER -> "must not be empty for specified object fields";
          });
    }
  }

  private void metadata(JSONSchemaProps root, String path) {
    JSONSchemaProps metadata = root.getPropertiesMap().get("metadata");
    if (metadata == null) {
      return;
    }
    String at = path + ".properties[metadata]";
    if (!metadata.getType().equals("object")) {
      faults.invalidText(at + ".type", metadata.getType(), "must be object");
    }
    Set<String> others = new HashSet<>(metadata.getPropertiesMap().keySet());
    others.removeAll(Set.of("name", "generateName"));
    if (!others.isEmpty() || metadata.hasAdditionalProperties()) {
      faults.forbidden(
          at,
          "must not specify anything other than name and generateName, but metadata is implicitly"
              + " specified");
    }
  }

  private void extensions(JSONSchemaProps props, String path) {
    if (props.hasXKubernetesPreserveUnknownFields()
        && !props.getXKubernetesPreserveUnknownFields()) {
      faults.invalid(
          path + ".x-kubernetes-preserve-unknown-fields", "false", "must be true or undefined");
    }
    if (props.getXKubernetesIntOrString()) {
      if (props.getXKubernetesPreserveUnknownFields()) {
        faults.invalid(
            path + ".x-kubernetes-preserve-unknown-fields",
            "true",
            "must be false if x-kubernetes-int-or-string is true");
      }
      if (props.getXKubernetesEmbeddedResource()) {
        faults.invalid(
            path + ".x-kubernetes-embedded-resource",
            "true",
            "must be false if x-kubernetes-int-or-string is true");
      }
    }
    if (props.getXKubernetesEmbeddedResource()
        && !props.getXKubernetesPreserveUnknownFields()
        && props.getPropertiesCount() == 0) {
      faults.required(
          path + ".properties",
          "must not be empty if x-kubernetes-embedded-resource is true without"
              + " x-kubernetes-preserve-unknown-fields");
    }
    if (props.hasXKubernetesMapType()) {
      oneOf(path, "x-kubernetes-map-type", props.getXKubernetesMapType(), MAP_TYPES);
      typed(props, path, "object", "x-kubernetes-map-type");
    }
    if (props.hasXKubernetesListType()) {
      oneOf(path, "x-kubernetes-list-type", props.getXKubernetesListType(), LIST_TYPES);
      typed(props, path, "array", "x-kubernetes-list-type");
    }
    listKeys(props, path);
  }

  private void oneOf(String path, String name, String value, List<String> values) {
    if (!values.contains(value)) {
      faults.unsupported(path + "." + name, Faults.quoted(value), values);
    }
  }

  private void typed(JSONSchemaProps props, String path, String type, String because) {
    String must = "must be " + type + " if " + because + " is specified";
    if (props.getType().isEmpty()) {
      faults.required(path + ".type", must);
    } else if (!props.getType().equals(type)) {
      faults.invalidText(path + ".type", props.getType(), must);
    }
  }

  private void listKeys(JSONSchemaProps props, String path) {
    List<String> keys = props.getXKubernetesListMapKeysList();
    String type = props.getXKubernetesListType();
    String at = path + ".x-kubernetes-list-map-keys";
    if (!keys.isEmpty() && !type.equals("map")) {
      faults.required(
          path + ".x-kubernetes-list-type",
          "must be map if x-kubernetes-list-map-keys is non-empty");
    }
    if (!type.equals("map")) {
      return;
    }
    if (keys.isEmpty()) {
      faults.required(at, "must not be empty if x-kubernetes-list-type is map");
    }
    if (!props.getItems().hasSchema()) {
      faults.required(path + ".items", "must have a schema if x-kubernetes-list-type is map");
      return;
    }
    JSONSchemaProps items = props.getItems().getSchema();
    if (!items.getType().equals("object")) {
      faults.invalidText(
          path + ".items.type",
          items.getType(),
          "must be object if parent array's x-kubernetes-list-type is map");
    }
    Map<String, JSONSchemaProps> members = items.getPropertiesMap();
    String shown = "[" + String.join(" ", keys) + "]";
    if (!members.keySet().containsAll(keys)) {
      faults.invalidText(at, shown, "entries must all be names of item properties");
    }
    if (new HashSet<>(keys).size() < keys.size()) {
      faults.invalidText(at, shown, "must not contain duplicate entries");
    }
    for (String key : keys) {
      JSONSchemaProps member = members.get(key);
      boolean sure = member == null || member.hasDefault() || items.getRequiredList().contains(key);
      if (!sure) {
        faults.required(
            path + ".items.properties[" + key + "].default",
            "this property is in x-kubernetes-list-map-keys, so it must have a default or be a"
                + " required property");
      }
    }
  }

  private void pattern(JSONSchemaProps props, String path) {
    try {
      var _ = Patterns.compile(props.getPattern());
    } catch (PatternSyntaxException e) {
      faults.invalidText(
          path + ".pattern",
          props.getPattern(),
          "must be a valid regular expression, but isn't: " + e.getMessage());
    }
  }

  private void values(
      List<JSONSchemaProps> schemas, String path, JSONSchemaProps owner, int depth) {
    for (int i = 0; i < schemas.size(); i++) {
      value(schemas.get(i), path + "[" + i + "]", owner, depth + 1);
    }
  }

  /// A schema inside of `allOf`, `anyOf`, `oneOf` or `not` says only what holds for values: which
  /// fields there are is said outside.
  private void value(JSONSchemaProps props, String path, JSONSchemaProps owner, int depth) {
    if (depth > MOST_DEPTH) {
      faults.invalidText(path, "", "is nested too deeply");
      return;
    }
    pattern(props, path);
    boolean either = owner.getXKubernetesIntOrString() && path.contains("Of[");
    structural(
        path, "type", "must be empty to be structural", !props.getType().isEmpty() && !either);
    structural(
        path,
        "additionalProperties",
        "must be undefined to be structural",
        props.hasAdditionalProperties());
    structural(path, "default", "must be undefined to be structural", props.hasDefault());
    structural(path, "title", "must be empty to be structural", !props.getTitle().isEmpty());
    structural(
        path, "description", "must be empty to be structural", !props.getDescription().isEmpty());
    structural(path, "nullable", "must be false to be structural", props.getNullable());
    structural(
        path,
        "x-kubernetes-preserve-unknown-fields",
        "must be false to be structural",
        props.getXKubernetesPreserveUnknownFields());
    structural(
        path,
        "x-kubernetes-embedded-resource",
        "must be false to be structural",
        props.getXKubernetesEmbeddedResource());
    structural(
        path,
        "x-kubernetes-int-or-string",
        "must be false to be structural",
        props.getXKubernetesIntOrString());
    structural(
        path,
        "x-kubernetes-validations",
        "must be empty to be structural",
        props.getXKubernetesValidationsCount() > 0);
    new TreeMap<>(props.getPropertiesMap())
        .forEach((name, member) -> {
          String at = path + ".properties[" + name + "]";
          JSONSchemaProps outside = owner.getPropertiesMap().get(name);
          boolean known = outside != null || owner.getXKubernetesPreserveUnknownFields();
          if (!known && !owner.hasAdditionalProperties()) {
            String field = at.replaceFirst("\\.(allOf|anyOf|oneOf)\\[\\d+]|\\.not(?=\\.)", "");
            faults.required(field, "because it is defined in " + at);
          }
          value(
              member,
              at,
              outside == null ? JSONSchemaProps.getDefaultInstance() : outside,
              depth + 1);
        });
    values(props.getAllOfList(), path + ".allOf", owner, depth);
    values(props.getAnyOfList(), path + ".anyOf", owner, depth);
    values(props.getOneOfList(), path + ".oneOf", owner, depth);
  }

  private void structural(String path, String name, String must, boolean broken) {
    if (broken) {
      faults.forbidden(path + "." + name, must);
    }
  }

  private void rules(JSONSchemaProps props, String path) {
    for (int i = 0; i < props.getXKubernetesValidationsCount(); i++) {
      ValidationRule rule = props.getXKubernetesValidations(i);
      String at = path + ".x-kubernetes-validations[" + i + "]";
      if (rule.getRule().isBlank()) {
        faults.required(at + ".rule", "rule is not specified");
      }
      if (!rule.getMessage().isEmpty() && rule.getMessage().isBlank()) {
        faults.invalidText(at + ".message", rule.getMessage(), "must be non-empty if specified");
      } else if (rule.getMessage().contains("\n")) {
        faults.invalidText(at + ".message", rule.getMessage(), "must not contain line breaks");
      } else if (rule.getRule().contains("\n") && rule.getMessage().isEmpty()) {
        faults.required(at + ".message", "message must be specified if rule contains line breaks");
      }
      if (rule.hasReason() && !REASONS.contains(rule.getReason())) {
        faults.unsupported(at + ".reason", Faults.quoted(rule.getReason()), REASONS);
      }
      if (!rule.getFieldPath().isEmpty() && !rule.getFieldPath().matches("[.\\[].*")) {
        faults.invalidText(at + ".fieldPath", rule.getFieldPath(), "must be a valid path");
      }
    }
  }

  /// Defaults must fit what they are defaults of.
  private void defaults(StructuralSchema schema, String path) {
    schema
        .defaultValue()
        .ifPresent(value -> {
          JsonNode complete = value.deepCopy();
          Defaulting.apply(complete, schema);
          SchemaValidation.onCreate(complete, schema).stream()
              .filter(cause -> !cause.field().isEmpty())
              .forEach(cause -> {
                String below = cause.field().equals("<nil>") ? "" : "." + cause.field();
                faults.add(cause.type(), path + ".default" + below, cause.message());
              });
        });
    schema
        .properties()
        .forEach((name, member) -> defaults(member, path + ".properties[" + name + "]"));
    schema.items().ifPresent(items -> defaults(items, path + ".items"));
    schema.additional().ifPresent(inner -> defaults(inner, path + ".additionalProperties"));
  }
}
