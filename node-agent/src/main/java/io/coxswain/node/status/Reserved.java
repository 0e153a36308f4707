package io.coxswain.node.status;

import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;

/// What of a node is kept from pods.
///
/// @param milliCpus thousandths of a cpu
/// @param storageBytes of the file system of the node's data
/// @param processes process numbers, which threads have, too
public record Reserved(long milliCpus, long memoryBytes, long storageBytes, long processes) {

  public static final Reserved NOTHING = new Reserved(0, 0, 0, 0);

  /// As `cpu=100m,memory=100Mi,ephemeral-storage=1Gi,pid=1000`.
  ///
  /// @param option in which it stands, as `--kube-reserved`
  /// @throws IllegalArgumentException naming the option and what is wrong with it
  public static Reserved parse(String option, String text) {
    Reserved reserved = NOTHING;
    for (String pair : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] parts = pair.strip().split("=", 2);
      if (parts.length < 2) {
        throw new IllegalArgumentException(
            "%s: \"%s\" is not RESOURCE=QUANTITY, as memory=100Mi".formatted(option, pair));
      }
      reserved = reserved.plus(one(option, parts[0].strip(), parts[1].strip()));
    }
    return reserved;
  }

  private static Reserved one(String option, String resource, String text) {
    Quantity amount;
    try {
      amount = Quantities.of(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s: %s: %s".formatted(option, resource, e.getMessage()), e);
    }
    if (Quantities.value(amount).signum() < 0) {
      throw new IllegalArgumentException(
          "%s: resource quantity for \"%s\" cannot be negative: %s"
              .formatted(option, resource, text));
    }
    return switch (resource) {
      case "cpu" -> new Reserved(Quantities.milli(amount), 0, 0, 0);
      case "memory" -> new Reserved(0, Quantities.whole(amount), 0, 0);
      case "ephemeral-storage" -> new Reserved(0, 0, Quantities.whole(amount), 0);
      case "pid" -> new Reserved(0, 0, 0, Quantities.whole(amount));
      default ->
          throw new IllegalArgumentException(
              "%s: cannot reserve \"%s\" resource: there are cpu, memory, ephemeral-storage and pid"
                  .formatted(option, resource));
    };
  }

  public Reserved plus(Reserved other) {
    return new Reserved(
        milliCpus + other.milliCpus,
        memoryBytes + other.memoryBytes,
        storageBytes + other.storageBytes,
        processes + other.processes);
  }
}
