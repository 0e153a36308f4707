package io.coxswain.node.image;

/// When the registry is asked.
public enum PullPolicy {
  ALWAYS,
  IF_NOT_PRESENT,
  NEVER;

  /// As `imagePullPolicy` has it; an empty text is what the API server's default would be without a
  /// tag.
  public static PullPolicy of(String text) {
    return switch (text) {
      case "Always" -> ALWAYS;
      case "Never" -> NEVER;
      default -> IF_NOT_PRESENT;
    };
  }
}
