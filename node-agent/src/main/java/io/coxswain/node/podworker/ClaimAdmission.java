package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import java.util.Optional;

/// Pods that claim devices do not begin without them: no driver is asked for any yet. The scheduler
/// lets such pods wait, but a pod may have been given to the node by others.
public record ClaimAdmission() implements Admission {

  @Override
  public Optional<Failure> refusal(Pod pod) {
    String phase = pod.getStatus().getPhase();
    boolean begins = phase.isEmpty() || phase.equals("Pending");
    return begins && pod.getSpec().getResourceClaimsCount() > 0
        ? Optional.of(
            Failure.refused(
                "UnexpectedAdmissionError",
                "it claims devices, which nothing prepares in this version of Coxswain"))
        : Optional.empty();
  }
}
