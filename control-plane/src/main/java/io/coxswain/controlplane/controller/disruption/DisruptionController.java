package io.coxswain.controlplane.controller.disruption;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Selectors;
import io.coxswain.client.controller.Pace;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.ReplicaSetIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// Reads PodDisruptionBudgets, pods, ReplicaSets, ReplicationControllers and Deployments. Writes
/// the status of budgets, of which an eviction, too, writes `disruptionsAllowed` and
/// `disruptedPods`: whoever is late computes again.
public final class DisruptionController implements Controller {

  private static final int WORKERS = 1;

  private final Informer<PodDisruptionBudget> budgets;
  private final Informer<Pod> pods;
  private final Informer<ReplicaSet> sets;
  private final Informer<ReplicationController> controllers;
  private final Informer<Deployment> deployments;
  private final Resources<PodDisruptionBudget> resources;
  private final Clock clock;
  private final Work work;

  public DisruptionController(ControllerContext context, ReplicaSetIndexes sets, PodIndexes pods) {
    this.budgets = context.informers().informer(PodDisruptionBudget.class);
    this.pods = pods.informer();
    this.sets = sets.informer();
    this.controllers = context.informers().informer(ReplicationController.class);
    this.deployments = context.informers().informer(Deployment.class);
    this.resources = context.client().resources(PodDisruptionBudget.class);
    this.clock = context.clock();
    this.work =
        new Work(
            "disruption",
            WORKERS,
            Pace.SPARING,
            context,
            this::reconcile,
            () -> budgets.list().stream().map(ObjectMetas::key).toList());
    budgets.addHandler(Handler.each(work::enqueue));
    this.pods.addHandler(podHandler());
    this.sets.addHandler(resized(set -> set.getSpec().getReplicas()));
    controllers.addHandler(resized(controller -> controller.getSpec().getReplicas()));
    deployments.addHandler(resized(deployment -> deployment.getSpec().getReplicas()));
  }

  @Override
  public Work work() {
    return work;
  }

  private Handler<Pod> podHandler() {
    return new Handler<>() {
      @Override
      public void added(Pod pod) {
        wake(pod);
      }

      @Override
      public void updated(Pod before, Pod after) {
        boolean moved =
            !before.getMetadata().getLabelsMap().equals(after.getMetadata().getLabelsMap());
        if (moved) {
          wake(before);
        }
        if (moved
            || PodFacts.isReady(before) != PodFacts.isReady(after)
            || PodFacts.isTerminating(before) != PodFacts.isTerminating(after)
            || !OwnerReferences.controllerUid(before.getMetadata())
                .equals(OwnerReferences.controllerUid(after.getMetadata()))) {
          wake(after);
        }
      }

      @Override
      public void deleted(Pod last) {
        wake(last);
      }
    };
  }

  private void wake(Pod pod) {
    for (PodDisruptionBudget budget : budgets.listIn(pod.getMetadata().getNamespace())) {
      if (selects(budget, pod)) {
        work.enqueue(budget);
      }
    }
  }

  private <T extends Message> Handler<T> resized(ToIntFunction<T> replicas) {
    return new Handler<>() {
      @Override
      public void added(T workload) {
        wakeAll(workload);
      }

      @Override
      public void updated(T before, T after) {
        if (replicas.applyAsInt(before) != replicas.applyAsInt(after)) {
          wakeAll(after);
        }
      }

      @Override
      public void deleted(T last) {
        wakeAll(last);
      }
    };
  }

  private void wakeAll(Message workload) {
    budgets.listIn(ObjectMetas.read(workload).getNamespace()).forEach(work::enqueue);
  }

  /// An empty selector takes every pod, none at all takes none.
  private static boolean selects(PodDisruptionBudget budget, Pod pod) {
    return budget.getSpec().hasSelector()
        && Selectors.labels(budget.getSpec().getSelector()).matches(pod);
  }

  private Result reconcile(ObjectKey key) {
    Optional<PodDisruptionBudget> found = budgets.find(key);
    if (found.isEmpty()) {
      return Result.done();
    }
    PodDisruptionBudget budget = found.get();
    DisruptionPlan plan = DisruptionPlan.of(snapshot(budget));
    if (!plan.status().equals(budget.getStatus())) {
      // Names the version it was computed from: an eviction in between is a conflict, and this is
      // computed again.
      var _ = resources.updateStatus(budget.toBuilder().setStatus(plan.status()).build());
    }
    return plan.lookAgain().map(Result::after).orElseGet(Result::done);
  }

  private DisruptionSnapshot snapshot(PodDisruptionBudget budget) {
    String namespace = budget.getMetadata().getNamespace();
    List<Pod> selected =
        pods.listIn(namespace).stream().filter(pod -> selects(budget, pod)).toList();
    Map<String, Integer> replicas = new HashMap<>();
    Map<String, String> workloads = new HashMap<>();
    for (Pod pod : selected) {
      Optional<OwnerReference> owner = OwnerReferences.controllerOf(pod.getMetadata());
      owner
          .filter(one -> one.getKind().equals("ReplicaSet"))
          .flatMap(one -> sets.find(namespace, one.getName()))
          .ifPresent(set -> size(set, replicas, workloads));
      owner
          .filter(one -> one.getKind().equals("ReplicationController"))
          .flatMap(one -> controllers.find(namespace, one.getName()))
          .ifPresent(one -> replicas.put(one.getMetadata().getUid(), one.getSpec().getReplicas()));
    }
    return new DisruptionSnapshot(budget, selected, replicas, workloads, clock.instant());
  }

  private void size(ReplicaSet set, Map<String, Integer> replicas, Map<String, String> workloads) {
    ObjectMeta meta = set.getMetadata();
    Optional<Deployment> deployment =
        OwnerReferences.controllerOf(meta)
            .filter(owner -> owner.getKind().equals("Deployment"))
            .flatMap(owner -> deployments.find(meta.getNamespace(), owner.getName()));
    replicas.put(
        meta.getUid(),
        deployment
            .map(one -> one.getSpec().getReplicas())
            .orElseGet(() -> set.getSpec().getReplicas()));
    deployment.ifPresent(one -> workloads.put(meta.getUid(), one.getMetadata().getUid()));
  }
}
