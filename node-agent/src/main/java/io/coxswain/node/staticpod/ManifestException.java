package io.coxswain.node.staticpod;

/// What a manifest says is no pod that a node runs by itself. The message names the field.
final class ManifestException extends Exception {

  private static final long serialVersionUID = 1L;

  ManifestException(String message) {
    super(message);
  }

  ManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
