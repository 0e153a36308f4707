package io.coxswain.controlplane.customresource;

import io.coxswain.api.apiextensions.v1.JSONSchemaProps;
import io.coxswain.client.ApiError.Cause;
import io.coxswain.controlplane.cel.Patterns;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Checks a value against a schema, with Kubernetes' paths and words. Where a change leaves a value
/// as it was, faults that it had before are let pass: a schema may have become stricter since.
public final class SchemaValidation {

  private static final Set<String> OBJECT = Set.of("apiVersion", "kind", "metadata");

  private final Faults faults = new Faults();

  private SchemaValidation() {}

  /// A new object.
  public static List<Cause> onCreate(JsonNode object, StructuralSchema schema) {
    SchemaValidation validation = new SchemaValidation();
    validation.value(object, schema, "");
    ListTypes.check(object, schema, "", validation.faults);
    return validation.faults.causes();
  }

  /// A new state of an object.
  public static List<Cause> onUpdate(JsonNode before, JsonNode after, StructuralSchema schema) {
    SchemaValidation validation = new SchemaValidation();
    validation.changed(Optional.of(before), after, schema, "");
    ListTypes.checkChange(Optional.of(before), after, schema, "", validation.faults);
    return validation.faults.causes();
  }

  /// Whether a value has a shape, wherever it stands.
  static boolean fits(JsonNode value, StructuralSchema schema) {
    SchemaValidation validation = new SchemaValidation();
    validation.value(value, schema, "");
    return validation.faults.isEmpty();
  }

  private void changed(
      Optional<JsonNode> before, JsonNode after, StructuralSchema schema, String path) {
    if (before.isPresent() && before.get().equals(after)) {
      return;
    }
    if (before.isEmpty()) {
      value(after, schema, path);
      return;
    }
    switch (after) {
      case ObjectNode object -> {
        own(after, schema, path);
        object.forEachEntry((name, inner) ->
            schema
                .member(name)
                .ifPresent(member ->
                    changed(
                        Optional.ofNullable(before.get().get(name)),
                        inner,
                        member,
                        child(path, name))));
      }
      case ArrayNode list when schema.items().isPresent() -> {
        own(after, schema, path);
        for (int i = 0; i < list.size(); i++) {
          changed(
              ListTypes.counterpart(before.get(), list, i, schema),
              list.get(i),
              schema.items().get(),
              path + "[" + i + "]");
        }
      }
      default -> value(after, schema, path);
    }
  }

  private void value(JsonNode value, StructuralSchema schema, String path) {
    if (!own(value, schema, path)) {
      return;
    }
    if (value instanceof ObjectNode object) {
      object.forEachEntry((name, inner) ->
          schema.member(name).ifPresent(member -> value(inner, member, child(path, name))));
    } else if (value instanceof ArrayNode list && schema.items().isPresent()) {
      for (int i = 0; i < list.size(); i++) {
        value(list.get(i), schema.items().get(), path + "[" + i + "]");
      }
    }
  }

  private static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /// What the schema says of the value itself.
  ///
  /// @return whether it makes sense to look inside
  private boolean own(JsonNode value, StructuralSchema schema, String path) {
    JSONSchemaProps props = schema.props();
    if (value.isNull() && props.getNullable()) {
      return false;
    }
    if (!typed(value, schema, path)) {
      return false;
    }
    if (!schema.enumValues().isEmpty() && !schema.enumValues().contains(value)) {
      faults.unsupported(
          path,
          Faults.shown(value),
          schema.enumValues().stream()
              .map(one -> one.isString() ? one.asString() : one.toString())
              .toList());
    }
    switch (value) {
      case ObjectNode object -> object(object, schema, path);
      case ArrayNode list -> list(list, props, path);
      default -> {
        if (value.isString()) {
          string(value, schema, path);
        } else if (value.isNumber()) {
          number(value, props, path);
        }
      }
    }
    combined(value, schema, path);
    return true;
  }

  private boolean typed(JsonNode value, StructuralSchema schema, String path) {
    String actual = typeOf(value);
    if (schema.intOrString()) {
      if (actual.equals("integer") || actual.equals("string")) {
        return true;
      }
      mismatch(path, "integer,string", actual);
      return false;
    }
    String wanted = schema.type();
    boolean fits =
        wanted.isEmpty()
            || wanted.equals(actual)
            || (wanted.equals("number") && actual.equals("integer"));
    if (!fits) {
      mismatch(path, wanted, actual);
    }
    return fits;
  }

  private void mismatch(String path, String wanted, String actual) {
    faults.invalidType(
        path,
        Faults.quoted(actual),
        at(path) + " must be of type " + wanted + ": " + Faults.quoted(actual));
  }

  static String typeOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT, POJO -> "object";
      case ARRAY -> "array";
      case STRING, BINARY -> "string";
      case BOOLEAN -> "boolean";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      case NULL, MISSING -> "null";
    };
  }

  private void object(ObjectNode object, StructuralSchema schema, String path) {
    JSONSchemaProps props = schema.props();
    for (String name : props.getRequiredList()) {
      if (!object.has(name)) {
        faults.required(child(path, name), "");
      }
    }
    if (props.hasMinProperties() && object.size() < props.getMinProperties()) {
      invalid(object, path, " should have at least " + props.getMinProperties() + " properties");
    }
    if (props.hasMaxProperties() && object.size() > props.getMaxProperties()) {
      faults.tooMany(path, object.size(), props.getMaxProperties());
    }
    boolean closed =
        props.hasAdditionalProperties()
            && !props.getAdditionalProperties().hasSchema()
            && !props.getAdditionalProperties().getAllows();
    if (closed) {
      object.forEachEntry((name, _) -> {
        boolean known =
            schema.properties().containsKey(name) || (path.isEmpty() && OBJECT.contains(name));
        if (!known) {
          invalid(
              object,
              path,
              (path.isEmpty() ? "" : ".") + name + " in body is a forbidden property");
        }
      });
    }
  }

  private void list(ArrayNode list, JSONSchemaProps props, String path) {
    if (props.hasMinItems() && list.size() < props.getMinItems()) {
      invalid(list, path, " should have at least " + props.getMinItems() + " items");
    }
    if (props.hasMaxItems() && list.size() > props.getMaxItems()) {
      faults.tooMany(path, list.size(), props.getMaxItems());
    }
    if (props.getUniqueItems() && new HashSet<>(List.copyOf(list.values())).size() < list.size()) {
      invalid(list, path, " shouldn't contain duplicates");
    }
  }

  private void string(JsonNode value, StructuralSchema schema, String path) {
    JSONSchemaProps props = schema.props();
    String text = value.asString();
    int length = text.codePointCount(0, text.length());
    if (props.hasMaxLength() && length > props.getMaxLength()) {
      faults.tooLong(path, props.getMaxLength());
    }
    if (props.hasMinLength() && length < props.getMinLength()) {
      invalid(value, path, " should be at least " + props.getMinLength() + " chars long");
    }
    if (schema.pattern().isPresent() && !Patterns.find(schema.pattern().get(), text)) {
      invalid(value, path, " should match '" + props.getPattern() + "'");
    }
    if (!Formats.matches(props.getFormat(), text)) {
      faults.invalidType(
          path,
          Faults.shown(value),
          at(path) + " must be of type " + props.getFormat() + ": " + Faults.quoted(text));
    }
  }

  private void number(JsonNode value, JSONSchemaProps props, String path) {
    double number = value.doubleValue();
    if (props.hasMaximum()) {
      double most = props.getMaximum();
      if (props.getExclusiveMaximum() && number >= most) {
        invalid(value, path, " should be less than " + plain(most));
      } else if (number > most) {
        invalid(value, path, " should be less than or equal to " + plain(most));
      }
    }
    if (props.hasMinimum()) {
      double least = props.getMinimum();
      if (props.getExclusiveMinimum() && number <= least) {
        invalid(value, path, " should be greater than " + plain(least));
      } else if (number < least) {
        invalid(value, path, " should be greater than or equal to " + plain(least));
      }
    }
    if (props.hasMultipleOf() && props.getMultipleOf() > 0) {
      BigDecimal rest = value.decimalValue().remainder(BigDecimal.valueOf(props.getMultipleOf()));
      if (rest.signum() != 0) {
        invalid(value, path, " should be a multiple of " + plain(props.getMultipleOf()));
      }
    }
    if (!Formats.inRange(props.getFormat(), value)) {
      invalid(
          value,
          path,
          ": Checked value must be of type " + typeOf(value) + " with format " + props.getFormat());
    }
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private void combined(JsonNode value, StructuralSchema schema, String path) {
    String shown = Faults.quoted(path);
    if (!schema.anyOf().isEmpty() && schema.anyOf().stream().noneMatch(one -> fits(value, one))) {
      invalidWhole(path, shown + " must validate at least one schema (anyOf)");
    }
    if (!schema.oneOf().isEmpty()) {
      long count = schema.oneOf().stream().filter(one -> fits(value, one)).count();
      if (count != 1) {
        invalidWhole(
            path,
            shown
                + " must validate one and only one schema (oneOf). Found "
                + (count == 0 ? "none valid" : count + " valid alternatives"));
      }
    }
    int mark = faults.causes().size();
    schema.allOf().forEach(one -> value(value, one, path));
    if (faults.causes().size() > mark) {
      invalidWhole(path, shown + " must validate all the schemas (allOf)");
    }
    if (schema.not().isPresent() && fits(value, schema.not().get())) {
      invalidWhole(path, shown + " must not validate the schema (not)");
    }
  }

  private void invalidWhole(String path, String detail) {
    faults.invalid(path, "\"\"", detail);
  }

  private void invalid(JsonNode value, String path, String detail) {
    faults.invalid(path, Faults.shown(value), at(path) + detail);
  }

  /// As `spec.replicas in body`.
  private static String at(String path) {
    return path.isEmpty() ? "in body" : path + " in body";
  }
}
