package io.coxswain.controlplane.controller.deployment;

import static java.util.Comparator.comparingLong;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentStatus;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.controlplane.controller.framework.Ownership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What to do next for a Deployment.
///
/// @param actions writes in their order; the first that fails ends the pass
/// @param status what to store once the actions are done
/// @param lookAgain when nothing but time may change the status
record DeploymentPlan(List<Action> actions, DeploymentStatus status, Optional<Duration> lookAgain) {

  private static final int HISTORY_DEFAULT = 10;

  DeploymentPlan {
    actions = List.copyOf(actions);
  }

  static DeploymentPlan of(DeploymentSnapshot snapshot) {
    Deployment deployment = snapshot.deployment();
    List<Action> actions = new ArrayList<>();
    Rollout rollout = new Rollout(deployment, claim(snapshot, actions));
    List<Action> cleanup = new ArrayList<>();
    if (!deployment.getMetadata().hasDeletionTimestamp()) {
      advance(rollout, snapshot);
      if (deployment.getSpec().getPaused() || StatusCounts.isComplete(rollout)) {
        cleanup.addAll(surplusHistory(rollout));
      }
      actions.addAll(rollout.actions());
      actions.addAll(cleanup);
      noteRevision(rollout).ifPresent(actions::add);
    }
    Progress progress = Progress.of(rollout, snapshot.now());
    return new DeploymentPlan(actions, progress.status(), progress.lookAgain());
  }

  private static List<ReplicaSet> claim(DeploymentSnapshot snapshot, List<Action> actions) {
    Deployment deployment = snapshot.deployment();
    List<ReplicaSet> owned = new ArrayList<>();
    for (ReplicaSet set : snapshot.sets()) {
      switch (Ownership.of(
          deployment.getMetadata(), deployment.getSpec().getSelector(), set.getMetadata())) {
        case OWNED -> owned.add(set);
        // Adopted now, it is owned in the next pass: an update of it here would meet a conflict.
        case ORPHAN -> actions.add(new Action.Adopt(set));
        case STRAY -> actions.add(new Action.Release(set));
        case FOREIGN -> {}
      }
    }
    return owned;
  }

  private static void advance(Rollout rollout, DeploymentSnapshot snapshot) {
    rollout.current().ifPresent(current -> refresh(rollout, current));
    boolean paused = rollout.deployment().getSpec().getPaused();
    if (paused || ProportionalScaling.isDue(rollout)) {
      ProportionalScaling.apply(rollout);
    } else if (Bounds.isRecreate(rollout.deployment())) {
      recreate(rollout, snapshot);
    } else {
      if (rollout.current().isEmpty()) {
        rollout.create(NewReplicaSet.of(rollout, RollingUpdate.roomForCurrent(rollout, 0)));
        return;
      }
      RollingUpdate.apply(rollout);
    }
  }

  // The current set follows what the Deployment says besides the template.
  private static void refresh(Rollout rollout, ReplicaSet current) {
    Deployment deployment = rollout.deployment();
    ReplicaSet.Builder refreshed = current.toBuilder();
    refreshed
        .getMetadataBuilder()
        .clearAnnotations()
        .putAllAnnotations(
            Annotations.forNewSet(
                current.getMetadata().getAnnotationsMap(),
                deployment,
                NewReplicaSet.revision(rollout)));
    if (current.getSpec().getMinReadySeconds() != deployment.getSpec().getMinReadySeconds()) {
      refreshed.getSpecBuilder().setMinReadySeconds(deployment.getSpec().getMinReadySeconds());
    }
    rollout.replace(refreshed.build());
  }

  // No pod of the new template runs beside one of an old.
  private static void recreate(Rollout rollout, DeploymentSnapshot snapshot) {
    boolean oldWanted = Rollout.sum(rollout.old()) > 0;
    rollout.old().stream()
        .filter(set -> Rollout.size(set) > 0)
        .forEach(set -> rollout.scale(set, 0));
    boolean oldRuns =
        rollout.old().stream()
            .anyMatch(set -> snapshot.setsWithPods().contains(set.getMetadata().getUid()));
    if (oldWanted || oldRuns) {
      return;
    }
    int replicas = rollout.bounds().replicas();
    Optional<ReplicaSet> current = rollout.current();
    if (current.isEmpty()) {
      rollout.create(NewReplicaSet.of(rollout, replicas));
    } else if (Rollout.size(current.get()) != replicas) {
      rollout.scale(current.get(), replicas);
    }
  }

  // Old sets without pods are the history that people roll back to: the oldest go.
  private static List<Action> surplusHistory(Rollout rollout) {
    var spec = rollout.deployment().getSpec();
    int limit = spec.hasRevisionHistoryLimit() ? spec.getRevisionHistoryLimit() : HISTORY_DEFAULT;
    List<ReplicaSet> history =
        rollout.old().stream()
            .filter(set -> !set.getMetadata().hasDeletionTimestamp())
            .sorted(comparingLong((ReplicaSet s) -> Annotations.revision(s.getMetadata())))
            .toList();
    int surplus = history.size() - limit;
    if (surplus <= 0) {
      return List.of();
    }
    return history.subList(0, surplus).stream()
        .filter(DeploymentPlan::isEmpty)
        .<Action>map(Action.Delete::new)
        .toList();
  }

  private static boolean isEmpty(ReplicaSet set) {
    return Rollout.size(set) == 0
        && set.getStatus().getReplicas() == 0
        && set.getMetadata().getGeneration() <= set.getStatus().getObservedGeneration();
  }

  private static Optional<Action> noteRevision(Rollout rollout) {
    long noted = Annotations.revision(rollout.deployment().getMetadata());
    return rollout
        .current()
        .map(set -> Annotations.revision(set.getMetadata()))
        .filter(revision -> revision != noted)
        .map(Action.NoteRevision::new);
  }
}
