package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.client.codec.ObjectMetas;

/// Pods begin Pending, in their class of service, and end gracefully where they run.
final class PodStrategy implements Strategy {

  private static final long GRACE_SECONDS = 30;

  @Override
  public Message prepareCreate(Message object) {
    Pod pod = (Pod) object;
    return pod.toBuilder()
        .setStatus(
            PodStatus.newBuilder()
                .setPhase("Pending")
                .setQosClass(QosClass.of(pod.getSpec()).label()))
        .build();
  }

  /// A node may label and annotate its pods with their status; who owns them and what they are is
  /// not its to say.
  @Override
  public Message prepareStatusUpdate(String part, Message before, Message after) {
    Pod old = (Pod) before;
    Pod pod = (Pod) after;
    Pod.Builder kept = pod.toBuilder();
    if (pod.getStatus().getQosClass().isEmpty() && old.hasStatus()) {
      kept.getStatusBuilder().setQosClass(old.getStatus().getQosClass());
    }
    return kept.build();
  }

  /// A pod that runs nowhere, or no more, has nothing to end.
  @Override
  public long graceSeconds(Message object, DeleteOptions options) {
    Pod pod = (Pod) object;
    String phase = pod.getStatus().getPhase();
    if (pod.getSpec().getNodeName().isEmpty()
        || phase.equals("Succeeded")
        || phase.equals("Failed")) {
      return 0;
    }
    if (options.hasGracePeriodSeconds()) {
      return notNegative(options.getGracePeriodSeconds());
    }
    return pod.getSpec().hasTerminationGracePeriodSeconds()
        ? notNegative(pod.getSpec().getTerminationGracePeriodSeconds())
        : GRACE_SECONDS;
  }

  /// Below zero means "at once, but let its node end it".
  private static long notNegative(long seconds) {
    return seconds < 0 ? 1 : seconds;
  }

  /// Whether the pod is still one that a disruption would hurt.
  static boolean counts(Pod pod) {
    String phase = pod.getStatus().getPhase();
    return !phase.equals("Succeeded")
        && !phase.equals("Failed")
        && !phase.equals("Pending")
        && !ObjectMetas.isDeleting(pod);
  }
}
