package io.coxswain.node.runtime;

/// The names of the kernel's settings.
public final class Sysctls {

  private Sysctls() {}

  /// With dots between its parts. sysctl.d(5): a name whose first separator is a slash has slashes
  /// for dots, and dots for slashes.
  public static String dotted(String sysctl) {
    int slash = sysctl.indexOf('/');
    int dot = sysctl.indexOf('.');
    if (slash < 0 || (dot >= 0 && dot < slash)) {
      return sysctl;
    }
    return sysctl.replace('.', '\0').replace('/', '.').replace('\0', '/');
  }
}
