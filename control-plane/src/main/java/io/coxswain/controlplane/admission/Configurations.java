package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads what somebody applies: YAML or JSON that names the fields it cares for, and no others.
public final class Configurations {

  private static final JsonCodec CODEC = new JsonCodec();

  /// How decoders say it.
  private static final Pattern UNKNOWN = Pattern.compile("unknown field \"(.*)\"");

  private static final Pattern DUPLICATE =
      Pattern.compile("duplicate field \"(?:.*\\.)?(.+)\" \\(line ([0-9]+)\\)");

  private Configurations() {}

  /// @param json what was sent, as JSON
  public record Configured(Message object, String json, List<String> warnings) {
    public Configured {
      warnings = List.copyOf(warnings);
    }
  }

  /// @throws ApiException with BadRequest when it cannot be read, is of another kind or version, or
  ///   brings `managedFields` along; also when it names a field that there is not, since nobody
  ///   could own that
  public static Configured read(Message prototype, String text, Strictness strictness) {
    ObjectKind expected =
        Schema.api()
            .kindOf(prototype.getDescriptorForType())
            .orElseThrow(() -> new IllegalArgumentException("no kind of the API"));
    Tree read = tree(text, expected.apiVersion(), strictness);
    ObjectNode tree = read.tree();
    Decoded<Message> decoded =
        CODEC.decode(
            tree, prototype, strictness == Strictness.STRICT ? strictness : Strictness.WARN);
    if (!decoded.warnings().isEmpty()) {
      throw undeclared(name(tree), expected, decoded.warnings());
    }
    return new Configured(decoded.message(), read.json(), read.warnings());
  }

  /// @param json the tree as text
  public record Tree(ObjectNode tree, String json, List<String> warnings) {
    public Tree {
      warnings = List.copyOf(warnings);
    }
  }

  /// Reads what is applied of a kind that has no message.
  ///
  /// @param apiVersion that it must be of
  /// @throws ApiException as [#read], but knows nothing of the kind's fields
  public static Tree tree(String text, String apiVersion, Strictness strictness) {
    YamlDocument document = parsed(text);
    if (!(document.content() instanceof ObjectNode tree)) {
      throw refused("error decoding YAML: what is applied must be an object");
    }
    String version = tree.path("apiVersion").asString("");
    if (!version.equals(apiVersion)) {
      throw refused(
          "Incorrect version specified in apply patch. Specified patch version: "
              + version
              + ", expected: "
              + apiVersion);
    }
    JsonNode books = tree.path("metadata").path("managedFields");
    if (!books.isMissingNode() && !books.isNull()) {
      throw refused("metadata.managedFields must be nil");
    }
    if (strictness == Strictness.STRICT && !document.duplicates().isEmpty()) {
      throw refused(
          "error converting YAML to JSON: yaml: unmarshal errors:\n  "
              + document.duplicates().stream()
                  .map(Configurations::setTwice)
                  .collect(Collectors.joining("\n  ")));
    }
    return new Tree(
        tree,
        new String(CODEC.writeTree(tree), StandardCharsets.UTF_8),
        strictness == Strictness.WARN ? document.duplicates() : List.of());
  }

  /// The refusal of a configuration with fields that its kind does not have: nobody could own them.
  ///
  /// @param object its namespace, a slash, and its name
  /// @param strays what a decoder says of each, as `unknown field "spec.foo"`
  public static ApiException undeclared(String object, ObjectKind kind, List<String> strays) {
    List<String> faults =
        strays.stream()
            .map(stray -> UNKNOWN.matcher(stray).replaceFirst(".$1: field not declared in schema"))
            .toList();
    return refused(
        "failed to create typed patch object ("
            + object
            + "; "
            + kind.apiVersion()
            + ", Kind="
            + kind.kind()
            + "): "
            + (faults.size() == 1
                ? faults.getFirst()
                : "errors:\n  " + String.join("\n  ", faults)));
  }

  private static String setTwice(String duplicate) {
    return DUPLICATE.matcher(duplicate).replaceFirst("line $2: key \"$1\" already set in map");
  }

  private static YamlDocument parsed(String text) {
    try {
      return YamlCodec.parseOne(text.getBytes(StandardCharsets.UTF_8));
    } catch (ApiException e) {
      throw new ApiException(
          new ApiError.BadRequest("error decoding YAML: " + e.error().message()), e);
    }
  }

  private static String name(JsonNode tree) {
    JsonNode metadata = tree.path("metadata");
    return metadata.path("namespace").asString("") + "/" + metadata.path("name").asString("");
  }

  private static ApiException refused(String why) {
    return new ApiException(new ApiError.BadRequest(why));
  }
}
