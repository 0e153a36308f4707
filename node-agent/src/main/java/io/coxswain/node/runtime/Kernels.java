package io.coxswain.node.runtime;

/// Releases of the kernel, as `6.1.0-18-amd64`, in the order in which they came.
final class Kernels {

  /// mount_setattr(2).
  static final String MOUNT_ATTRIBUTES = "5.12";

  /// The first in which also tmpfs, where Secrets are, can be shown with other owners.
  static final String MAPPED_TMPFS = "6.3";

  private Kernels() {}

  /// @throws IllegalArgumentException when one of the two does not begin with two numbers
  static boolean isAtLeast(String release, String other) {
    int[] here = numbers(release);
    int[] wanted = numbers(other);
    return here[0] != wanted[0] ? here[0] > wanted[0] : here[1] >= wanted[1];
  }

  private static int[] numbers(String text) {
    String[] parts = text.split("[^0-9]+", 3);
    if (parts.length < 2 || !parts[0].matches("[0-9]{1,6}") || !parts[1].matches("[0-9]{1,6}")) {
      throw new IllegalArgumentException("\"%s\" is no kernel's version, as 4.8".formatted(text));
    }
    return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
  }
}
