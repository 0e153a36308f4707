package io.coxswain.controlplane.customresource;

import dev.cel.runtime.CelRuntime.Program;
import io.coxswain.api.apiextensions.v1.ValidationRule;
import java.util.Optional;

/// A rule of a schema, compiled.
///
/// @param error why it could not be; empty when it could
/// @param transition whether it compares with the value before
/// @param message makes the message
/// @param cost what it may take at most, and `messageCost` its message
record Rule(
    ValidationRule source,
    String error,
    String messageError,
    boolean transition,
    Optional<Program> program,
    Optional<Program> message,
    long cost,
    long messageCost) {

  boolean optionalOld() {
    return source.getOptionalOldSelf();
  }
}
