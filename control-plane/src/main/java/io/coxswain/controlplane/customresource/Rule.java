package io.coxswain.controlplane.customresource;

import dev.cel.runtime.CelRuntime.Program;
import io.coxswain.api.apiextensions.v1.ValidationRule;
import java.util.Optional;

/// A rule of a schema, compiled.
///
/// @param error why it could not be; empty when it could
/// @param transition whether it compares with the value before
/// @param message makes the message
record Rule(
    ValidationRule source,
    String error,
    String messageError,
    boolean transition,
    Optional<Program> program,
    Optional<Program> message,
    long cost) {

  boolean optionalOld() {
    return source.getOptionalOldSelf();
  }
}
