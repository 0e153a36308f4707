package io.coxswain.controlplane.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The types that expressions about requests know by name.
final class RequestTypes {

  private static final CelType STRINGS = ListType.create(SimpleType.STRING);
  private static final CelType KIND =
      structure(
          "kubernetes.GroupVersionKind",
          Map.of(
              "group", SimpleType.STRING,
              "version", SimpleType.STRING,
              "kind", SimpleType.STRING));
  private static final CelType RESOURCE =
      structure(
          "kubernetes.GroupVersionResource",
          Map.of(
              "group", SimpleType.STRING,
              "version", SimpleType.STRING,
              "resource", SimpleType.STRING));
  private static final CelType USER =
      structure(
          "kubernetes.UserInfo",
          Map.of(
              "username",
              SimpleType.STRING,
              "uid",
              SimpleType.STRING,
              "groups",
              STRINGS,
              "extra",
              MapType.create(SimpleType.STRING, STRINGS)));
  private static final CelType METADATA = metadata();
  private static final CelType SPEC =
      structure("kubernetes.NamespaceSpec", Map.of("finalizers", STRINGS));
  private static final CelType CONDITION =
      structure(
          "kubernetes.NamespaceCondition",
          Map.of(
              "status", SimpleType.STRING,
              "type", SimpleType.STRING,
              "lastTransitionTime", SimpleType.TIMESTAMP,
              "message", SimpleType.STRING,
              "reason", SimpleType.STRING));
  private static final CelType STATUS =
      structure(
          "kubernetes.NamespaceStatus",
          Map.of("conditions", ListType.create(CONDITION), "phase", SimpleType.STRING));

  /// Of the variable `request`.
  static final CelType REQUEST = request();

  /// Of the variable `namespaceObject`.
  static final CelType NAMESPACE =
      structure(
          "kubernetes.Namespace", Map.of("metadata", METADATA, "spec", SPEC, "status", STATUS));

  private RequestTypes() {}

  private static CelType request() {
    Map<String, CelType> members = new HashMap<>();
    members.put("kind", KIND);
    members.put("resource", RESOURCE);
    members.put("subResource", SimpleType.STRING);
    members.put("requestKind", KIND);
    members.put("requestResource", RESOURCE);
    members.put("requestSubResource", SimpleType.STRING);
    members.put("name", SimpleType.STRING);
    members.put("namespace", SimpleType.STRING);
    members.put("operation", SimpleType.STRING);
    members.put("userInfo", USER);
    members.put("dryRun", SimpleType.BOOL);
    members.put("options", SimpleType.DYN);
    return structure("kubernetes.AdmissionRequest", members);
  }

  private static CelType metadata() {
    Map<String, CelType> members = new HashMap<>();
    members.put("name", SimpleType.STRING);
    members.put("generateName", SimpleType.STRING);
    members.put("namespace", SimpleType.STRING);
    members.put("labels", MapType.create(SimpleType.STRING, SimpleType.STRING));
    members.put("annotations", MapType.create(SimpleType.STRING, SimpleType.STRING));
    members.put("UID", SimpleType.STRING);
    members.put("creationTimestamp", SimpleType.TIMESTAMP);
    members.put("deletionGracePeriodSeconds", SimpleType.INT);
    members.put("deletionTimestamp", SimpleType.TIMESTAMP);
    members.put("generation", SimpleType.INT);
    members.put("resourceVersion", SimpleType.STRING);
    members.put("finalizers", STRINGS);
    return structure("kubernetes.NamespaceMetadata", members);
  }

  /// A structure with these members and no others.
  static StructType structure(String name, Map<String, CelType> members) {
    ImmutableMap<String, CelType> fixed = ImmutableMap.copyOf(members);
    return StructType.create(
        name, fixed.keySet(), member -> Optional.ofNullable(fixed.get(member)));
  }

  /// Those above and some more.
  static CelTypeProvider provider(Iterable<? extends CelType> more) {
    Map<String, CelType> types = new HashMap<>();
    for (CelType type :
        new CelType[] {
          KIND, RESOURCE, USER, METADATA, SPEC, CONDITION, STATUS, REQUEST, NAMESPACE
        }) {
      types.put(type.name(), type);
    }
    more.forEach(type -> types.put(type.name(), type));
    return new Known(ImmutableMap.copyOf(types));
  }

  @Immutable
  private static final class Known implements CelTypeProvider {
    private final ImmutableMap<String, CelType> types;

    Known(ImmutableMap<String, CelType> types) {
      this.types = types;
    }

    @Override
    public ImmutableCollection<CelType> types() {
      return types.values();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(types.get(name));
    }
  }
}
