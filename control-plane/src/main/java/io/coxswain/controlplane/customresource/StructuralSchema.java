package io.coxswain.controlplane.customresource;

import com.google.protobuf.ByteString;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.coxswain.api.apiextensions.v1.JSON;
import io.coxswain.api.apiextensions.v1.JSONSchemaProps;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.controlplane.cel.Patterns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/// A schema as it is looked at for each object: parts found, patterns compiled, constants parsed.
/// Immutable.
///
/// @param props what people wrote, for all that needs no compiling
/// @param items the shape of a list's elements
/// @param additional the shape of members that are not named
/// @param anyMember whether members that are not named are kept as they are
/// @param defaultValue taken where there is none
public record StructuralSchema(
    JSONSchemaProps props,
    Map<String, StructuralSchema> properties,
    Optional<StructuralSchema> items,
    Optional<StructuralSchema> additional,
    boolean anyMember,
    Optional<JsonNode> defaultValue,
    List<JsonNode> enumValues,
    Optional<Pattern> pattern,
    List<StructuralSchema> allOf,
    List<StructuralSchema> anyOf,
    List<StructuralSchema> oneOf,
    Optional<StructuralSchema> not) {

  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);

  /// Lets everything through, and keeps it.
  public static final StructuralSchema ANYTHING =
      of(JSONSchemaProps.newBuilder().setXKubernetesPreserveUnknownFields(true).build());

  public static StructuralSchema of(JSONSchemaProps props) {
    Map<String, StructuralSchema> properties = new TreeMap<>();
    props.getPropertiesMap().forEach((name, schema) -> properties.put(name, of(schema)));
    boolean additionalSchema =
        props.hasAdditionalProperties() && props.getAdditionalProperties().hasSchema();
    return new StructuralSchema(
        props,
        Collections.unmodifiableMap(properties),
        props.hasItems() && props.getItems().hasSchema()
            ? Optional.of(of(props.getItems().getSchema()))
            : Optional.empty(),
        additionalSchema
            ? Optional.of(of(props.getAdditionalProperties().getSchema()))
            : Optional.empty(),
        props.hasAdditionalProperties()
            && !additionalSchema
            && props.getAdditionalProperties().getAllows(),
        props.hasDefault() ? Optional.of(parse(props.getDefault())) : Optional.empty(),
        props.getEnumList().stream().map(StructuralSchema::parse).toList(),
        compiled(props.getPattern()),
        all(props.getAllOfList()),
        all(props.getAnyOfList()),
        all(props.getOneOfList()),
        props.hasNot() ? Optional.of(of(props.getNot())) : Optional.empty());
  }

  private static List<StructuralSchema> all(List<JSONSchemaProps> schemas) {
    List<StructuralSchema> all = new ArrayList<>();
    schemas.forEach(schema -> all.add(of(schema)));
    return List.copyOf(all);
  }

  static JsonNode parse(JSON json) {
    ByteString raw = json.getRaw();
    return raw.isEmpty() ? NullNode.getInstance() : CODEC.readTree(raw.toByteArray());
  }

  /// A pattern that does not compile holds for nothing here; definitions with one are refused.
  private static Optional<Pattern> compiled(String pattern) {
    try {
      return pattern.isEmpty() ? Optional.empty() : Optional.of(Patterns.compile(pattern));
    } catch (PatternSyntaxException e) {
      return Optional.empty();
    }
  }

  String type() {
    return props.getType();
  }

  boolean preservesUnknown() {
    return props.getXKubernetesPreserveUnknownFields();
  }

  boolean embedded() {
    return props.getXKubernetesEmbeddedResource();
  }

  boolean intOrString() {
    return props.getXKubernetesIntOrString();
  }

  /// The shape of a member of an object, if one is said.
  public Optional<StructuralSchema> member(String name) {
    StructuralSchema named = properties.get(name);
    return named != null ? Optional.of(named) : additional;
  }

  /// What a member of the object at a path is called: one of those that the schema names by a dot,
  /// and what stands under a key of a map in brackets.
  String pathOf(String path, String name) {
    if (!properties.containsKey(name) && additional.isPresent()) {
      return path + "[" + name + "]";
    }
    return path.isEmpty() ? name : path + "." + name;
  }
}
