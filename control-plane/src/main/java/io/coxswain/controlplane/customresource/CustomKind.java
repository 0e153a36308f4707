package io.coxswain.controlplane.customresource;

import io.coxswain.api.apiextensions.v1.CustomResourceColumnDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.admission.Configurations;
import io.coxswain.controlplane.cel.ObjectTypes;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.options.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One served version of a kind that people define. Immutable; made anew for each change of the
/// definition.
public final class CustomKind {

  private final CustomResourceDefinition definition;
  private final CustomResourceDefinitionVersion version;
  private final ResourceType<CustomObject> type;
  private final StructuralSchema schema;
  private final RuleCheck rules;

  private CustomKind(CustomResourceDefinition definition, CustomResourceDefinitionVersion version) {
    this.definition = definition;
    this.version = version;
    this.type = type(definition, version);
    this.schema =
        version.hasSchema() && version.getSchema().hasOpenAPIV3Schema()
            ? StructuralSchema.of(version.getSchema().getOpenAPIV3Schema())
            : StructuralSchema.ANYTHING;
    this.rules = new RuleCheck(schema);
  }

  /// The kinds that a definition makes: one for each version that is served.
  public static List<CustomKind> of(CustomResourceDefinition definition) {
    List<CustomKind> kinds = new ArrayList<>();
    for (CustomResourceDefinitionVersion version : definition.getSpec().getVersionsList()) {
      if (version.getServed()) {
        kinds.add(new CustomKind(definition, version));
      }
    }
    return List.copyOf(kinds);
  }

  /// The type of one version of a definition's objects.
  public static ResourceType<CustomObject> type(
      CustomResourceDefinition definition, CustomResourceDefinitionVersion version) {
    String group = definition.getSpec().getGroup();
    CustomResourceDefinitionNames names = definition.getSpec().getNames();
    List<String> parts = new ArrayList<>();
    if (version.getSubresources().hasStatus()) {
      parts.add("status");
    }
    if (version.getSubresources().hasScale()) {
      parts.add("scale");
    }
    return new ResourceType<>(
        group,
        version.getName(),
        names.getKind(),
        names.getPlural(),
        names.getSingular().isEmpty()
            ? names.getKind().toLowerCase(Locale.ROOT)
            : names.getSingular(),
        names.getListKind().isEmpty() ? names.getKind() + "List" : names.getListKind(),
        List.copyOf(names.getShortNamesList()),
        List.copyOf(names.getCategoriesList()),
        List.copyOf(parts),
        version.getAdditionalPrinterColumnsList().stream().map(CustomKind::column).toList(),
        version.getSelectableFieldsList().stream()
            .map(field -> field.getJsonPath().replaceFirst("^\\.", ""))
            .toList(),
        definition.getSpec().getScope().equals("Namespaced"),
        false,
        false,
        CustomObjects.prototype(group + "/" + version.getName(), names.getKind()));
  }

  private static Column column(CustomResourceColumnDefinition column) {
    return Column.newBuilder()
        .setName(column.getName())
        .setType(column.getType())
        .setFormat(column.getFormat())
        .setDescription(column.getDescription())
        .setPriority(column.getPriority())
        .setJsonPath(column.getJsonPath())
        .build();
  }

  public CustomResourceDefinition definition() {
    return definition;
  }

  public CustomResourceDefinitionVersion version() {
    return version;
  }

  public ResourceType<CustomObject> type() {
    return type;
  }

  public StructuralSchema schema() {
    return schema;
  }

  /// The types of its objects in expressions.
  public ObjectTypes expressionTypes() {
    return RuleTypes.ofKind(schema);
  }

  /// What is wrong with a new object, by the schema and, if that finds nothing, by its rules.
  public List<ApiError.Cause> onCreate(CustomObject object) {
    ObjectNode tree = CustomObjects.toTree(object);
    List<ApiError.Cause> causes = SchemaValidation.onCreate(tree, schema);
    return causes.isEmpty() ? rules.check(Optional.empty(), tree) : causes;
  }

  /// What is wrong with a new state of an object.
  public List<ApiError.Cause> onUpdate(CustomObject before, CustomObject after) {
    ObjectNode old = CustomObjects.toTree(before);
    ObjectNode tree = CustomObjects.toTree(after);
    List<ApiError.Cause> causes = SchemaValidation.onUpdate(old, tree, schema);
    return causes.isEmpty() ? rules.check(Optional.of(old), tree) : causes;
  }

  /// The version in which objects are stored.
  public String storageVersion() {
    return definition.getSpec().getVersionsList().stream()
        .filter(CustomResourceDefinitionVersion::getStorage)
        .map(CustomResourceDefinitionVersion::getName)
        .findFirst()
        .orElse(version.getName());
  }

  public boolean terminating() {
    return DefinitionStatus.isTrue(definition, DefinitionStatus.TERMINATING);
  }

  /// What whoever uses this version is told; nothing where it is not deprecated.
  public Optional<String> deprecation() {
    if (!version.getDeprecated()) {
      return Optional.empty();
    }
    return Optional.of(
        version.hasDeprecationWarning()
            ? version.getDeprecationWarning()
            : type.apiVersion() + " " + type.kind() + " is deprecated");
  }

  /// Reads a whole object that somebody sent, with defaults filled in and without what the schema
  /// does not know.
  ///
  /// @param duplicates fields given twice, as the reader of the document noted them
  /// @throws ApiException with BadRequest when it is not of this kind, or has strays and may not
  public Decoded<CustomObject> read(JsonNode body, List<String> duplicates, Strictness strictness) {
    if (!(body instanceof ObjectNode tree)) {
      throw refused("expected a JSON object");
    }
    requireKind(tree);
    List<String> strays = new ArrayList<>();
    ObjectMeta metadata = CustomObjects.metadata(tree, strays);
    tree.remove("metadata");
    strays.addAll(Pruning.prune(tree, schema));
    strays.addAll(duplicates);
    if (strictness == Strictness.STRICT && !strays.isEmpty()) {
      throw refused("strict decoding error: " + String.join(", ", strays));
    }
    Defaulting.apply(tree, schema);
    return new Decoded<>(
        CustomObjects.of(tree, metadata), strictness == Strictness.WARN ? strays : List.of());
  }

  /// What somebody applies: only what he names, so nothing is filled in. A member that the schema
  /// does not know is refused, since nobody could own it.
  ///
  /// @throws ApiException with BadRequest when it is not of this kind, or has such a member
  public CustomObject configuration(ObjectNode tree) {
    requireKind(tree);
    List<String> strays = new ArrayList<>();
    ObjectMeta metadata = CustomObjects.metadata(tree, strays);
    tree.remove("metadata");
    strays.addAll(Pruning.prune(tree, schema));
    if (!strays.isEmpty()) {
      throw Configurations.undeclared(
          metadata.getNamespace() + "/" + metadata.getName(),
          ObjectKind.of(type.apiVersion(), type.kind()),
          strays);
    }
    return CustomObjects.of(tree, metadata);
  }

  private void requireKind(ObjectNode tree) {
    String apiVersion = tree.path("apiVersion").asString("");
    String kind = tree.path("kind").asString("");
    if (kind.isEmpty()) {
      throw refused("Object 'Kind' is missing in '" + shortened(tree.toString()) + "'");
    }
    if (apiVersion.isEmpty()) {
      throw refused("Object 'apiVersion' is missing in '" + shortened(tree.toString()) + "'");
    }
    if (!apiVersion.equals(type.apiVersion())) {
      throw refused(
          "the API version in the data ("
              + apiVersion
              + ") does not match the expected API version ("
              + type.apiVersion()
              + ")");
    }
    if (!kind.equals(type.kind())) {
      throw refused(
          "the kind in the data ("
              + kind
              + ") does not match the expected kind ("
              + type.kind()
              + ")");
    }
  }

  private static String shortened(String text) {
    return text.length() > 256 ? text.substring(0, 256) + "…" : text;
  }

  private static ApiException refused(String why) {
    return new ApiException(new ApiError.BadRequest(why));
  }

  /// An object that was stored, in this version: its schema may be another than when it was
  /// written.
  public CustomObject completed(ObjectNode tree, ObjectMeta metadata) {
    tree.remove("metadata");
    var _ = Pruning.prune(tree, schema);
    Defaulting.apply(tree, schema);
    return CustomObjects.of(tree, metadata);
  }
}
