package io.coxswain.client;

/// Which object of a kind: `namespace/name`, or only the name where the kind is the whole
/// cluster's.
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {

  @Override
  public int compareTo(ObjectKey other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
