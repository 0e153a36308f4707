package io.coxswain.node.device;

import java.util.regex.Pattern;

/// Which names of resources may be a plugin's: those of Kubernetes itself may not.
public final class ResourceNames {

  private static final Pattern PREFIX =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final int MOST_PREFIX = 253 - "requests.".length();
  private static final int MOST_NAME = 63;

  private ResourceNames() {}

  /// As `vendor.example/gpu`.
  public static boolean isExtended(String resource) {
    int slash = resource.indexOf('/');
    if (slash < 0 || resource.contains("kubernetes.io/") || resource.startsWith("requests.")) {
      return false;
    }
    String prefix = resource.substring(0, slash);
    String name = resource.substring(slash + 1);
    return prefix.length() <= MOST_PREFIX
        && PREFIX.matcher(prefix).matches()
        && name.length() <= MOST_NAME
        && NAME.matcher(name).matches();
  }
}
