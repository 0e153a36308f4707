package io.coxswain.controlplane.server;

/// The version of the API that the server says it speaks.
public final class Version {

  static final String MAJOR = "1";
  static final String MINOR = "36";

  /// As clients compare it: Kubernetes' version, then whose.
  public static final String GIT = "v1.36.0+coxswain";

  private Version() {}
}
