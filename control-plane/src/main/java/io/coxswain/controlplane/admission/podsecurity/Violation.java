package io.coxswain.controlplane.admission.podsecurity;

import java.util.List;
import java.util.stream.Collectors;

/// One thing that a pod asks for and may not have.
///
/// @param reason in few words
/// @param detail who asks for what
public record Violation(String reason, String detail) {

  /// As people read it: `privileged (container "c" must not set ...)`.
  public static String detailed(List<Violation> all) {
    return all.stream()
        .map(one -> one.reason() + (one.detail().isEmpty() ? "" : " (" + one.detail() + ")"))
        .collect(Collectors.joining(", "));
  }

  /// Only the reasons.
  public static String reasons(List<Violation> all) {
    return all.stream().map(Violation::reason).collect(Collectors.joining(", "));
  }
}
