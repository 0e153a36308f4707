package io.coxswain.controlplane.authz;

import io.coxswain.api.core.v1.Pod;
import java.util.Collection;

/// The pods bound to a node, as far as the server knows at the moment.
@FunctionalInterface
public interface NodePods {

  Collection<Pod> on(String nodeName);
}
