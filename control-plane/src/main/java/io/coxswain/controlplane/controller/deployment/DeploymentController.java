package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
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
import io.coxswain.controlplane.controller.framework.OwnWrites;
import io.coxswain.controlplane.controller.framework.OwnedHandler;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.ReplicaSetIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads Deployments, ReplicaSets and pods. Writes ReplicaSets (creates, deletes, their size,
/// annotations, `minReadySeconds` and controller reference), and of a Deployment the whole status
/// and the annotation `deployment.kubernetes.io/revision`. Reports ScalingReplicaSet on the
/// Deployment.
public final class DeploymentController implements Controller {

  private static final int WORKERS = 4;
  // Only a net below the events that say the same.
  private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);

  private final Informer<Deployment> deployments;
  private final ReplicaSetIndexes owned;
  private final Informer<ReplicaSet> sets;
  private final PodIndexes pods;
  private final Resources<Deployment> resources;
  private final ReplicaSetControl control;
  private final OwnWrites writes = new OwnWrites();
  private final Clock clock;
  private final Work work;

  public DeploymentController(ControllerContext context, ReplicaSetIndexes owned, PodIndexes pods) {
    this.deployments = context.informers().informer(Deployment.class);
    this.owned = owned;
    this.sets = owned.informer();
    this.pods = pods;
    this.resources = context.client().resources(Deployment.class);
    this.control = new ReplicaSetControl(context);
    this.clock = context.clock();
    this.work =
        new Work(
            "deployment",
            WORKERS,
            context,
            this::reconcile,
            () -> deployments.list().stream().map(ObjectMetas::key).toList());
    deployments.addHandler(Handler.each(work::enqueue));
    sets.addHandler(new OwnedHandler<>(this::wake));
    pods.informer().addHandler(podHandler());
  }

  @Override
  public Work work() {
    return work;
  }

  private void wake(ReplicaSet set) {
    ObjectMeta meta = set.getMetadata();
    var controller = OwnerReferences.controllerOf(meta);
    if (controller.isPresent()) {
      if (controller.get().getKind().equals("Deployment")) {
        work.enqueue(new ObjectKey(meta.getNamespace(), controller.get().getName()));
      }
      return;
    }
    for (Deployment deployment : deployments.listIn(meta.getNamespace())) {
      if (LabelMatch.matches(deployment.getSpec().getSelector(), meta.getLabelsMap())) {
        work.enqueue(deployment);
      }
    }
  }

  // Only Recreate waits for pods themselves, and only for their end.
  private Handler<Pod> podHandler() {
    return new Handler<>() {
      @Override
      public void updated(Pod before, Pod after) {
        if (PodFacts.isFinished(after) && !PodFacts.isFinished(before)) {
          deleted(after);
        }
      }

      @Override
      public void deleted(Pod last) {
        ObjectMeta meta = last.getMetadata();
        OwnerReferences.controllerOf(meta)
            .flatMap(owner -> sets.find(meta.getNamespace(), owner.getName()))
            .flatMap(set -> OwnerReferences.controllerOf(set.getMetadata()))
            .map(owner -> new ObjectKey(meta.getNamespace(), owner.getName()))
            .filter(key -> deployments.find(key).filter(Bounds::isRecreate).isPresent())
            .ifPresent(work::enqueue);
      }
    };
  }

  private Result reconcile(ObjectKey key) {
    Optional<Deployment> found = deployments.find(key);
    if (found.isEmpty()) {
      control.forget(key);
      writes.forget(key);
      return Result.done();
    }
    Deployment deployment = found.get();
    if (!control.allSeen(key, sets.resourceVersion())
        || !writes.seen(key, deployments.resourceVersion())) {
      return Result.after(UNTIL_SEEN);
    }
    DeploymentPlan plan = DeploymentPlan.of(snapshot(deployment));
    Deployment current = deployment;
    for (Action action : plan.actions()) {
      if (action instanceof Action.NoteRevision(var revision)) {
        current = noteRevision(current, revision);
      } else if (!control.carryOut(deployment, action)) {
        countCollision(deployment);
        return Result.retry();
      }
    }
    if (!plan.status().equals(current.getStatus())) {
      wrote(resources.updateStatus(current.toBuilder().setStatus(plan.status()).build()));
    }
    return plan.lookAgain().map(Result::after).orElseGet(Result::done);
  }

  private DeploymentSnapshot snapshot(Deployment deployment) {
    ObjectMeta meta = deployment.getMetadata();
    List<ReplicaSet> candidates = new ArrayList<>(owned.controlledBy(meta.getUid()));
    for (ReplicaSet orphan : owned.orphans()) {
      if (orphan.getMetadata().getNamespace().equals(meta.getNamespace())) {
        candidates.add(orphan);
      }
    }
    Set<String> withPods = new HashSet<>();
    if (Bounds.isRecreate(deployment)) {
      for (ReplicaSet set : candidates) {
        String uid = set.getMetadata().getUid();
        if (pods.controlledBy(uid).stream().anyMatch(pod -> !PodFacts.isFinished(pod))) {
          withPods.add(uid);
        }
      }
    }
    return new DeploymentSnapshot(deployment, candidates, withPods, clock.instant());
  }

  private Deployment noteRevision(Deployment deployment, long revision) {
    Deployment.Builder noted = deployment.toBuilder();
    noted.getMetadataBuilder().putAnnotations(Annotations.REVISION, Long.toString(revision));
    return wrote(resources.update(noted.build()));
  }

  // Another set has the name that the template gives: count, so that the next name is another.
  private void countCollision(Deployment deployment) {
    Deployment.Builder counted = deployment.toBuilder();
    counted.getStatusBuilder().setCollisionCount(deployment.getStatus().getCollisionCount() + 1);
    wrote(resources.updateStatus(counted.build()));
  }

  private Deployment wrote(Deployment deployment) {
    writes.wrote(ObjectMetas.key(deployment), deployment.getMetadata().getResourceVersion());
    return deployment;
  }
}
