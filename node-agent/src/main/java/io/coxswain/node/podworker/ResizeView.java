package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Times;
import io.coxswain.node.allocation.Standing.Pending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How far a pod is on the way to other resources.
///
/// @param pending what it wants and the node cannot give it yet
/// @param progress what was set aside for it and it has not all of
/// @param groupOutdated whether the pod's control group may have other limits than are set aside
/// @param has what the pod as a whole has
/// @param notBefore earliest moment of the next try to give it what is set aside
public record ResizeView(
    Optional<Pending> pending,
    Optional<Progress> progress,
    boolean groupOutdated,
    ResourceRequirements has,
    Instant notBefore) {

  static final String PENDING = "PodResizePending";
  static final String IN_PROGRESS = "PodResizeInProgress";

  /// A pod that has all that it wants.
  public static final ResizeView NONE =
      new ResizeView(
          Optional.empty(),
          Optional.empty(),
          false,
          ResourceRequirements.getDefaultInstance(),
          Instant.EPOCH);

  /// What was set aside is being given.
  ///
  /// @param generation of the pod that wanted it
  /// @param error why it was not done when it was last tried; empty when nothing went wrong
  public record Progress(long generation, String error, Instant since) {
    Progress failed(String why) {
      return new Progress(generation, why, since);
    }
  }

  List<PodCondition> conditions() {
    List<PodCondition> conditions = new ArrayList<>();
    pending.ifPresent(one ->
        conditions.add(
            condition(PENDING, one.generation(), one.since())
                .setReason(one.reason())
                .setMessage(one.message())
                .build()));
    progress.ifPresent(one -> {
      PodCondition.Builder condition = condition(IN_PROGRESS, one.generation(), one.since());
      if (!one.error().isEmpty()) {
        condition.setReason("Error").setMessage(one.error());
      }
      conditions.add(condition.build());
    });
    return conditions;
  }

  private static PodCondition.Builder condition(String type, long generation, Instant since) {
    PodCondition.Builder condition =
        PodCondition.newBuilder()
            .setType(type)
            .setStatus("True")
            .setLastTransitionTime(Times.time(since));
    if (generation > 0) {
      condition.setObservedGeneration(generation);
    }
    return condition;
  }
}
