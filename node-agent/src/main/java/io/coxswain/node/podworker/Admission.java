package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import java.util.Optional;

/// Whether a pod that comes to this node may begin here.
@FunctionalInterface
public interface Admission {

  Admission ALL = pod -> Optional.empty();

  /// Why it may not; short, since other pods wait meanwhile.
  Optional<Failure> refusal(Pod pod);

  /// Both must let it.
  default Admission and(Admission other) {
    return pod -> refusal(pod).or(() -> other.refusal(pod));
  }
}
