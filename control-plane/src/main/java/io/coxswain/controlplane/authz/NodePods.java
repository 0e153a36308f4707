package io.coxswain.controlplane.authz;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.Pod;
import java.util.Collection;
import java.util.List;

/// The pods bound to a node, as far as the server knows at the moment.
@FunctionalInterface
public interface NodePods {

  Collection<Pod> on(String nodeName);

  /// Volumes for whose driver the node reads a Secret.
  default Collection<PersistentVolume> naming(String secretNamespace, String secret) {
    return List.of();
  }
}
