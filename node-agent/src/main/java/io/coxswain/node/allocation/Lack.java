package io.coxswain.node.allocation;

/// What of the node is too little for a pod that comes.
///
/// @param resource as in the pod's requests, or `pods`
/// @param requested thousandths of cpu, else whole units
/// @param used by all others
/// @param capacity what pods may have together
public record Lack(String resource, long requested, long used, long capacity) {

  /// As the pod's status tells it.
  public String reason() {
    return "OutOf" + resource;
  }

  public String message() {
    return "Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d"
        .formatted(resource, requested, used, capacity);
  }

  /// How much more there would have to be.
  public long missing() {
    return requested - (capacity - used);
  }
}
