package io.coxswain.controlplane.controller.node;

import io.coxswain.api.core.v1.Node;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Gives each node a block of the pod network that no other node has. Reads nodes; writes
/// `spec.podCIDR` and `spec.podCIDRs`, once in a node's life. One worker, so that two nodes never
/// choose at once. Reports CIDRNotAvailable on a node for which none is left.
public final class PodCidrController implements Controller {

  private static final Duration UNTIL_NEXT_TRY = Duration.ofSeconds(30);

  private final Informer<Node> nodes;
  private final Resources<Node> resources;
  private final EventRecorder events;
  private final CidrPool pool;
  // Written, and perhaps not heard of yet. Only the worker touches it.
  private final Map<String, String> assigned = new HashMap<>();
  private final Work work;

  /// @param podNetwork as `10.244.0.0/16`
  /// @param blockPrefix length of the prefix of a node's block, as 24
  public PodCidrController(ControllerContext context, String podNetwork, int blockPrefix) {
    this.nodes = context.informers().informer(Node.class);
    this.resources = context.client().resources(Node.class);
    this.events = context.events();
    this.pool = CidrPool.parse(podNetwork, blockPrefix);
    this.work =
        new Work(
            "pod-cidr",
            1,
            context,
            this::reconcile,
            () -> nodes.list().stream().map(ObjectMetas::key).toList());
    nodes.addHandler(
        new Handler<>() {
          @Override
          public void added(Node node) {
            work.enqueue(node);
          }

          @Override
          public void updated(Node before, Node after) {
            if (after.getSpec().getPodCIDR().isEmpty()) {
              work.enqueue(after);
            }
          }

          @Override
          public void deleted(Node last) {
            work.enqueue(last);
          }
        });
  }

  @Override
  public Work work() {
    return work;
  }

  private Result reconcile(ObjectKey key) {
    Optional<Node> found = nodes.find(key);
    if (found.isEmpty()) {
      assigned.remove(key.name());
      return Result.done();
    }
    if (!found.get().getSpec().getPodCIDR().isEmpty()) {
      assigned.remove(key.name());
      return Result.done();
    }
    Set<String> taken = new HashSet<>(assigned.values());
    nodes.list().forEach(node -> taken.add(node.getSpec().getPodCIDR()));
    Optional<String> block =
        Optional.ofNullable(assigned.get(key.name())).or(() -> pool.firstFree(taken));
    if (block.isEmpty()) {
      events.warning(
          found.get(),
          "CIDRNotAvailable",
          "all "
              + pool.blocks()
              + " blocks of the pod network are taken: widen it or remove nodes");
      return Result.after(UNTIL_NEXT_TRY);
    }
    // Before the write, whose answer may be lost.
    assigned.put(key.name(), block.get());
    write(key, block.get());
    return Result.done();
  }

  private void write(ObjectKey key, String block) {
    Node fresh = resources.find("", key.name()).orElse(Node.getDefaultInstance());
    if (!fresh.hasMetadata() || !fresh.getSpec().getPodCIDR().isEmpty()) {
      return;
    }
    Node.Builder given = fresh.toBuilder();
    given.getSpecBuilder().setPodCIDR(block).clearPodCIDRs().addPodCIDRs(block);
    Meanwhile.gone(() -> {
      Node ignored = resources.update(given.build());
    });
  }
}
