package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.runtime.AppArmor;
import java.util.Optional;

/// Pods that are to be confined by AppArmor do not begin where nothing would confine them.
///
/// @param enabled whether the node's kernel enforces profiles
public record AppArmorAdmission(boolean enabled) implements Admission {

  @Override
  public Optional<Failure> refusal(Pod pod) {
    String phase = pod.getStatus().getPhase();
    boolean begins = phase.isEmpty() || phase.equals("Pending");
    if (!begins || !AppArmor.isRequired(pod)) {
      return Optional.empty();
    }
    if (!enabled) {
      return refused("AppArmor is not enabled on the host");
    }
    return AppArmor.nameless(pod).isPresent()
        ? refused("invalid empty AppArmor profile name: \"\"")
        : Optional.empty();
  }

  private static Optional<Failure> refused(String why) {
    return Optional.of(Failure.refused("AppArmor", "Cannot enforce AppArmor: " + why));
  }
}
