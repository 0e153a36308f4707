package io.coxswain.controlplane.fieldset;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.fieldset.FieldSet.Node;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// Sets of fields as the JSON in `metadata.managedFields`: `f:<name>`, `k:<key fields>`,
/// `v:<value>`, `i:<index>`, and `.` for an element that has others below it and is a member
/// itself.
public final class FieldsV1 {

  private static final int MOST_DEPTH = 400;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MOST_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private FieldsV1() {}

  /// The JSON is no set of fields.
  public static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message);
    }
  }

  public static ByteString encode(FieldSet set) {
    return ByteString.copyFromUtf8(text(set));
  }

  static String text(FieldSet set) {
    StringBuilder out = new StringBuilder(512);
    write(set, false, out);
    return out.toString();
  }

  private static void write(FieldSet set, boolean self, StringBuilder out) {
    out.append('{');
    boolean first = true;
    if (self) {
      out.append("\".\":{}");
      first = false;
    }
    for (int i = 0; i < set.width(); i++) {
      Node node = set.node(i);
      if (!first) {
        out.append(',');
      }
      first = false;
      name(node.element(), out);
      out.append(':');
      if (node.below().isEmpty()) {
        out.append("{}");
      } else {
        write(node.below(), node.member(), out);
      }
    }
    out.append('}');
  }

  private static void name(PathElement element, StringBuilder out) {
    switch (element) {
      case PathElement.Field(String name) when isPlain(name) ->
          out.append("\"f:").append(name).append('"');
      case PathElement.Field(String name) -> Quoted.append(out, "f:" + name);
      case PathElement.Key(List<PathElement.Part> parts) -> {
        StringBuilder key = new StringBuilder("k:{");
        for (PathElement.Part part : parts) {
          if (key.length() > 3) {
            key.append(',');
          }
          Quoted.append(key, part.name());
          key.append(':').append(part.value());
        }
        Quoted.append(out, key.append('}').toString());
      }
      case PathElement.Value(Scalar value) -> Quoted.append(out, "v:" + value);
      case PathElement.Index(int index) -> out.append("\"i:").append(index).append('"');
    }
  }

  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  /// @throws MalformedException when it is no such JSON
  public static FieldSet decode(ByteString json) throws MalformedException {
    if (json.isEmpty()) {
      return FieldSet.EMPTY;
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json.newInput())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("a set of fields is a JSON object");
      }
      return read(parser).set();
    } catch (JacksonException e) {
      throw new MalformedException("a set of fields is no JSON: " + e.getOriginalMessage());
    }
  }

  private record Level(boolean self, FieldSet set) {}

  private static Level read(JsonParser parser) throws MalformedException {
    FieldSetBuilder builder = new FieldSetBuilder();
    boolean self = false;
    String name;
    while ((name = parser.nextName()) != null) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("\"" + name + "\" must hold an object");
      }
      Level below = read(parser);
      if (name.equals(".")) {
        self = true;
      } else if (isKnown(name)) {
        boolean member = below.self() || below.set().isEmpty();
        var _ = builder.add(element(name), member, below.set());
      }
    }
    return new Level(self, builder.build());
  }

  /// Kinds of elements that come later are left out, not refused.
  private static boolean isKnown(String name) throws MalformedException {
    if (name.length() < 2 || name.charAt(1) != ':') {
      throw new MalformedException("\"" + name + "\" is no element of a path");
    }
    return "fkvi".indexOf(name.charAt(0)) >= 0;
  }

  private static PathElement element(String name) throws MalformedException {
    String rest = name.substring(2);
    return switch (name.charAt(0)) {
      case 'f' -> new PathElement.Field(rest);
      case 'i' -> index(rest);
      case 'v' -> new PathElement.Value(scalar(rest));
      default -> key(rest);
    };
  }

  private static PathElement index(String text) throws MalformedException {
    try {
      return new PathElement.Index(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new MalformedException("\"i:" + text + "\" is no index");
    }
  }

  private static PathElement key(String json) throws MalformedException {
    List<PathElement.Part> parts = new ArrayList<>(2);
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("\"k:" + json + "\" is no key");
      }
      String name;
      while ((name = parser.nextName()) != null) {
        parser.nextToken();
        parts.add(new PathElement.Part(name, scalar(parser)));
      }
    }
    parts.sort(null);
    return new PathElement.Key(parts);
  }

  private static Scalar scalar(String json) throws MalformedException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == null) {
        throw new MalformedException("an element has no value");
      }
      return scalar(parser);
    }
  }

  private static Scalar scalar(JsonParser parser) throws MalformedException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> new Scalar.Text(parser.getString());
      case VALUE_NUMBER_INT -> new Scalar.Whole(parser.getLongValue());
      case VALUE_NUMBER_FLOAT -> new Scalar.Real(parser.getDoubleValue());
      case VALUE_TRUE -> new Scalar.Truth(true);
      case VALUE_FALSE -> new Scalar.Truth(false);
      case VALUE_NULL -> new Scalar.Json("null");
      default -> throw new MalformedException("an element is known by scalars only");
    };
  }
}
