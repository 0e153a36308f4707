package io.coxswain.node.usage;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/// Measures pods. Safe for use by many threads.
public interface PodMeter {

  /// Memory and processes now; of the disk nothing.
  PodUse memory(Pod pod) throws IOException;

  /// All that the pod uses. Its disk as it was at most so long ago; else its files are walked
  /// through, which blocks.
  PodUse all(Pod pod, Duration age) throws IOException;

  /// Forgets what is known of all but these.
  void retain(Set<String> uids);
}
