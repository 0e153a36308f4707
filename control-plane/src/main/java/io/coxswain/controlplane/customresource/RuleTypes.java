package io.coxswain.controlplane.customresource;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.coxswain.controlplane.cel.ObjectTypes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The types of CEL that a schema makes: objects with named members are structures, others are
/// maps. Members whose names are no identifiers are escaped, as in Kubernetes: `a-b` is
/// `a__dash__b`.
final class RuleTypes {

  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");

  private final Map<String, CelType> structures = new HashMap<>();

  /// Every structure that was made so far.
  CelTypeProvider provider() {
    return new Known(ImmutableMap.copyOf(structures));
  }

  @Immutable
  private static final class Known implements CelTypeProvider {
    private final ImmutableMap<String, CelType> structures;

    Known(ImmutableMap<String, CelType> structures) {
      this.structures = structures;
    }

    @Override
    public ImmutableCollection<CelType> types() {
      return structures.values();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(structures.get(name));
    }
  }

  /// Whole objects with all of their metadata.
  static ObjectTypes ofKind(StructuralSchema schema) {
    RuleTypes types = new RuleTypes();
    Map<String, CelType> members = new HashMap<>();
    schema
        .properties()
        .forEach((name, member) -> members.put(escaped(name), types.of(member, member.embedded())));
    members.put("apiVersion", SimpleType.STRING);
    members.put("kind", SimpleType.STRING);
    members.put("metadata", SimpleType.DYN);
    CelType object =
        schema.preservesUnknown() || schema.anyMember() ? SimpleType.DYN : types.structure(members);
    return new ObjectTypes(object, types.provider());
  }

  /// @param whole an object of the API, which has a type and a name besides
  CelType of(StructuralSchema schema, boolean whole) {
    if (schema.intOrString()) {
      return SimpleType.DYN;
    }
    return switch (schema.type()) {
      case "integer" -> SimpleType.INT;
      case "number" -> SimpleType.DOUBLE;
      case "boolean" -> SimpleType.BOOL;
      case "string" -> string(schema.props().getFormat());
      case "array" ->
          ListType.create(
              schema.items().map(items -> of(items, items.embedded())).orElse(SimpleType.DYN));
      case "object" -> object(schema, whole || schema.embedded());
      default -> SimpleType.DYN;
    };
  }

  private static CelType string(String format) {
    return switch (format) {
      case "date-time", "date" -> SimpleType.TIMESTAMP;
      case "duration" -> SimpleType.DURATION;
      case "byte" -> SimpleType.BYTES;
      default -> SimpleType.STRING;
    };
  }

  private CelType object(StructuralSchema schema, boolean whole) {
    if (schema.additional().isPresent()) {
      StructuralSchema inner = schema.additional().get();
      return MapType.create(SimpleType.STRING, of(inner, inner.embedded()));
    }
    if (schema.properties().isEmpty() && !whole) {
      return schema.preservesUnknown() || schema.anyMember() ? SimpleType.DYN : structure(Map.of());
    }
    Map<String, CelType> members = new HashMap<>();
    schema
        .properties()
        .forEach((name, member) -> members.put(escaped(name), of(member, member.embedded())));
    if (whole) {
      members.put("apiVersion", SimpleType.STRING);
      members.put("kind", SimpleType.STRING);
      members.put(
          "metadata",
          structure(Map.of("name", SimpleType.STRING, "generateName", SimpleType.STRING)));
    }
    return structure(members);
  }

  private CelType structure(Map<String, CelType> members) {
    String name = "object" + structures.size();
    ImmutableMap<String, CelType> fixed = ImmutableMap.copyOf(members);
    StructType structure =
        StructType.create(name, fixed.keySet(), member -> Optional.ofNullable(fixed.get(member)));
    structures.put(name, structure);
    return structure;
  }

  static String escaped(String name) {
    if (RESERVED.contains(name)) {
      return "__" + name + "__";
    }
    return name.replace("__", "__underscores__")
        .replace(".", "__dot__")
        .replace("-", "__dash__")
        .replace("/", "__slash__");
  }
}
