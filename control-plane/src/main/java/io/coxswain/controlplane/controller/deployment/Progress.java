package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentCondition;
import io.coxswain.api.apps.v1.DeploymentSpec;
import io.coxswain.api.apps.v1.DeploymentStatus;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetCondition;
import io.coxswain.client.codec.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A Deployment's status with its conditions: whether the rollout moves, whether enough pods are
/// available, and why pods cannot be made. Reasons are those that `kubectl rollout status` reads.
///
/// @param lookAgain when the rollout, if it does not move, has taken too long
record Progress(DeploymentStatus status, Optional<Duration> lookAgain) {

  static final String PROGRESSING = "Progressing";
  static final String AVAILABLE = "Available";
  static final String REPLICA_FAILURE = "ReplicaFailure";
  static final String DEADLINE_EXCEEDED = "ProgressDeadlineExceeded";
  static final String NEW_AVAILABLE = "NewReplicaSetAvailable";

  private static final String PAUSED = "DeploymentPaused";

  static Progress of(Rollout rollout, Instant now) {
    Deployment deployment = rollout.deployment();
    Conditions conditions = new Conditions(deployment.getStatus().getConditionsList(), now);
    DeploymentStatus status = StatusCounts.of(rollout);
    available(rollout, status, conditions);
    failure(rollout, conditions);
    if (deadline(deployment).isEmpty()) {
      conditions.remove(PROGRESSING);
    } else {
      pause(deployment, conditions);
      if (!deployment.getSpec().getPaused()) {
        progressing(rollout, status, conditions, now);
      }
    }
    DeploymentStatus complete =
        status.toBuilder().clearConditions().addAllConditions(conditions.all()).build();
    return new Progress(complete, untilDeadline(deployment, complete, now));
  }

  private static void available(Rollout rollout, DeploymentStatus status, Conditions conditions) {
    int fewest = rollout.bounds().fewestAvailable();
    if (status.getAvailableReplicas() >= fewest) {
      conditions.set(
          AVAILABLE,
          "True",
          "MinimumReplicasAvailable",
          "as many replicas as needed are available");
    } else {
      conditions.set(
          AVAILABLE,
          "False",
          "MinimumReplicasUnavailable",
          "fewer replicas than needed are available");
    }
  }

  private static void failure(Rollout rollout, Conditions conditions) {
    Optional<ReplicaSetCondition> failed =
        rollout
            .current()
            .flatMap(Progress::failureOf)
            .or(() -> rollout.old().stream().flatMap(s -> failureOf(s).stream()).findFirst());
    if (failed.isEmpty()) {
      conditions.remove(REPLICA_FAILURE);
      return;
    }
    ReplicaSetCondition f = failed.get();
    conditions.set(REPLICA_FAILURE, f.getStatus(), f.getReason(), f.getMessage());
  }

  private static Optional<ReplicaSetCondition> failureOf(ReplicaSet set) {
    return set.getStatus().getConditionsList().stream()
        .filter(c -> c.getType().equals(REPLICA_FAILURE))
        .findFirst();
  }

  // A rollout that failed before it was paused keeps saying so.
  private static void pause(Deployment deployment, Conditions conditions) {
    String reason = conditions.reason(PROGRESSING);
    boolean paused = deployment.getSpec().getPaused();
    if (paused && !reason.equals(PAUSED) && !reason.equals(DEADLINE_EXCEEDED)) {
      conditions.set(PROGRESSING, "Unknown", PAUSED, "the rollout is paused");
    } else if (!paused && reason.equals(PAUSED)) {
      conditions.set(PROGRESSING, "Unknown", "DeploymentResumed", "the rollout was resumed");
    }
  }

  private static void progressing(
      Rollout rollout, DeploymentStatus status, Conditions conditions, Instant now) {
    Deployment deployment = rollout.deployment();
    Optional<ReplicaSet> current = rollout.current();
    if (rollout.created().isPresent()) {
      conditions.set(
          PROGRESSING, "True", "NewReplicaSetCreated", "created ReplicaSet " + name(rollout));
      return;
    }
    if (current.isPresent() && conditions.reason(PROGRESSING).isEmpty()) {
      conditions.set(
          PROGRESSING, "True", "FoundNewReplicaSet", "found ReplicaSet " + name(rollout));
    }
    boolean wasComplete =
        conditions.reason(PROGRESSING).equals(NEW_AVAILABLE)
            && status.getReplicas() == status.getUpdatedReplicas();
    if (wasComplete) {
      return;
    }
    if (StatusCounts.isComplete(deployment, status)) {
      conditions.set(
          PROGRESSING, "True", NEW_AVAILABLE, name(rollout) + " is completely rolled out");
    } else if (moved(deployment.getStatus(), status)) {
      conditions.renew(PROGRESSING, "True", "ReplicaSetUpdated", name(rollout) + " is rolling out");
    } else if (timedOut(deployment, conditions, now)) {
      conditions.set(
          PROGRESSING,
          "False",
          DEADLINE_EXCEEDED,
          name(rollout)
              + " made no progress for "
              + deployment.getSpec().getProgressDeadlineSeconds()
              + " s");
    }
  }

  private static String name(Rollout rollout) {
    return rollout.current().map(s -> s.getMetadata().getName()).orElse("the new ReplicaSet");
  }

  private static boolean moved(DeploymentStatus before, DeploymentStatus after) {
    int oldBefore = before.getReplicas() - before.getUpdatedReplicas();
    int oldAfter = after.getReplicas() - after.getUpdatedReplicas();
    return after.getUpdatedReplicas() > before.getUpdatedReplicas()
        || oldAfter < oldBefore
        || after.getReadyReplicas() > before.getReadyReplicas()
        || after.getAvailableReplicas() > before.getAvailableReplicas();
  }

  private static boolean timedOut(Deployment deployment, Conditions conditions, Instant now) {
    Optional<DeploymentCondition> condition = conditions.find(PROGRESSING);
    if (condition.isEmpty() || condition.get().getReason().equals(NEW_AVAILABLE)) {
      return false;
    }
    if (condition.get().getReason().equals(DEADLINE_EXCEEDED)) {
      return true;
    }
    Instant deadline =
        Times.instant(condition.get().getLastUpdateTime()).plus(deadline(deployment).orElseThrow());
    return deadline.isBefore(now);
  }

  // The largest number stands for "never", as upstream.
  private static Optional<Duration> deadline(Deployment deployment) {
    DeploymentSpec spec = deployment.getSpec();
    return spec.hasProgressDeadlineSeconds()
            && spec.getProgressDeadlineSeconds() != Integer.MAX_VALUE
        ? Optional.of(Duration.ofSeconds(spec.getProgressDeadlineSeconds()))
        : Optional.empty();
  }

  private static Optional<Duration> untilDeadline(
      Deployment deployment, DeploymentStatus status, Instant now) {
    Optional<Duration> deadline = deadline(deployment);
    if (deadline.isEmpty()
        || deployment.getSpec().getPaused()
        || StatusCounts.isComplete(deployment, status)) {
      return Optional.empty();
    }
    return status.getConditionsList().stream()
        .filter(c -> c.getType().equals(PROGRESSING))
        .filter(c -> !c.getReason().equals(DEADLINE_EXCEEDED))
        .filter(c -> !c.getReason().equals(NEW_AVAILABLE))
        .findFirst()
        .map(c -> Times.instant(c.getLastUpdateTime()).plus(deadline.get()))
        // A second more: times in the status are whole seconds, cut.
        .map(at -> Duration.between(now, at.plusSeconds(1)))
        .map(left -> left.isNegative() ? Duration.ofSeconds(1) : left);
  }
}
