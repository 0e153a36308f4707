package io.coxswain.node.image;

import java.io.IOException;

/// An archive that is not written now because others are: asked for again later, it may be.
public final class TooManySavesException extends IOException {

  private static final long serialVersionUID = 1;

  /// @param most that are written at once
  public TooManySavesException(int most) {
    super(
        "%d archives are being written on this node already: try again when one is done"
            .formatted(most));
  }
}
