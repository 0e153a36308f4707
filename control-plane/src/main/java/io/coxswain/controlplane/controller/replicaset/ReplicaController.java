package io.coxswain.controlplane.controller.replicaset;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.LabelMatch;
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

/// Reads ReplicaSets and pods. Writes pods (creates, deletes, and their controller reference) and
/// the whole status of ReplicaSets. Reports SuccessfulCreate, FailedCreate, SuccessfulDelete and
/// FailedDelete on the set.
public final class ReplicaSetController implements Controller {

  private static final int WORKERS = 4;
  // Only a net below the events that say the same.
  private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);

  private final ReplicaSetIndexes related;
  private final Informer<ReplicaSet> sets;
  private final PodIndexes pods;
  private final Resources<ReplicaSet> resources;
  private final OwnWrites statuses = new OwnWrites();
  private final PodControl control;
  private final Clock clock;
  private final boolean parallel;
  private final Work work;

  public ReplicaSetController(
      ControllerContext context, ReplicaSetIndexes related, PodIndexes pods) {
    this.related = related;
    this.sets = related.informer();
    this.pods = pods;
    this.resources = context.client().resources(ReplicaSet.class);
    this.control = new PodControl(context, pods.informer());
    this.clock = context.clock();
    this.parallel = context.execution().parallel();
    this.work =
        new Work(
            "replicaset",
            WORKERS,
            context,
            this::reconcile,
            () -> sets.list().stream().map(ObjectMetas::key).toList());
    sets.addHandler(Handler.each(work::enqueue));
    pods.informer().addHandler(new OwnedHandler<>(this::wake));
  }

  @Override
  public String name() {
    return work.name();
  }

  @Override
  public void start() {
    work.start();
  }

  @Override
  public void close() {
    work.close();
  }

  private void wake(Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    var controller = OwnerReferences.controllerOf(meta);
    if (controller.isPresent()) {
      if (controller.get().getKind().equals("ReplicaSet")) {
        work.enqueue(new ObjectKey(meta.getNamespace(), controller.get().getName()));
      }
      return;
    }
    for (ReplicaSet set : sets.listIn(meta.getNamespace())) {
      if (LabelMatch.matches(set.getSpec().getSelector(), meta.getLabelsMap())) {
        work.enqueue(set);
      }
    }
  }

  private Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ReplicaSet> found = sets.find(key);
    if (found.isEmpty()) {
      control.forget(key);
      statuses.forget(key);
      return Result.done();
    }
    ReplicaSet set = found.get();
    if (!control.allSeen(key) || !statuses.seen(key, sets.resourceVersion())) {
      return Result.after(UNTIL_SEEN);
    }
    Instant now = clock.instant();
    ReplicaSetPlan plan = ReplicaSetPlan.of(snapshot(set, now));
    Optional<Failure> failure = Optional.empty();
    Optional<RuntimeException> thrown = carryOut(set, plan);
    if (thrown.isPresent()) {
      String reason = plan.create() > 0 ? "FailedCreate" : "FailedDelete";
      failure = Optional.of(new Failure(reason, String.valueOf(thrown.get().getMessage())));
    }
    writeStatus(set, ReplicaSetCounts.status(set, plan, failure, now));
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

  // Pods of all versions of one Deployment count, so that scaling down evens nodes out.
  private Map<String, Integer> relatedByNode(ReplicaSet set) {
    String owner = OwnerReferences.controllerUid(set.getMetadata());
    List<ReplicaSet> siblings = owner.isEmpty() ? List.of(set) : related.controlledBy(owner);
    Map<String, Integer> counts = new HashMap<>();
    for (ReplicaSet each : siblings) {
      for (Pod pod : pods.controlledBy(each.getMetadata().getUid())) {
        if (PodFacts.isActive(pod)) {
          counts.merge(pod.getSpec().getNodeName(), 1, Integer::sum);
        }
      }
    }
    return counts;
  }

  private Optional<RuntimeException> carryOut(ReplicaSet set, ReplicaSetPlan plan)
      throws InterruptedException {
    plan.release().forEach(pod -> control.release(set, pod));
    if (!plan.adopt().isEmpty()) {
      adopt(set, plan.adopt());
    }
    if (plan.create() > 0) {
      return SlowStart.run(plan.create(), parallel, () -> control.create(set));
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
          control.delete(set, next);
        });
  }

  // The cached set may be gone: only one that is still there, and is the same, may adopt.
  private void adopt(ReplicaSet set, List<Pod> orphans) {
    ObjectMeta meta = set.getMetadata();
    ReplicaSet fresh = resources.read(meta.getNamespace(), meta.getName());
    if (!fresh.getMetadata().getUid().equals(meta.getUid())
        || fresh.getMetadata().hasDeletionTimestamp()) {
      return;
    }
    orphans.forEach(pod -> control.adopt(set, pod));
  }

  private void writeStatus(ReplicaSet set, ReplicaSetStatus status) {
    if (status.equals(set.getStatus())) {
      return;
    }
    try {
      ReplicaSet written = resources.updateStatus(set.toBuilder().setStatus(status).build());
      statuses.wrote(ObjectMetas.key(set), written.getMetadata().getResourceVersion());
    } catch (ApiException e) {
      if (!e.isNotFound()) {
        throw e;
      }
    }
  }
}
