package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import java.util.List;

/// `--dry-run`.
final class DryRun {

  private DryRun() {}

  static Options declare(Options options) {
    return options.optional(
        "dry-run",
        ' ',
        "none",
        "client",
        "none; client: show what would be sent; server: let the server check without storing");
  }

  /// @throws Failure when it is neither none, client nor server
  static String of(Options options) {
    String text = options.text("dry-run");
    if (!List.of("none", "client", "server").contains(text)) {
      throw new Failure(
          "error: Invalid dry-run value ("
              + text
              + "). Must be \"none\", \"server\", or \"client\".");
    }
    return text;
  }

  static String suffix(String dryRun) {
    return switch (dryRun) {
      case "server" -> " (server dry run)";
      case "client" -> " (dry run)";
      default -> "";
    };
  }

  /// The query parameter; empty when the change is meant.
  static String query(String dryRun) {
    return dryRun.equals("server") ? "All" : "";
  }
}
