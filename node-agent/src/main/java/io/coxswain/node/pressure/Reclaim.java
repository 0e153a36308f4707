package io.coxswain.node.pressure;

import java.io.IOException;

/// Gives back what of the disk nobody uses.
@FunctionalInterface
public interface Reclaim {

  /// Blocks.
  void reclaim() throws IOException, InterruptedException;
}
