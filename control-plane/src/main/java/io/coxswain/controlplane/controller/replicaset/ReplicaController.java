package io.coxswain.controlplane.controller.replicaset;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.LabelMatch;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.OwnWrites;
import io.coxswain.controlplane.controller.framework.OwnedHandler;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.ReplicaSetIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.controlplane.controller.replicaset.ReplicaSetCounts.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keeps the pods of ReplicaSets, or of ReplicationControllers. Reads these and pods. Writes pods
/// (creates, deletes, and their controller reference) and the whole status of what it keeps.
/// Reports SuccessfulCreate, FailedCreate, SuccessfulDelete and FailedDelete on it.
///
/// @param <T> the kind of the pods' owner
public final class ReplicaController<T extends Message> implements Controller {

  private static final int WORKERS = 4;
  // Only a net below the events that say the same.
  private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);

  private final ReplicaKind<T> kind;
  private final Siblings siblings;
  private final Informer<T> owners;
  private final PodIndexes pods;
  private final Resources<T> resources;
  private final OwnWrites statuses = new OwnWrites();
  private final PodControl<T> control;
  private final Clock clock;
  private final boolean parallel;
  private final Work work;

  /// Which owners spread their pods together with a ReplicaSet, itself included.
  private interface Siblings {
    List<ReplicaSet> of(ReplicaSet set);
  }

  public static ReplicaController<ReplicaSet> ofSets(
      ControllerContext context, ReplicaSetIndexes sets, PodIndexes pods) {
    // Pods of all versions of one Deployment count, so that scaling down evens nodes out.
    Siblings versions =
        set -> {
          String owner = OwnerReferences.controllerUid(set.getMetadata());
          return owner.isEmpty() ? List.of(set) : sets.controlledBy(owner);
        };
    return new ReplicaController<>(
        "replicaset", new ReplicaKind.Sets(), sets.informer(), versions, context, pods);
  }

  public static ReplicaController<ReplicationController> ofControllers(
      ControllerContext context, PodIndexes pods) {
    return new ReplicaController<>(
        "replicationcontroller",
        new ReplicaKind.Controllers(),
        context.informers().informer(ReplicationController.class),
        List::of,
        context,
        pods);
  }

  private ReplicaController(
      String name,
      ReplicaKind<T> kind,
      Informer<T> owners,
      Siblings siblings,
      ControllerContext context,
      PodIndexes pods) {
    this.kind = kind;
    this.siblings = siblings;
    this.owners = owners;
    this.pods = pods;
    this.resources = context.client().resources(kind.type());
    this.control = new PodControl<>(kind, context, pods.informer());
    this.clock = context.clock();
    this.parallel = context.execution().parallel();
    this.work =
        new Work(
            name,
            WORKERS,
            context,
            this::reconcile,
            () -> owners.list().stream().map(ObjectMetas::key).toList());
    owners.addHandler(Handler.each(work::enqueue));
    pods.informer().addHandler(new OwnedHandler<>(this::wake));
  }

  @Override
  public Work work() {
    return work;
  }

  private void wake(Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    var controller = OwnerReferences.controllerOf(meta);
    if (controller.isPresent()) {
      if (controller.get().getKind().equals(kind.type().kind())) {
        work.enqueue(new ObjectKey(meta.getNamespace(), controller.get().getName()));
      }
      return;
    }
    for (T owner : owners.listIn(meta.getNamespace())) {
      if (LabelMatch.matches(kind.view(owner).getSpec().getSelector(), meta.getLabelsMap())) {
        work.enqueue(owner);
      }
    }
  }

  private Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<T> found = owners.find(key);
    if (found.isEmpty()) {
      control.forget(key);
      statuses.forget(key);
      return Result.done();
    }
    T owner = found.get();
    if (!control.allSeen(key) || !statuses.seen(key, owners.resourceVersion())) {
      return Result.after(UNTIL_SEEN);
    }
    ReplicaSet set = kind.view(owner);
    Instant now = clock.instant();
    ReplicaSetPlan plan = ReplicaSetPlan.of(snapshot(set, now));
    Optional<Failure> failure = Optional.empty();
    Optional<RuntimeException> thrown = carryOut(owner, plan);
    if (thrown.isPresent()) {
      String reason = plan.create() > 0 ? "FailedCreate" : "FailedDelete";
      failure = Optional.of(new Failure(reason, String.valueOf(thrown.get().getMessage())));
    }
    writeStatus(owner, ReplicaSetCounts.status(set, plan, failure, now));
    if (thrown.isPresent()) {
      return Result.retry();
    }
    return plan.lookAgain().map(Result::after).orElseGet(Result::done);
  }

  private ReplicaSetSnapshot snapshot(ReplicaSet set, Instant now) {
    String namespace = set.getMetadata().getNamespace();
    List<Pod> candidates = new ArrayList<>(pods.controlledBy(set.getMetadata().getUid()));
    for (Pod orphan : pods.orphans()) {
      if (orphan.getMetadata().getNamespace().equals(namespace)) {
        candidates.add(orphan);
      }
    }
    return new ReplicaSetSnapshot(set, candidates, relatedByNode(set), now);
  }

  private Map<String, Integer> relatedByNode(ReplicaSet set) {
    Map<String, Integer> counts = new HashMap<>();
    for (ReplicaSet each : siblings.of(set)) {
      for (Pod pod : pods.controlledBy(each.getMetadata().getUid())) {
        if (PodFacts.isActive(pod)) {
          counts.merge(pod.getSpec().getNodeName(), 1, Integer::sum);
        }
      }
    }
    return counts;
  }

  private Optional<RuntimeException> carryOut(T owner, ReplicaSetPlan plan)
      throws InterruptedException {
    plan.release().forEach(pod -> control.release(owner, pod));
    if (!plan.adopt().isEmpty()) {
      adopt(owner, plan.adopt());
    }
    if (plan.create() > 0) {
      return SlowStart.run(plan.create(), parallel, () -> control.create(owner));
    }
    Iterator<Pod> doomed = List.copyOf(plan.delete()).iterator();
    return SlowStart.run(
        plan.delete().size(),
        parallel,
        () -> {
          Pod next;
          synchronized (doomed) {
            next = doomed.next();
          }
          control.delete(owner, next);
        });
  }

  // The cached owner may be gone: only one that is still there, and is the same, may adopt.
  private void adopt(T owner, List<Pod> orphans) {
    ObjectMeta meta = ObjectMetas.read(owner);
    ObjectMeta fresh = ObjectMetas.read(resources.read(meta.getNamespace(), meta.getName()));
    if (!fresh.getUid().equals(meta.getUid()) || fresh.hasDeletionTimestamp()) {
      return;
    }
    orphans.forEach(pod -> control.adopt(owner, pod));
  }

  private void writeStatus(T owner, ReplicaSetStatus status) {
    T changed = kind.withStatus(owner, status);
    if (changed.equals(owner)) {
      return;
    }
    Meanwhile.gone(() -> {
      ObjectMeta written = ObjectMetas.read(resources.updateStatus(changed));
      statuses.wrote(ObjectMetas.key(owner), written.getResourceVersion());
    });
  }
}
