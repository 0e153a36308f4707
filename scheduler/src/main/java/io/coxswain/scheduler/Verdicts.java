package io.coxswain.scheduler;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.Optional;

/// What a pod's status says of its scheduling: the condition `PodScheduled`. Pure.
final class Verdicts {

  private static final String TYPE = "PodScheduled";

  private Verdicts() {}

  /// The pod saying that it could not be placed and why; nothing when it says so already.
  static Optional<Pod> unscheduled(Pod pod, String reason, String message, Instant now) {
    PodCondition.Builder said =
        PodCondition.newBuilder()
            .setType(TYPE)
            .setStatus("False")
            .setReason(reason)
            .setMessage(message);
    for (int i = 0; i < pod.getStatus().getConditionsCount(); i++) {
      PodCondition before = pod.getStatus().getConditions(i);
      if (!before.getType().equals(TYPE)) {
        continue;
      }
      if (before.getStatus().equals("False")
          && before.getReason().equals(reason)
          && before.getMessage().equals(message)) {
        return Optional.empty();
      }
      said.setLastTransitionTime(
          before.getStatus().equals("False") ? before.getLastTransitionTime() : Times.time(now));
      Pod.Builder changed = pod.toBuilder();
      changed.getStatusBuilder().setConditions(i, said);
      return Optional.of(changed.build());
    }
    Pod.Builder changed = pod.toBuilder();
    changed.getStatusBuilder().addConditions(said.setLastTransitionTime(Times.time(now)));
    return Optional.of(changed.build());
  }
}
