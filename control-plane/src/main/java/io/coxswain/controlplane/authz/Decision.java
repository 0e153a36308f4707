package io.coxswain.controlplane.authz;

/// An authorizer's answer.
///
/// @param reason for the user and for `kubectl auth can-i`; may be empty
public record Decision(boolean allowed, String reason) {

  static final Decision ALLOWED = new Decision(true, "");
  static final Decision REFUSED = new Decision(false, "");

  static Decision refused(String reason) {
    return reason.isEmpty() ? REFUSED : new Decision(false, reason);
  }
}
