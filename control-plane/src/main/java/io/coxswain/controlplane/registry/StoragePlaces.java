package io.coxswain.controlplane.registry;

import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.util.ArrayList;
import java.util.List;

/// Where objects of a named resource lie in the store, for what looks at the store by itself.
public final class StoragePlaces {

  private StoragePlaces() {}

  /// Prefixes of the keys of a resource: `secrets`, `deployments.apps`, one that people define as
  /// `boats.example.com`, `*.apps` for all of a group, `*.` for those of the core group, `*.*` for
  /// everything.
  ///
  /// @throws IllegalArgumentException when there is no such resource
  public static List<String> prefixes(String resource) {
    if (resource.equals("*.*")) {
      return List.of(StorageLayout.ROOT);
    }
    int dot = resource.indexOf('.');
    String plural = dot < 0 ? resource : resource.substring(0, dot);
    String group = dot < 0 ? "" : resource.substring(dot + 1);
    List<String> prefixes = new ArrayList<>();
    boolean known = false;
    for (ResourceType<?> type : Schema.api().types()) {
      boolean sameGroup = type.group().equals(group);
      known |= sameGroup;
      if (sameGroup && type.stored() && (plural.equals("*") || type.plural().equals(plural))) {
        String prefix = StorageLayout.prefix(type);
        if (!prefixes.contains(prefix)) {
          prefixes.add(prefix);
        }
      }
    }
    if (prefixes.isEmpty() && known) {
      throw new IllegalArgumentException("no resource is called \"" + resource + "\"");
    }
    if (!known) {
      // One that people define, now or later.
      prefixes.add(StorageLayout.ROOT + group + "/" + (plural.equals("*") ? "" : plural + "/"));
    }
    return prefixes;
  }
}
