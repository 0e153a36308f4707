package io.coxswain.controlplane;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.authz.NodePods;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which pods are bound to which node, kept level by a watch. Before it has started no node has
/// any.
final class NodePodIndex implements NodePods, AutoCloseable {

  private static final String BY_NODE = "node";

  private volatile @Nullable Informer<Pod> pods;

  /// Blocks until every pod is known.
  ///
  /// @return whether that was in time
  boolean start(ApiClient client, Duration patience) throws InterruptedException {
    Informer<Pod> informer =
        Informer.of(client.resources(Pod.class), ListOptions.ALL)
            .addIndex(BY_NODE, pod -> List.of(pod.getSpec().getNodeName()))
            .start();
    pods = informer;
    return informer.awaitSync(patience);
  }

  @Override
  public Collection<Pod> on(String nodeName) {
    Informer<Pod> known = pods;
    return known == null ? List.of() : known.byIndex(BY_NODE, nodeName);
  }

  @Override
  public void close() {
    Informer<Pod> known = pods;
    if (known != null) {
      known.close();
    }
  }
}
