package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.PodStatus;
import java.util.Optional;

/// Why a pod as a whole has failed: nothing of it runs any more on this node.
///
/// @param reason of its status, and of the event
/// @param message of its status
/// @param event what the event says
/// @param disruption message of the condition `DisruptionTarget` (KEP-3329); empty for none
/// @param graceSeconds what its containers get to end; -1 for the pod's own
/// @param begun whether it may have begun on this node
public record Failure(
    String reason,
    String message,
    String event,
    String disruption,
    long graceSeconds,
    boolean begun) {

  static final String DISRUPTION = "DisruptionTarget";

  /// What a disruption by the node has as its reason.
  static final String BY_NODE = "TerminationByKubelet";

  static final Failure NONE = new Failure("", "", "", "", -1, true);

  /// The pod's own spec ends it.
  static Failure own(String reason, String message) {
    return new Failure(reason, message, message, "", -1, true);
  }

  /// The node ends it, since it takes too much.
  ///
  /// @param disruption empty when it is the pod's own limit that it exceeds
  public static Failure evicted(String message, String disruption, long graceSeconds) {
    return new Failure("Evicted", message, message, disruption, graceSeconds, true);
  }

  /// The node ends it to make room for a critical one.
  public static Failure preempted() {
    String message = "Preempted in order to admit critical pod";
    return new Failure(
        "Preempting",
        message,
        message,
        "Pod was preempted by Kubelet to accommodate a critical pod.",
        -1,
        true);
  }

  /// The node does not take it.
  public static Failure refused(String reason, String message) {
    return new Failure(reason, "Pod was rejected: " + message, message, "", -1, false);
  }

  boolean isNone() {
    return reason.isEmpty();
  }

  /// As the pod's status tells of it, be it the API's or what was written down; nothing when the
  /// pod has not failed, or as its containers did.
  static Failure of(PodStatus status) {
    if (!status.getPhase().equals("Failed") || status.getReason().isEmpty()) {
      return NONE;
    }
    String disruption =
        status.getConditionsList().stream()
            .filter(Failure::isDisruption)
            .map(PodCondition::getMessage)
            .findFirst()
            .orElse("");
    boolean begun =
        status.getContainerStatusesCount() > 0 || status.getInitContainerStatusesCount() > 0;
    return new Failure(
        status.getReason(), status.getMessage(), status.getMessage(), disruption, -1, begun);
  }

  static boolean isDisruption(PodCondition condition) {
    return condition.getType().equals(DISRUPTION) && condition.getReason().equals(BY_NODE);
  }

  /// The pod with a status of which [#of] makes this again.
  Pod noted(Pod pod) {
    PodStatus.Builder status =
        pod.getStatus().toBuilder().setPhase("Failed").setReason(reason).setMessage(message);
    Optional<PodCondition> known =
        status.getConditionsList().stream().filter(Failure::isDisruption).findFirst();
    if (!disruption.isEmpty() && known.isEmpty()) {
      status.addConditions(
          PodCondition.newBuilder()
              .setType(DISRUPTION)
              .setStatus("True")
              .setReason(BY_NODE)
              .setMessage(disruption));
    }
    return pod.toBuilder().setStatus(status).build();
  }
}
