package io.coxswain.e2e;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// Writes one object after the other, and remembers those that the server said it has stored. A
/// write that failed, or whose answer never came, may be stored or not.
final class Writer implements AutoCloseable {

  private static final long PAUSE_NANOS = 20_000_000;

  private final KubernetesClient client;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean ended;

  /// Begins at once.
  Writer(TestCluster cluster) {
    Config config = Config.fromKubeconfig(cluster.kubeconfig().toFile());
    config.setRequestRetryBackoffLimit(0);
    config.setConnectionTimeout(2_000);
    config.setRequestTimeout(5_000);
    this.client = new KubernetesClientBuilder().withConfig(config).build();
    this.thread = Thread.ofPlatform().name("writer").start(this::write);
  }

  private void write() {
    for (int i = 0; !ended; i++) {
      ConfigMap object =
          new ConfigMapBuilder()
              .withNewMetadata()
              .withName("write-" + i)
              .endMetadata()
              .addToData("i", Integer.toString(i))
              .build();
      try {
        ConfigMap stored = client.configMaps().inNamespace("default").resource(object).create();
        acknowledged.add(stored.getMetadata().getName());
      } catch (KubernetesClientException e) {
        // killed under us: this write is in doubt and not counted
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /// The names stored so far.
  Set<String> acknowledged() {
    return Set.copyOf(acknowledged);
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
