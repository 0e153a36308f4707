package io.coxswain.node.runtime;

import java.io.IOException;

/// Knows which handler a RuntimeClass names. Blocks.
@FunctionalInterface
public interface HandlerLookup {

  /// @throws IOException when there is no such class, or nobody can tell
  String handler(String runtimeClass) throws IOException;
}
