package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Resources;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.podsource.PodSource;
import io.coxswain.node.podworker.PodOrigin;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows the node's own pods in the API: a mirror of each, which belongs to the Node. Writes
/// mirrors, and their status through [MirrorStatuses].
final class MirrorPods implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(MirrorPods.class);
  private static final Duration AGAIN_AFTER_REFUSAL = Duration.ofSeconds(5);

  private final String node;
  private final Resources<Pod> pods;
  private final Resources<Node> nodes;
  private final MirrorStatuses statuses;
  private final Semaphore changed = new Semaphore(0);
  private final TaskScope tasks = new TaskScope("mirror-pods");
  private final Map<String, String> refusals = new HashMap<>();

  MirrorPods(String node, ApiClient client, MirrorStatuses statuses) {
    this.node = node;
    this.pods = client.resources(Pod.class);
    this.nodes = client.resources(Node.class);
    this.statuses = statuses;
  }

  /// The node's own pods, or what the API has of them, are others than before.
  void wake() {
    changed.release();
  }

  void start(StaticPods statics, PodSource source) {
    tasks.fork(
        "mirrors",
        () -> {
          while (!source.awaitSync(Duration.ofMinutes(1))) {
            // for as long as the API is away
          }
          boolean settled = true;
          while (true) {
            if (settled) {
              changed.acquire();
            } else {
              boolean _ = changed.tryAcquire(AGAIN_AFTER_REFUSAL.toMillis(), TimeUnit.MILLISECONDS);
            }
            int _ = changed.drainPermits();
            // Before that nobody knows which mirrors show nothing.
            settled = !statics.known() || settle(statics, source);
          }
        });
  }

  /// @return whether nothing is left to do
  private boolean settle(StaticPods statics, PodSource source) {
    MirrorPlan plan =
        MirrorPlan.of(
            statics.running(), source.list().stream().filter(PodOrigin::isMirror).toList());
    plan.shown().forEach(statuses::mirrored);
    refusals
        .keySet()
        .retainAll(plan.create().stream().map(pod -> pod.getMetadata().getUid()).toList());
    boolean done = true;
    for (Pod mirror : plan.delete()) {
      done &= delete(mirror);
    }
    for (Pod pod : plan.create()) {
      done &= create(pod);
    }
    return done;
  }

  private boolean delete(Pod mirror) {
    var metadata = mirror.getMetadata();
    try {
      pods.delete(
          metadata.getNamespace(),
          metadata.getName(),
          DeletePolicy.DEFAULT.withGraceSeconds(0).onlyUid(metadata.getUid()));
      return true;
    } catch (ApiException e) {
      if (e.isNotFound() || e.isConflict()) {
        return true;
      }
      log.debug("mirror {} is not taken away yet", metadata.getName(), e);
      return false;
    }
  }

  private boolean create(Pod pod) {
    String uid = pod.getMetadata().getUid();
    try {
      Optional<Node> own = nodes.find("", node);
      if (own.isEmpty()) {
        return false;
      }
      Pod _ = pods.create(mirror(pod, own.get()));
      return true;
    } catch (ApiException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(refusals.put(uid, why))) {
        log.warn(
            "pod {}/{} runs, and cannot be shown in the API: {}",
            pod.getMetadata().getNamespace(),
            pod.getMetadata().getName(),
            why);
      }
      return false;
    }
  }

  private static Pod mirror(Pod pod, Node owner) {
    Pod.Builder mirror = pod.toBuilder().clearStatus();
    mirror
        .getMetadataBuilder()
        .clearUid()
        .putAnnotations(PodOrigin.MIRROR, pod.getMetadata().getUid())
        .addOwnerReferences(
            OwnerReference.newBuilder()
                .setApiVersion("v1")
                .setKind("Node")
                .setName(owner.getMetadata().getName())
                .setUid(owner.getMetadata().getUid())
                .setController(true));
    return mirror.build();
  }

  @Override
  public void close() {
    tasks.close();
  }
}
