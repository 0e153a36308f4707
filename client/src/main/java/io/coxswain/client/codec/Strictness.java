package io.coxswain.client.codec;

import java.util.Optional;

/// What to do about fields that are unknown or stand twice: the `fieldValidation` of a request.
public enum Strictness {
  /// They are errors.
  STRICT,
  /// They are dropped and reported.
  WARN,
  /// They are dropped.
  IGNORE;

  /// Reads the request's parameter; an empty one means WARN, as the API has it.
  public static Optional<Strictness> of(String fieldValidation) {
    return switch (fieldValidation) {
      case "", "Warn" -> Optional.of(WARN);
      case "Strict" -> Optional.of(STRICT);
      case "Ignore" -> Optional.of(IGNORE);
      default -> Optional.empty();
    };
  }
}
