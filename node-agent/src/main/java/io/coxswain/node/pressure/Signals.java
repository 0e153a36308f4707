package io.coxswain.node.pressure;

import io.coxswain.node.pressure.Signal.Observed;
import java.io.IOException;
import java.util.Map;

/// Where a node is looked at. One that cannot be seen is left out.
@FunctionalInterface
public interface Signals {

  /// Short: it is asked every few seconds.
  Map<Signal, Observed> observe() throws IOException;
}
