package io.coxswain.node.allocation;

import java.util.Optional;

/// Whether there is room for what a pod wants. Pure.
final class Fit {

  /// Why there is none.
  ///
  /// @param reason as [Standing.Pending#reason]
  record Objection(String reason, String message) {}

  private Fit() {}

  /// What a pod does not want more of, it may have in any case: it has as much already.
  ///
  /// @param node what pods may have of the node together
  /// @param others what all others hold
  /// @param held what the pod holds
  /// @param wanted what it is to hold
  static Optional<Objection> objection(Share node, Share others, Share held, Share wanted) {
    return objection(
            "cpu", node.milliCpus(), others.milliCpus(), held.milliCpus(), wanted.milliCpus())
        .or(() ->
            objection(
                "memory",
                node.memoryBytes(),
                others.memoryBytes(),
                held.memoryBytes(),
                wanted.memoryBytes()));
  }

  private static Optional<Objection> objection(
      String resource, long node, long others, long held, long wanted) {
    if (wanted <= held) {
      return Optional.empty();
    }
    if (wanted > node) {
      return Optional.of(
          new Objection(
              Standing.Pending.INFEASIBLE,
              "Node didn't have enough capacity: %s, requested: %d, capacity: %d"
                  .formatted(resource, wanted, node)));
    }
    return wanted > node - others
        ? Optional.of(
            new Objection(
                Standing.Pending.DEFERRED,
                "Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d"
                    .formatted(resource, wanted, others, node)))
        : Optional.empty();
  }
}
