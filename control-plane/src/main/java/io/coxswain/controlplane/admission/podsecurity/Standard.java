package io.coxswain.controlplane.admission.podsecurity;

/// A level as it was in a version of Kubernetes.
///
/// @param minor of version 1; [#LATEST] follows what this server knows
public record Standard(Level level, int minor) {

  public static final int LATEST = Integer.MAX_VALUE;

  static final Standard NONE = new Standard(Level.PRIVILEGED, LATEST);

  @Override
  public String toString() {
    return level + ":" + (minor == LATEST ? "latest" : "v1." + minor);
  }
}
