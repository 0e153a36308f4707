package io.coxswain.controlplane.controller.node;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.ListOptions;
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
import io.coxswain.schema.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Notices nodes that fall silent. Reads nodes, their Leases in `kube-node-lease`, and pods. Writes
/// the taints under `node.kubernetes.io/` in `spec.taints`; of a silent node's conditions, that
/// they are unknown; and of its pods, that they are not ready. A node that is heard again writes
/// its conditions, and the statuses of its pods, itself. Reports NodeNotReady on the node.
public final class NodeHealthController implements Controller {

  private static final String LEASES = "kube-node-lease";

  private final Informer<Node> nodes;
  private final PodIndexes pods;
  private final Resources<Node> nodeResources;
  private final Resources<Pod> podResources;
  private final EventRecorder events;
  private final Clock clock;
  private final Duration grace;
  private final Duration notReadyGrace;
  private final Heartbeats heartbeats = new Heartbeats();
  private final Work work;
  private volatile Instant lastPass = Instant.MIN;

  /// @param grace how long a node may be silent
  /// @param notReadyGrace how long a node may say that it is not ready and keep its pods
  public NodeHealthController(
      ControllerContext context, PodIndexes pods, Duration grace, Duration notReadyGrace) {
    this.nodes = context.informers().informer(Node.class);
    this.pods = pods;
    this.nodeResources = context.client().resources(Node.class);
    this.podResources = context.client().resources(Pod.class);
    this.events = context.events();
    this.clock = context.clock();
    this.grace = grace;
    this.notReadyGrace = notReadyGrace;
    this.work =
        new Work(
            "node-health",
            2,
            context,
            this::reconcile,
            () -> nodes.list().stream().map(ObjectMetas::key).toList());
    nodes.addHandler(nodeHandler());
    context
        .informers()
        .informer(ResourceType.of(Lease.class), ListOptions.in(LEASES))
        .addHandler(Handler.each(this::leaseChanged));
  }

  @Override
  public Work work() {
    return work;
  }

  /// Nodes have their whole grace from here: what was before was heard by somebody else.
  @Override
  public void start() {
    Instant now = clock.instant();
    heartbeats.forgive(now);
    lastPass = now;
    work.start();
  }

  private void leaseChanged(Lease lease) {
    var renewed = lease.getSpec().getRenewTime();
    heard(lease.getMetadata().getName(), renewed.getSeconds() + "." + renewed.getNanos());
  }

  private Handler<Node> nodeHandler() {
    return new Handler<>() {
      @Override
      public void added(Node node) {
        work.enqueue(node);
      }

      @Override
      public void updated(Node before, Node after) {
        heartbeat(after)
            .filter(sign -> !heartbeat(before).equals(Optional.of(sign)))
            .ifPresent(sign -> heard(after.getMetadata().getName(), sign));
        work.enqueue(after);
      }

      @Override
      public void deleted(Node last) {
        heartbeats.forget(last.getMetadata().getName());
      }
    };
  }

  private void heard(String node, String sign) {
    Instant now = clock.instant();
    if (heartbeats.allSilent(grace, now)) {
      // The first voice after a silence of all: the others need time to be heard too.
      heartbeats.forgive(now);
    }
    heartbeats.heard(node, sign, now);
    boolean doubted =
        nodes
            .find("", node)
            .flatMap(n -> NodeTaints.condition(n, "Ready"))
            .filter(c -> c.getStatus().equals("Unknown"))
            .isPresent();
    if (doubted) {
      work.enqueue(new ObjectKey("", node));
    }
  }

  // A node's own word of how it is. That it is unknown is this controller's word, no sign of life.
  private static Optional<String> heartbeat(Node node) {
    return NodeTaints.condition(node, "Ready")
        .filter(c -> !c.getStatus().equals("Unknown"))
        .map(c -> Times.instant(c.getLastHeartbeatTime()).toString());
  }

  private Result reconcile(ObjectKey key) {
    Instant now = clock.instant();
    forgiveAfterStall(now);
    Optional<Node> found = nodes.find(key);
    if (found.isEmpty()) {
      heartbeats.forget(key.name());
      return Result.done();
    }
    Node node = found.get();
    NodeHealthPlan plan = NodeHealthPlan.of(snapshot(node, keepsPods(node, now), now));
    Node written = writeStatus(node, plan.node());
    writeTaints(written, plan.node());
    if (plan.takePodsOut()) {
      for (Pod pod : pods.onNode(key.name())) {
        takeOut(pod, now);
      }
    }
    return Result.after(plan.lookAgain().orElse(grace));
  }

  // A silent node loses its pods only when others were heard after it; one that says itself that it
  // is not ready only when some other is well.
  private boolean keepsPods(Node node, Instant now) {
    if (snapshot(node, false, now).isLost()) {
      String name = node.getMetadata().getName();
      return !heartbeats.othersHeardSince(name, grace.dividedBy(2), now);
    }
    return nodes.list().stream().allMatch(other -> isBad(other, now));
  }

  private boolean isBad(Node node, Instant now) {
    NodeHealthPlan.Snapshot snapshot = snapshot(node, false, now);
    return snapshot.isLost() || snapshot.isGivenUp();
  }

  private NodeHealthPlan.Snapshot snapshot(Node node, boolean keepPods, Instant now) {
    Instant heardAt = heartbeats.at(node.getMetadata().getName(), now);
    return new NodeHealthPlan.Snapshot(node, heardAt, keepPods, grace, notReadyGrace, now);
  }

  // Each node is looked at once in a grace. When that did not happen, this process stood still and
  // heard nobody.
  private void forgiveAfterStall(Instant now) {
    if (now.isAfter(lastPass.plus(grace.multipliedBy(2)))) {
      heartbeats.forgive(now);
    }
    lastPass = now;
  }

  private Node writeStatus(Node node, Node planned) {
    if (planned.getStatus().equals(node.getStatus())) {
      return node;
    }
    events.warning(
        node, "NodeNotReady", "node has not reported for " + grace.toSeconds() + " s or more");
    return nodeResources.updateStatus(node.toBuilder().setStatus(planned.getStatus()).build());
  }

  private void writeTaints(Node node, Node planned) {
    if (planned.getSpec().getTaintsList().equals(node.getSpec().getTaintsList())) {
      return;
    }
    Node.Builder tainted = node.toBuilder();
    tainted.getSpecBuilder().clearTaints().addAllTaints(planned.getSpec().getTaintsList());
    Node ignored = nodeResources.update(tainted.build());
  }

  private void takeOut(Pod pod, Instant now) {
    Optional<PodCondition> ready =
        PodFacts.condition(pod, "Ready").filter(c -> c.getStatus().equals("True"));
    if (ready.isEmpty()) {
      return;
    }
    Pod.Builder out = pod.toBuilder();
    out.getStatusBuilder()
        .setConditions(
            pod.getStatus().getConditionsList().indexOf(ready.get()),
            ready.get().toBuilder()
                .setStatus("False")
                .setReason("NodeNotReady")
                .setMessage("the node has stopped reporting")
                .setLastTransitionTime(Times.time(now)));
    Meanwhile.gone(() -> {
      Pod ignored = podResources.updateStatus(out.build());
    });
  }
}
