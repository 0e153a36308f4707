package io.coxswain.node.allocation;

import java.time.Instant;
import java.util.Optional;

/// How a pod stands in the book.
///
/// @param generation of the pod when this was set aside
/// @param pending what it wants besides and cannot have yet; nothing when it has all
public record Standing(Allocation allocation, long generation, Optional<Pending> pending) {

  /// @param reason [#DEFERRED] or [#INFEASIBLE]
  /// @param generation of the pod that wants it
  /// @param since it has waited
  public record Pending(String reason, String message, long generation, Instant since) {

    /// There is no room now.
    public static final String DEFERRED = "Deferred";

    /// The node never has so much.
    public static final String INFEASIBLE = "Infeasible";
  }
}
