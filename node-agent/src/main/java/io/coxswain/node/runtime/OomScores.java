package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.Machine;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

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
        long asked = memory(container.getResources()) + partOfPod(pod.getSpec());
        yield Math.clamp(BEST_EFFORT - BEST_EFFORT * asked / Math.max(1, machineBytes), 3, 999);
      }
    };
  }

  private static long memory(ResourceRequirements resources) {
    return Quantities.whole(resources.getRequestsMap().getOrDefault("memory", Quantities.ZERO));
  }

  /// Of what a pod asks for as a whole and no container asks for, each has a part.
  private static long partOfPod(PodSpec spec) {
    List<Container> lasting =
        Stream.concat(
                spec.getContainersList().stream(),
                spec.getInitContainersList().stream()
                    .filter(one -> one.getRestartPolicy().equals("Always")))
            .toList();
    long left =
        memory(spec.getResources())
            - lasting.stream().mapToLong(one -> memory(one.getResources())).sum();
    return Math.max(0, left) / Math.max(1, lasting.size());
  }
}
