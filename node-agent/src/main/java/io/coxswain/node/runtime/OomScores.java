package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.Machine;
import java.util.OptionalInt;

/// Whom the kernel ends first when the machine has no memory left: pods that asked for nothing,
/// then those that use the most of what they did not ask for, guaranteed ones last. The kubelet's
/// numbers.
final class OomScores {

  private static final int BEST_EFFORT = 1000;
  private static final int GUARANTEED = -997;

  private OomScores() {}

  /// Empty for a score that is better than the agent's own and that it has no right to give.
  static OptionalInt of(Pod pod, Container container, Machine machine) {
    int score = score(pod, container, machine.memoryBytes());
    return score >= machine.oomScore() || machine.maySetResources()
        ? OptionalInt.of(score)
        : OptionalInt.empty();
  }

  static int score(Pod pod, Container container, long machineBytes) {
    return switch (PodResources.qos(pod)) {
      case GUARANTEED -> GUARANTEED;
      case BEST_EFFORT -> BEST_EFFORT;
      case BURSTABLE -> {
        long asked =
            Quantities.whole(
                container.getResources().getRequestsMap().getOrDefault("memory", Quantities.ZERO));
        yield Math.clamp(BEST_EFFORT - BEST_EFFORT * asked / Math.max(1, machineBytes), 3, 999);
      }
    };
  }
}
