package io.coxswain.controlplane;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.authz.NodePods;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which pods are bound to which node, and which volumes name Secrets, kept level by watches.
/// Before it has started no node has any.
final class NodePodIndex implements NodePods, AutoCloseable {

  private static final String BY_NODE = "node";

  private static final String BY_SECRET = "secret";

  private volatile @Nullable Informer<Pod> pods;
  private volatile @Nullable Informer<PersistentVolume> volumes;

  /// Blocks until every pod is known.
  ///
  /// @return whether that was in time
  boolean start(ApiClient client, Duration patience) throws InterruptedException {
    Informer<Pod> informer =
        Informer.of(client.resources(Pod.class), ListOptions.ALL)
            .addIndex(BY_NODE, pod -> List.of(pod.getSpec().getNodeName()))
            .start();
    pods = informer;
    Informer<PersistentVolume> all =
        Informer.of(client.resources(PersistentVolume.class), ListOptions.ALL)
            .addIndex(BY_SECRET, NodePodIndex::secrets)
            .start();
    volumes = all;
    return informer.awaitSync(patience) && all.awaitSync(patience);
  }

  @Override
  public Collection<Pod> on(String nodeName) {
    Informer<Pod> known = pods;
    return known == null ? List.of() : known.byIndex(BY_NODE, nodeName);
  }

  /// Those that a node's agent hands to the volume's driver.
  private static List<String> secrets(PersistentVolume volume) {
    var source = volume.getSpec().getPersistentVolumeSource().getCsi();
    return Stream.of(
            source.getNodeStageSecretRef(),
            source.getNodePublishSecretRef(),
            source.getNodeExpandSecretRef())
        .filter(one -> !one.getName().isEmpty())
        .map(one -> one.getNamespace() + "/" + one.getName())
        .toList();
  }

  @Override
  public Collection<PersistentVolume> naming(String secretNamespace, String secret) {
    Informer<PersistentVolume> known = volumes;
    return known == null ? List.of() : known.byIndex(BY_SECRET, secretNamespace + "/" + secret);
  }

  @Override
  public void close() {
    Informer<PersistentVolume> all = volumes;
    if (all != null) {
      all.close();
    }
    Informer<Pod> known = pods;
    if (known != null) {
      known.close();
    }
  }
}
