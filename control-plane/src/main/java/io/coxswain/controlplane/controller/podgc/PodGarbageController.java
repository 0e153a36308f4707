package io.coxswain.controlplane.controller.podgc;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads pods and nodes. Deletes, without grace, pods whose node is gone, pods that were asked to
/// end before a node was found for them, and the oldest ended pods above the limit. Marks an orphan
/// that had not ended as failed first, so that whoever looks at its last state sees that it did not
/// succeed.
public final class PodGarbageController implements Controller {

  private static final Logger log = LoggerFactory.getLogger(PodGarbageController.class);
  private static final Duration PERIOD = Duration.ofSeconds(20);
  private static final ObjectKey ALL = new ObjectKey("", "all");

  private final Informer<Pod> pods;
  private final Informer<Node> nodes;
  private final Resources<Pod> podResources;
  private final Resources<Node> nodeResources;
  private final int terminatedLimit;
  private final Work work;

  public PodGarbageController(ControllerContext context, int terminatedLimit) {
    this.pods = context.informers().informer(Pod.class);
    this.nodes = context.informers().informer(Node.class);
    this.podResources = context.client().resources(Pod.class);
    this.nodeResources = context.client().resources(Node.class);
    this.terminatedLimit = terminatedLimit;
    this.work = new Work("pod-garbage", 1, context, this::reconcile, () -> List.of(ALL));
    nodes.addHandler(
        new Handler<>() {
          @Override
          public void deleted(Node last) {
            work.enqueue(ALL);
          }
        });
  }

  @Override
  public Work work() {
    return work;
  }

  private Result reconcile(ObjectKey key) {
    Map<String, Node> byName = new HashMap<>();
    nodes.list().forEach(node -> byName.put(node.getMetadata().getName(), node));
    PodGarbage garbage = PodGarbage.of(pods.list(), byName, terminatedLimit);
    Map<String, Boolean> gone = new HashMap<>();
    for (Pod pod : garbage.orphaned()) {
      // A pod may be bound to a node that the informer has not heard of yet.
      boolean confirmed =
          gone.computeIfAbsent(
              pod.getSpec().getNodeName(), name -> nodeResources.find("", name).isEmpty());
      if (confirmed) {
        remove(pod, "its node " + pod.getSpec().getNodeName() + " is gone");
      }
    }
    garbage.stuck().forEach(pod -> remove(pod, "no node will end it"));
    garbage.surplus().forEach(pod -> remove(pod, "too many ended pods"));
    return Result.after(PERIOD);
  }

  private void remove(Pod pod, String why) {
    String namespace = pod.getMetadata().getNamespace();
    String name = pod.getMetadata().getName();
    log.info("removing pod {}/{}: {}", namespace, name, why);
    Meanwhile.goneOrChanged(() -> {
      if (!PodFacts.isFinished(pod)) {
        Pod.Builder failed = pod.toBuilder();
        failed.getStatusBuilder().setPhase("Failed").setReason("NodeLost").setMessage(why);
        Pod ignored = podResources.updateStatus(failed.build());
      }
      podResources.delete(
          namespace,
          name,
          DeletePolicy.DEFAULT.withGraceSeconds(0).onlyUid(pod.getMetadata().getUid()));
    });
  }
}
