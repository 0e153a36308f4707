package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.podworker.PodOrigin;
import io.coxswain.node.podworker.PodWorkers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Tells the pod workers which pods the API has for this node. While the API cannot be reached
/// nothing is told, and pods go on. After the first answer every pod that the API does not have is
/// ended: it was deleted, or replaced elsewhere, while this agent was away. Mirrors of the node's
/// own pods are nothing to run.
public final class PodSource implements AutoCloseable {

  private final Informer<Pod> informer;
  private final PodWorkers workers;
  private final Runnable mirrorsChanged;
  private final TaskScope tasks = new TaskScope("pod-source");

  /// @param mirrorsChanged told when the API has other mirrors than before
  public PodSource(ApiClient client, String node, PodWorkers workers, Runnable mirrorsChanged) {
    this.workers = workers;
    this.mirrorsChanged = mirrorsChanged;
    this.informer =
        Informer.of(
            client.resources(Pod.class), ListOptions.ALL.withFields("spec.nodeName=" + node));
  }

  public void start() {
    informer.addHandler(
        new Handler<>() {
          @Override
          public void added(Pod pod) {
            update(pod);
          }

          @Override
          public void updated(Pod before, Pod pod) {
            if (!before.getMetadata().getUid().equals(pod.getMetadata().getUid())) {
              workers.removed(before.getMetadata().getUid());
            }
            update(pod);
          }

          @Override
          public void deleted(Pod last) {
            workers.removed(last.getMetadata().getUid());
            if (PodOrigin.isMirror(last)) {
              mirrorsChanged.run();
            }
          }
        });
    informer.start();
    tasks.fork(
        "first-answer",
        () -> {
          while (!informer.awaitSync(Duration.ofMinutes(1))) {
            // for as long as the API is away
          }
          workers.retain(
              informer.list().stream()
                  .map(pod -> pod.getMetadata().getUid())
                  .collect(Collectors.toUnmodifiableSet()));
        });
  }

  private void update(Pod pod) {
    if (PodOrigin.isMirror(pod)) {
      mirrorsChanged.run();
    } else {
      workers.update(pod);
    }
  }

  /// Waits for the API's first answer.
  public boolean awaitSync(Duration patience) throws InterruptedException {
    return informer.awaitSync(patience);
  }

  /// Whether the API has answered since the agent started.
  public boolean synced() {
    return informer.synced();
  }

  public Optional<Pod> find(String namespace, String name) {
    return informer.find(namespace, name);
  }

  public List<Pod> list() {
    return informer.list();
  }

  @Override
  public void close() {
    tasks.close();
    informer.close();
  }
}
