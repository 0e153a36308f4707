package io.coxswain.controlplane.registry;

import io.coxswain.client.ObjectKey;
import io.coxswain.schema.ResourceType;

/// What a call is about.
///
/// @param namespace empty for kinds of the whole cluster
/// @param name empty for a create
/// @param subresource empty for the object itself
public record Target(ResourceType<?> type, String namespace, String name, String subresource) {

  public static Target of(ResourceType<?> type, String namespace, String name) {
    return new Target(type, namespace, name, "");
  }

  public Target part(String part) {
    return new Target(type, namespace, name, part);
  }

  public ObjectKey key() {
    return new ObjectKey(namespace, name);
  }

  @Override
  public String toString() {
    String object = type.qualifiedPlural() + " " + key();
    return subresource.isEmpty() ? object : object + "/" + subresource;
  }
}
