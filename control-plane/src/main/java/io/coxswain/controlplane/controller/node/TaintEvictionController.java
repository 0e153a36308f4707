package io.coxswain.controlplane.controller.node;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.client.controller.Result;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Deletes pods that do not tolerate a NoExecute taint of their node, once their tolerance has
/// passed. Reads nodes and pods. Writes the pod condition DisruptionTarget and the deletion;
/// reports TaintManagerEviction on the pod. On a node that cannot be reached the pod stays, marked,
/// until the node is back or is deleted; whoever controls it replaces it at once.
public final class TaintEvictionController implements Controller {

  private static final int WORKERS = 4;

  private final Informer<Node> nodes;
  private final PodIndexes pods;
  private final Resources<Node> nodeResources;
  private final Resources<Pod> podResources;
  private final EventRecorder events;
  private final Clock clock;
  private final Duration silentTolerance;
  private final TaintTimes times;
  private final Work work;
  private volatile Instant since = Instant.MAX;

  /// @param silentTolerance how long a pod stays on a node that is not ready or not reachable when
  ///   it says nothing about that itself
  public TaintEvictionController(
      ControllerContext context, PodIndexes pods, Duration silentTolerance) {
    this.nodes = context.informers().informer(Node.class);
    this.pods = pods;
    this.nodeResources = context.client().resources(Node.class);
    this.podResources = context.client().resources(Pod.class);
    this.events = context.events();
    this.clock = context.clock();
    this.silentTolerance = silentTolerance;
    this.times = new TaintTimes(context.clock());
    this.work =
        new Work(
            "taint-eviction",
            WORKERS,
            context,
            this::reconcile,
            () -> pods.informer().list().stream().map(ObjectMetas::key).toList());
    nodes.addHandler(nodeHandler());
    pods.informer().addHandler(podHandler());
  }

  @Override
  public Work work() {
    return work;
  }

  @Override
  public void start() {
    since = clock.instant();
    work.start();
  }

  private Handler<Node> nodeHandler() {
    return new Handler<>() {
      @Override
      public void added(Node node) {
        times.notice(node);
        if (!noExecute(node).isEmpty()) {
          pods.onNode(node.getMetadata().getName()).forEach(work::enqueue);
        }
      }

      @Override
      public void updated(Node before, Node after) {
        times.notice(after);
        if (!noExecute(before).equals(noExecute(after))) {
          pods.onNode(after.getMetadata().getName()).forEach(work::enqueue);
        }
      }

      @Override
      public void deleted(Node node) {
        times.forget(node.getMetadata().getName());
      }
    };
  }

  private Handler<Pod> podHandler() {
    return new Handler<>() {
      @Override
      public void added(Pod pod) {
        if (!pod.getSpec().getNodeName().isEmpty()) {
          work.enqueue(pod);
        }
      }

      @Override
      public void updated(Pod before, Pod after) {
        if (!before.getSpec().getNodeName().equals(after.getSpec().getNodeName())
            || !before
                .getSpec()
                .getTolerationsList()
                .equals(after.getSpec().getTolerationsList())) {
          work.enqueue(after);
        }
      }
    };
  }

  private static List<Taint> noExecute(Node node) {
    return node.getSpec().getTaintsList().stream()
        .filter(t -> t.getEffect().equals(NodeTaints.NO_EXECUTE))
        .toList();
  }

  private Result reconcile(ObjectKey key) {
    Optional<Pod> found = pods.informer().find(key);
    if (found.isEmpty() || !PodFacts.isActive(found.get())) {
      return Result.done();
    }
    Pod pod = found.get();
    Optional<Instant> at =
        nodes.find("", pod.getSpec().getNodeName()).flatMap(node -> evictionTime(pod, node));
    if (at.isEmpty()) {
      return Result.done();
    }
    Duration left = Duration.between(clock.instant(), at.get());
    if (left.isPositive()) {
      return Result.after(left);
    }
    // What cannot be undone is decided on what is true now, not on what was heard.
    boolean stillDue =
        nodeResources
            .find("", pod.getSpec().getNodeName())
            .flatMap(node -> evictionTime(pod, node))
            .filter(now -> !now.isAfter(clock.instant()))
            .isPresent();
    if (stillDue) {
      evict(pod);
    }
    return Result.done();
  }

  private Optional<Instant> evictionTime(Pod pod, Node node) {
    String name = node.getMetadata().getName();
    return Evictions.evictionTime(
        pod,
        node.getSpec().getTaintsList(),
        taint -> times.added(name, taint),
        since,
        silentTolerance);
  }

  private void evict(Pod pod) {
    events.normal(
        pod,
        "TaintManagerEviction",
        "evicted from node " + pod.getSpec().getNodeName() + ", whose taints it does not tolerate");
    Meanwhile.gone(() -> {
      Pod marked = podResources.updateStatus(disrupted(pod));
      podResources.delete(
          marked.getMetadata().getNamespace(),
          marked.getMetadata().getName(),
          DeletePolicy.DEFAULT.onlyUid(marked.getMetadata().getUid()));
    });
  }

  private Pod disrupted(Pod pod) {
    Pod.Builder marked = pod.toBuilder();
    var others =
        pod.getStatus().getConditionsList().stream()
            .filter(c -> !c.getType().equals("DisruptionTarget"))
            .toList();
    marked
        .getStatusBuilder()
        .clearConditions()
        .addAllConditions(others)
        .addConditions(
            PodCondition.newBuilder()
                .setType("DisruptionTarget")
                .setStatus("True")
                .setReason("DeletionByTaintManager")
                .setMessage("the pod does not tolerate a NoExecute taint of its node")
                .setLastTransitionTime(Times.time(clock.instant())));
    return marked.build();
  }
}
