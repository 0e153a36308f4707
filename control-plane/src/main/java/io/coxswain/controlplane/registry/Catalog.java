package io.coxswain.controlplane.registry;

import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Every kind that is served at one moment: those of the schema, and those that people define. A
/// kind of the schema wins where both have the same path. Immutable; another one takes its place
/// when the kinds change, so whatever is made of it can be kept as long as it is the same.
public final class Catalog {

  private final Map<String, ResourceType<?>> types = new LinkedHashMap<>();
  private final Map<String, CustomKind> custom = new LinkedHashMap<>();

  public Catalog(Iterable<ResourceType<?>> schema, Iterable<CustomKind> custom) {
    for (ResourceType<?> type : schema) {
      types.put(path(type), type);
    }
    for (CustomKind kind : custom) {
      if (types.putIfAbsent(path(kind.type()), kind.type()) == null) {
        this.custom.put(path(kind.type()), kind);
      }
    }
  }

  private static String path(ResourceType<?> type) {
    return path(type.group(), type.version(), type.plural());
  }

  static String path(String group, String version, String plural) {
    return group + "/" + version + "/" + plural;
  }

  public List<ResourceType<?>> types() {
    return new ArrayList<>(types.values());
  }

  /// The kind under `/apis/<group>/<version>/<plural>`; an empty group is the core's.
  public Optional<ResourceType<?>> find(String group, String version, String plural) {
    return Optional.ofNullable(types.get(path(group, version, plural)));
  }

  /// Those that people define.
  public List<CustomKind> custom() {
    return new ArrayList<>(custom.values());
  }

  /// What people defined, if the type is theirs.
  public Optional<CustomKind> custom(ResourceType<?> type) {
    return Optional.ofNullable(custom.get(path(type)));
  }

  /// As what objects of a kind lie in the store, whichever version they are written in.
  public ObjectKind storedAs(ResourceType<?> type) {
    Optional<CustomKind> theirs = custom(type);
    if (theirs.isPresent()) {
      return new ObjectKind(type.group(), theirs.get().storageVersion(), type.kind());
    }
    ResourceType<?> stored = StorageLayout.storedAs(type);
    return new ObjectKind(stored.group(), stored.version(), stored.kind());
  }
}
