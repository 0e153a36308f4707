package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.LabelSelectorRequirement;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.codec.LabelSyntax;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What holds for the metadata of every kind, and for labels and their selectors wherever they are.
final class MetadataRules {

  private static final int MOST_ANNOTATION_BYTES = 256 * 1024;

  /// Those that need no domain.
  private static final Set<String> STANDARD_FINALIZERS =
      Set.of("kubernetes", "orphan", "foregroundDeletion");

  /// Groups whose servers know finalizers of their own by other names.
  private static final Set<String> OWN_FINALIZERS =
      Set.of("apiextensions.k8s.io", "apiregistration.k8s.io", "admissionregistration.k8s.io");

  private MetadataRules() {}

  static void check(Message object, Problems problems) {
    ObjectMeta metadata = ObjectMetas.read(object);
    Optional<ResourceType<?>> type = Schema.api().typeOf(object.getDescriptorForType());
    checkName(metadata, type, problems);
    checkNamespace(metadata, type, problems);
    marks(metadata, problems);
    for (int i = 0; i < metadata.getFinalizersCount(); i++) {
      String at = "metadata.finalizers[" + i + "]";
      finalizer(metadata.getFinalizers(i), at, ownFinalizers(type), problems);
    }
    checkOwners(metadata, problems);
    if (metadata.getGeneration() < 0) {
      problems.invalid(
          "metadata.generation", metadata.getGeneration(), "must be greater than or equal to 0");
    }
  }

  /// Of an object whose status was written: what may be written along with it.
  static void checkWrittenMarks(Message before, Message after, Problems problems) {
    ObjectMeta old = ObjectMetas.read(before);
    ObjectMeta metadata = ObjectMetas.read(after);
    if (!old.getLabelsMap().equals(metadata.getLabelsMap())
        || !old.getAnnotationsMap().equals(metadata.getAnnotationsMap())) {
      marks(metadata, problems);
    }
  }

  private static void marks(ObjectMeta metadata, Problems problems) {
    labels(metadata.getLabelsMap(), "metadata.labels", problems);
    annotations(metadata.getAnnotationsMap(), "metadata.annotations", problems);
  }

  private static void checkName(
      ObjectMeta metadata, Optional<ResourceType<?>> type, Problems problems) {
    String name = metadata.getName();
    if (!metadata.getGenerateName().isEmpty()) {
      String stem = metadata.getGenerateName().replaceAll("-+$", "") + "a";
      nameProblem(stem, type)
          .ifPresent(detail ->
              problems.invalid("metadata.generateName", metadata.getGenerateName(), detail));
    }
    if (name.isEmpty()) {
      problems.required("metadata.name", "name or generateName is required");
      return;
    }
    nameProblem(name, type).ifPresent(detail -> problems.invalid("metadata.name", name, detail));
  }

  private static Optional<String> nameProblem(String name, Optional<ResourceType<?>> type) {
    String plural = type.map(ResourceType::qualifiedPlural).orElse("");
    return switch (plural) {
      case "namespaces", "services" -> Names.label(name);
      case "roles.rbac.authorization.k8s.io",
          "clusterroles.rbac.authorization.k8s.io",
          "apiservices.apiregistration.k8s.io",
          "certificatesigningrequests.certificates.k8s.io",
          "rolebindings.rbac.authorization.k8s.io",
          "clusterrolebindings.rbac.authorization.k8s.io" ->
          Names.pathSegment(name);
      default -> Names.subdomain(name);
    };
  }

  private static void checkNamespace(
      ObjectMeta metadata, Optional<ResourceType<?>> type, Problems problems) {
    if (type.isEmpty()) {
      return;
    }
    String namespace = metadata.getNamespace();
    if (!type.get().namespaced()) {
      if (!namespace.isEmpty()) {
        problems.forbidden("metadata.namespace", "not allowed on this type");
      }
    } else if (namespace.isEmpty()) {
      problems.required("metadata.namespace");
    } else {
      Names.label(namespace)
          .ifPresent(detail -> problems.invalid("metadata.namespace", namespace, detail));
    }
  }

  /// Whether finalizers without a domain mean something for any such object, or are the kind's own.
  private static boolean ownFinalizers(Optional<ResourceType<?>> type) {
    return type.isEmpty() || OWN_FINALIZERS.contains(type.get().group());
  }

  /// @param own whether the kind may have such without a domain that are not known to all
  static void finalizer(String name, String at, boolean own, Problems problems) {
    LabelSyntax.keyProblem(name).ifPresent(detail -> problems.invalid(at, name, detail));
    if (!own && name.indexOf('/') < 0 && !STANDARD_FINALIZERS.contains(name)) {
      problems.invalid(
          at, name, "name is neither a standard finalizer name nor is it fully qualified");
    }
  }

  private static void checkOwners(ObjectMeta metadata, Problems problems) {
    int controllers = 0;
    for (int i = 0; i < metadata.getOwnerReferencesCount(); i++) {
      OwnerReference owner = metadata.getOwnerReferences(i);
      String at = "metadata.ownerReferences[" + i + "]";
      if (owner.getApiVersion().isEmpty()) {
        problems.invalid(at + ".apiVersion", "", "version must not be empty");
      }
      if (owner.getKind().isEmpty()) {
        problems.invalid(at + ".kind", "", "must not be empty");
      }
      if (owner.getName().isEmpty()) {
        problems.invalid(at + ".name", "", "must not be empty");
      }
      if (owner.getUid().isEmpty()) {
        problems.invalid(at + ".uid", "", "must not be empty");
      }
      controllers += owner.getController() ? 1 : 0;
    }
    if (controllers > 1) {
      problems.invalidJson(
          "metadata.ownerReferences",
          String.valueOf(controllers),
          "Only one reference can have Controller set to true");
    }
  }

  static void checkUpdate(Message before, Message after, Problems problems) {
    ObjectMeta old = ObjectMetas.read(before);
    ObjectMeta metadata = ObjectMetas.read(after);
    unchanged("name", old.getName(), metadata.getName(), problems);
    unchanged("namespace", old.getNamespace(), metadata.getNamespace(), problems);
    unchanged("uid", old.getUid(), metadata.getUid(), problems);
    if (!old.getCreationTimestamp().equals(metadata.getCreationTimestamp())) {
      problems.invalidJson(
          "metadata.creationTimestamp",
          SchemaRules.shown(metadata.getCreationTimestamp()),
          "field is immutable");
    }
    if (metadata.getGeneration() < old.getGeneration()) {
      problems.invalid("metadata.generation", metadata.getGeneration(), "must not be decremented");
    }
  }

  private static void unchanged(String field, String before, String after, Problems problems) {
    if (!before.equals(after)) {
      problems.invalid("metadata." + field, after, "field is immutable");
    }
  }

  static void labels(Map<String, String> labels, String path, Problems problems) {
    labels.forEach((key, value) -> {
      LabelSyntax.keyProblem(key).ifPresent(detail -> problems.invalid(path, key, detail));
      LabelSyntax.valueProblem(value).ifPresent(detail -> problems.invalid(path, value, detail));
    });
  }

  static void annotations(Map<String, String> annotations, String path, Problems problems) {
    long bytes = 0;
    for (Map.Entry<String, String> entry : annotations.entrySet()) {
      String key = entry.getKey();
      LabelSyntax.keyProblem(key.toLowerCase(java.util.Locale.ROOT))
          .ifPresent(detail -> problems.invalid(path, key, detail));
      bytes += key.getBytes(StandardCharsets.UTF_8).length;
      bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (bytes > MOST_ANNOTATION_BYTES) {
      problems.tooLong(path, MOST_ANNOTATION_BYTES);
    }
  }

  static void selector(LabelSelector selector, String path, Problems problems) {
    labels(selector.getMatchLabelsMap(), path + ".matchLabels", problems);
    for (int i = 0; i < selector.getMatchExpressionsCount(); i++) {
      LabelSelectorRequirement expression = selector.getMatchExpressions(i);
      String at = path + ".matchExpressions[" + i + "]";
      LabelSyntax.keyProblem(expression.getKey())
          .ifPresent(detail -> problems.invalid(at + ".key", expression.getKey(), detail));
      boolean hasValues = expression.getValuesCount() > 0;
      switch (expression.getOperator()) {
        case "In", "NotIn" -> {
          if (!hasValues) {
            problems.required(
                at + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
          }
        }
        case "Exists", "DoesNotExist" -> {
          if (hasValues) {
            problems.forbidden(
                at + ".values",
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
          }
        }
        default -> {
          // the schema names the operators
        }
      }
      for (int j = 0; j < expression.getValuesCount(); j++) {
        String value = expression.getValues(j);
        String where = at + ".values[" + j + "]";
        LabelSyntax.valueProblem(value).ifPresent(d -> problems.invalid(where, value, d));
      }
    }
  }

  static boolean isEmpty(LabelSelector selector) {
    return selector.getMatchLabelsCount() == 0 && selector.getMatchExpressionsCount() == 0;
  }
}
