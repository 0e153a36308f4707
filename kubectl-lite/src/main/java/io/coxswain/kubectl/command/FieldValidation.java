package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;

/// `--validate`.
final class FieldValidation {

  private FieldValidation() {}

  /// The server's name for what the option says.
  ///
  /// @throws Failure when it says nothing known
  static String of(Options options) {
    return switch (options.text("validate")) {
      case "strict", "true" -> "Strict";
      case "warn" -> "Warn";
      case "ignore", "false" -> "Ignore";
      default ->
          throw new Failure(
              "error: invalid --validate \""
                  + options.text("validate")
                  + "\": it takes strict, warn or ignore");
    };
  }
}
