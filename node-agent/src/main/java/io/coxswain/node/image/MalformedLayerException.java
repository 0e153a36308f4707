package io.coxswain.node.image;

import java.io.IOException;

/// A layer that is no archive, or one that tries to reach out of its image. Fetching it again does
/// not help.
final class MalformedLayerException extends IOException {

  private static final long serialVersionUID = 1;

  MalformedLayerException(String message) {
    super(message);
  }

  MalformedLayerException(String message, Throwable cause) {
    super(message, cause);
  }
}
