package io.coxswain.controlplane.customresource;

import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceColumnDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionSpec;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.coxswain.api.apiextensions.v1.CustomResourceSubresourceScale;
import io.coxswain.api.apiextensions.v1.JSONSchemaProps;
import io.coxswain.api.apiextensions.v1.SelectableField;
import io.coxswain.api.apiextensions.v1.WebhookClientConfig;
import io.coxswain.client.ApiError.Cause;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// What is wrong with a definition, in Kubernetes' words. What all versions have in common is
/// spoken of once, under the paths that it had when there was only one version.
public final class DefinitionProblems {

  private static final String APPROVED = "api-approved.kubernetes.io";
  private static final int MOST_SELECTABLE = 8;
  private static final int MOST_NAME = 253;
  private static final Pattern LABEL = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final String LABEL_RULE =
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
          + " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
          + " 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
  private static final String SUBDOMAIN_RULE =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
          + " used for validation is"
          + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  private static final List<String> COLUMN_TYPES =
      List.of("boolean", "date", "integer", "number", "string");
  private static final Set<String> COLUMN_FORMATS =
      Set.of("int32", "int64", "float", "double", "byte", "date", "date-time", "password");

  private final Faults faults = new Faults();

  private DefinitionProblems() {}

  /// @param definition with its defaults
  public static List<Cause> onCreate(CustomResourceDefinition definition) {
    DefinitionProblems problems = new DefinitionProblems();
    problems.check(definition);
    return problems.faults.causes();
  }

  public static List<Cause> onUpdate(
      CustomResourceDefinition before, CustomResourceDefinition after) {
    DefinitionProblems problems = new DefinitionProblems();
    problems.check(after);
    CustomResourceDefinitionSpec old = before.getSpec();
    CustomResourceDefinitionSpec spec = after.getSpec();
    problems.unchanged("spec.group", old.getGroup(), spec.getGroup());
    problems.unchanged(
        "spec.names.plural", old.getNames().getPlural(), spec.getNames().getPlural());
    if (DefinitionStatus.isTrue(before, DefinitionStatus.ESTABLISHED)) {
      problems.unchanged("spec.scope", old.getScope(), spec.getScope());
      problems.unchanged("spec.names.kind", old.getNames().getKind(), spec.getNames().getKind());
    }
    problems.storedVersions(after);
    List<Cause> causes = problems.faults.causes();
    if (causes.stream().noneMatch(TotalCost::isAboutCost)) {
      return causes;
    }
    // What was taken once can be kept, as in Kubernetes.
    return onCreate(before).stream().anyMatch(TotalCost::isAboutCost)
        ? causes.stream().filter(cause -> !TotalCost.isAboutCost(cause)).toList()
        : causes;
  }

  /// A status that somebody wrote: it must not forget a version in which objects may lie.
  public static List<Cause> onStatusUpdate(CustomResourceDefinition after) {
    DefinitionProblems problems = new DefinitionProblems();
    problems.storedVersions(after);
    return problems.faults.causes();
  }

  private void unchanged(String path, String before, String after) {
    if (!before.equals(after)) {
      faults.invalidText(path, after, "field is immutable");
    }
  }

  private void storedVersions(CustomResourceDefinition definition) {
    List<CustomResourceDefinitionVersion> versions = definition.getSpec().getVersionsList();
    List<String> stored = definition.getStatus().getStoredVersionsList();
    for (int i = 0; i < stored.size(); i++) {
      String name = stored.get(i);
      if (versions.stream().noneMatch(version -> version.getName().equals(name))) {
        faults.invalidText(
            "status.storedVersions[" + i + "]",
            name,
            "missing from spec.versions; "
                + name
                + " was previously a storage version, and must remain in spec.versions until a"
                + " storage migration ensures no data remains persisted in "
                + name
                + " and removes "
                + name
                + " from status.storedVersions");
      }
    }
  }

  private void check(CustomResourceDefinition definition) {
    CustomResourceDefinitionSpec spec = definition.getSpec();
    String name = definition.getMetadata().getName();
    String wanted = spec.getNames().getPlural() + "." + spec.getGroup();
    if (!name.equals(wanted)) {
      faults.invalidText("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
    }
    approval(definition);
    group(spec.getGroup());
    if (!spec.getScope().equals("Namespaced") && !spec.getScope().equals("Cluster")) {
      if (spec.getScope().isEmpty()) {
        faults.required("spec.scope", "");
      } else {
        faults.unsupported(
            "spec.scope", Faults.quoted(spec.getScope()), List.of("Cluster", "Namespaced"));
      }
    }
    if (spec.getPreserveUnknownFields()) {
      faults.invalid(
          "spec.preserveUnknownFields",
          "true",
          "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
              + " spec.versions[*].schema instead");
    }
    versions(spec);
    names(spec.getNames(), "spec.names");
    conversion(spec);
    each(
        spec,
        "spec.validation",
        ".schema",
        CustomResourceDefinitionVersion::getSchema,
        this::schema);
    each(
        spec,
        "spec.subresources",
        ".subresources",
        CustomResourceDefinitionVersion::getSubresources,
        this::subresources);
    eachColumns(spec);
  }

  private interface Check {
    void of(CustomResourceDefinitionVersion version, String path);
  }

  /// Checks a part of each version: once, if it is the same in all.
  private void each(
      CustomResourceDefinitionSpec spec,
      String together,
      String apart,
      Function<CustomResourceDefinitionVersion, Message> part,
      Check check) {
    List<CustomResourceDefinitionVersion> versions = spec.getVersionsList();
    if (versions.stream().map(part).distinct().count() == 1) {
      check.of(versions.getFirst(), together);
      return;
    }
    for (int i = 0; i < versions.size(); i++) {
      check.of(versions.get(i), "spec.versions[" + i + "]" + apart);
    }
  }

  private void approval(CustomResourceDefinition definition) {
    String group = definition.getSpec().getGroup();
    boolean theirs =
        group.equals("k8s.io")
            || group.endsWith(".k8s.io")
            || group.equals("kubernetes.io")
            || group.endsWith(".kubernetes.io");
    if (!theirs) {
      return;
    }
    String path = "metadata.annotations[" + APPROVED + "]";
    String approved = definition.getMetadata().getAnnotationsOrDefault(APPROVED, "");
    String see = ", see https://github.com/kubernetes/enhancements/pull/1111";
    String must = "protected groups must have approval annotation \"" + APPROVED + "\"";
    if (approved.isEmpty()) {
      faults.required(path, must + see);
    } else if (!approved.startsWith("unapproved") && !approved.matches("https?://\\S+")) {
      faults.invalidText(
          path,
          approved,
          must + " with either a URL or a reason starting with \"unapproved\"" + see);
    }
  }

  private void group(String group) {
    if (group.isEmpty()) {
      faults.required("spec.group", "");
    } else if (group.length() > MOST_NAME || !SUBDOMAIN.matcher(group).matches()) {
      faults.invalidText("spec.group", group, SUBDOMAIN_RULE);
    } else if (group.indexOf('.') < 0) {
      faults.invalidText("spec.group", group, "should be a domain with at least one dot");
    }
  }

  private void versions(CustomResourceDefinitionSpec spec) {
    Set<String> seen = new HashSet<>();
    boolean doubled = false;
    long stored = 0;
    for (int i = 0; i < spec.getVersionsCount(); i++) {
      CustomResourceDefinitionVersion version = spec.getVersions(i);
      String path = "spec.versions[" + i + "]";
      label(path + ".name", version.getName(), "");
      doubled |= !seen.add(version.getName());
      stored += version.getStorage() ? 1 : 0;
      if (version.hasDeprecationWarning()) {
        if (!version.getDeprecated()) {
          faults.invalidText(
              path + ".deprecationWarning",
              version.getDeprecationWarning(),
              "can only be set for deprecated versions");
        } else if (version.getDeprecationWarning().isEmpty()) {
          faults.invalidText(path + ".deprecationWarning", "", "must not be empty if specified");
        } else if (version.getDeprecationWarning().length() > 256) {
          faults.invalidText(
              path + ".deprecationWarning",
              version.getDeprecationWarning(),
              "must be <= 256 characters");
        }
      }
      if (!version.getSchema().hasOpenAPIV3Schema()) {
        faults.required(path + ".schema.openAPIV3Schema", "schemas are required");
      }
    }
    if (doubled) {
      faults.invalid("spec.versions", shown(spec), "must contain unique version names");
    }
    if (stored != 1) {
      faults.invalid(
          "spec.versions", shown(spec), "must have exactly one version marked as storage version");
    }
  }

  private static String shown(CustomResourceDefinitionSpec spec) {
    return Faults.quoted(
        String.join(
            ", ",
            spec.getVersionsList().stream()
                .map(CustomResourceDefinitionVersion::getName)
                .toList()));
  }

  private void label(String path, String value, String before) {
    if (value.length() > 63) {
      faults.invalidText(path, value, before + "must be no more than 63 characters");
    } else if (!LABEL.matcher(value).matches()) {
      faults.invalidText(path, value, before + LABEL_RULE);
    }
  }

  private void names(CustomResourceDefinitionNames names, String path) {
    if (names.getPlural().isEmpty()) {
      faults.required(path + ".plural", "");
    } else {
      label(path + ".plural", names.getPlural(), "");
    }
    if (names.getKind().isEmpty()) {
      faults.required(path + ".kind", "");
    } else {
      mixed(path + ".kind", names.getKind());
    }
    if (!names.getSingular().isEmpty()) {
      label(path + ".singular", names.getSingular(), "");
    }
    if (!names.getListKind().isEmpty()) {
      mixed(path + ".listKind", names.getListKind());
    }
    for (int i = 0; i < names.getShortNamesCount(); i++) {
      label(path + ".shortNames[" + i + "]", names.getShortNames(i), "");
    }
    if (!names.getKind().isEmpty() && names.getKind().equals(names.getListKind())) {
      faults.invalidText(
          path + ".listKind", names.getListKind(), "kind and listKind may not be the same");
    }
    for (int i = 0; i < names.getCategoriesCount(); i++) {
      label(path + ".categories[" + i + "]", names.getCategories(i), "");
    }
  }

  private void mixed(String path, String value) {
    if (!LABEL.matcher(value.toLowerCase(java.util.Locale.ROOT)).matches()) {
      faults.invalidText(
          path, value, "may have mixed case, but should otherwise match: " + LABEL_RULE);
    }
  }

  private void conversion(CustomResourceDefinitionSpec spec) {
    String path = "spec.conversion";
    switch (spec.getConversion().getStrategy()) {
      case "" -> faults.required(path + ".strategy", "");
      case "None" -> {
        if (spec.getConversion().hasWebhook()) {
          faults.forbidden(
              path + ".webhook", "should not be set when strategy is not set to Webhook");
        }
      }
      case "Webhook" -> webhook(spec, path);
      default ->
          faults.unsupported(
              path + ".strategy",
              Faults.quoted(spec.getConversion().getStrategy()),
              List.of("None", "Webhook"));
    }
  }

  private void webhook(CustomResourceDefinitionSpec spec, String path) {
    WebhookClientConfig client = spec.getConversion().getWebhook().getClientConfig();
    if (!spec.getConversion().getWebhook().hasClientConfig()) {
      faults.required(path + ".webhookClientConfig", "required when strategy is set to Webhook");
    } else if (client.hasUrl() == client.hasService()) {
      faults.required(path + ".webhookClientConfig", "exactly one of url or service is required");
    } else if (client.hasUrl() && !client.getUrl().startsWith("https://")) {
      faults.invalidText(
          path + ".webhookClientConfig.url",
          client.getUrl(),
          "'https' is the only allowed URL scheme; desired format: https://host[/path]");
    }
    List<String> versions = spec.getConversion().getWebhook().getConversionReviewVersionsList();
    if (versions.isEmpty()) {
      faults.required(path + ".conversionReviewVersions", "");
    } else if (!versions.contains("v1") && !versions.contains("v1beta1")) {
      faults.invalidText(
          path + ".conversionReviewVersions",
          String.join(",", versions),
          "must include at least one of v1, v1beta1");
    }
  }

  private void schema(CustomResourceDefinitionVersion version, String path) {
    if (!version.getSchema().hasOpenAPIV3Schema()) {
      return;
    }
    JSONSchemaProps schema = version.getSchema().getOpenAPIV3Schema();
    SchemaProblems.check(schema, path + ".openAPIV3Schema", faults);
    if (version.getSubresources().hasStatus()) {
      boolean more =
          schema.getAllFields().keySet().stream()
              .anyMatch(field ->
                  List.of("oneOf", "anyOf", "allOf", "not", "additionalProperties", "items")
                      .contains(field.getName()));
      if (more) {
        faults.invalidText(
            path + ".openAPIV3Schema",
            schema.getType(),
            "only [description type required title properties x-kubernetes-*] fields are allowed at"
                + " the root of the schema if the status subresource is enabled");
      }
    }
  }

  private void subresources(CustomResourceDefinitionVersion version, String path) {
    if (!version.getSubresources().hasScale()) {
      return;
    }
    CustomResourceSubresourceScale scale = version.getSubresources().getScale();
    under(path + ".scale.specReplicasPath", scale.getSpecReplicasPath(), ".spec.");
    under(path + ".scale.statusReplicasPath", scale.getStatusReplicasPath(), ".status.");
    boolean selects = scale.hasLabelSelectorPath() && !scale.getLabelSelectorPath().isEmpty();
    if (selects && !scale.getLabelSelectorPath().matches("\\.(spec|status)\\..+")) {
      faults.invalidText(
          path + ".scale.labelSelectorPath",
          scale.getLabelSelectorPath(),
          "should be a json path under either .spec or .status");
    }
  }

  private void under(String path, String value, String parent) {
    if (value.isEmpty()) {
      faults.required(path, "");
    } else if (!value.startsWith(parent)) {
      String shown = parent.substring(0, parent.length() - 1);
      faults.invalidText(path, value, "should be a json path under " + shown);
    }
  }

  private void eachColumns(CustomResourceDefinitionSpec spec) {
    List<CustomResourceDefinitionVersion> versions = spec.getVersionsList();
    boolean same =
        versions.stream()
                .map(CustomResourceDefinitionVersion::getAdditionalPrinterColumnsList)
                .distinct()
                .count()
            == 1;
    for (int i = 0; i < versions.size(); i++) {
      String version = "spec.versions[" + i + "]";
      String path = (same ? "spec" : version) + ".additionalPrinterColumns";
      if (i == 0 || !same) {
        for (int j = 0; j < versions.get(i).getAdditionalPrinterColumnsCount(); j++) {
          column(versions.get(i).getAdditionalPrinterColumns(j), path + "[" + j + "]");
        }
      }
      selectable(versions.get(i), (versions.size() == 1 ? "spec" : version) + ".selectableFields");
    }
  }

  private void column(CustomResourceColumnDefinition column, String path) {
    if (column.getName().isEmpty()) {
      faults.required(path + ".name", "");
    }
    String types = "must be one of " + String.join(",", COLUMN_TYPES);
    if (column.getType().isEmpty()) {
      faults.required(path + ".type", types);
    } else if (!COLUMN_TYPES.contains(column.getType())) {
      faults.invalidText(path + ".type", column.getType(), types);
    }
    if (!column.getFormat().isEmpty() && !COLUMN_FORMATS.contains(column.getFormat())) {
      faults.invalidText(
          path + ".format",
          column.getFormat(),
          "must be one of " + String.join(",", COLUMN_FORMATS.stream().sorted().toList()));
    }
    if (column.getJsonPath().isEmpty()) {
      faults.required(path + ".JSONPath", "");
    } else if (!column.getJsonPath().startsWith(".")) {
      faults.invalidText(
          path + ".JSONPath", column.getJsonPath(), "must be a simple json path starting with .");
    }
  }

  private void selectable(CustomResourceDefinitionVersion version, String path) {
    Set<String> seen = new HashSet<>();
    StructuralSchema schema = StructuralSchema.of(version.getSchema().getOpenAPIV3Schema());
    for (int i = 0; i < version.getSelectableFieldsCount(); i++) {
      SelectableField field = version.getSelectableFields(i);
      String at = path + "[" + i + "].jsonPath";
      String text = field.getJsonPath();
      if (text.isEmpty()) {
        faults.required(at, "");
        continue;
      }
      List<String> names = JsonPath.parse(text).flatMap(JsonPath::names).orElse(List.of());
      if (names.isEmpty()) {
        faults.invalidText(at, text, "is an invalid path: does not refer to a valid field");
      } else if (names.getFirst().equals("metadata")) {
        faults.invalidText(at, text, "must not point to fields in metadata");
      } else if (!List.of("string", "boolean", "integer").contains(typeAt(schema, names))) {
        faults.invalidText(
            at,
            text,
            "must point to a field of type string, boolean or integer. Enum string fields and"
                + " strings with formats are allowed.");
      }
      if (!seen.add(text)) {
        faults.duplicate(at, Faults.quoted(text));
      }
    }
    if (seen.size() > MOST_SELECTABLE) {
      faults.tooMany(path, seen.size(), MOST_SELECTABLE);
    }
  }

  private static String typeAt(StructuralSchema schema, List<String> names) {
    StructuralSchema at = schema;
    for (String name : names) {
      StructuralSchema next = at.properties().get(name);
      if (next == null) {
        return "";
      }
      at = next;
    }
    return at.type();
  }
}
