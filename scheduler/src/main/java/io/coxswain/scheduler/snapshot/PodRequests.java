package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.resource.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a pod asks of its node (KEP-753): the larger of all that runs at once in its life and of
/// the highest point while it starts, where each init container runs beside the sidecars started
/// before it. What the runtime itself needs (`overhead`) comes on top. While the resources of its
/// containers change (KEP-1287), what is wanted, set aside and still there all have to fit.
final class PodRequests {

  /// What a container that asks for nothing is taken to use when nodes are compared: without it
  /// such pods would all seem to fit best on one node.
  private static final long UNSTATED_MILLI_CPU = 100;

  private static final long UNSTATED_MEMORY = 200L * 1024 * 1024;

  private PodRequests() {}

  /// What must be free on the node.
  static Amounts asked(Pod pod) {
    return total(pod, false);
  }

  /// What is assumed used when nodes are scored.
  static Amounts assumed(Pod pod) {
    return total(pod, true);
  }

  private static Amounts total(Pod pod, boolean guess) {
    PodSpec spec = pod.getSpec();
    Amounts running = Amounts.NONE;
    List<ContainerStatus> statuses = pod.getStatus().getContainerStatusesList();
    for (Container container : spec.getContainersList()) {
      running = running.plus(held(pod, container, statuses, of(container, guess)));
    }
    Amounts sidecars = Amounts.NONE;
    Amounts startPeak = Amounts.NONE;
    for (Container init : spec.getInitContainersList()) {
      Amounts own = of(init, guess);
      if (init.getRestartPolicy().equals("Always")) {
        own = held(pod, init, pod.getStatus().getInitContainerStatusesList(), own);
        sidecars = sidecars.plus(own);
        startPeak = startPeak.max(sidecars);
      } else {
        startPeak = startPeak.max(sidecars.plus(own));
      }
    }
    Amounts sum = running.plus(sidecars).max(startPeak);
    return podLevel(spec, sum).plus(Amounts.of(spec.getOverheadMap()));
  }

  // What the container asks for, and no less than what it has. What its node can never give is not
  // counted.
  private static Amounts held(
      Pod pod, Container container, List<ContainerStatus> statuses, Amounts asked) {
    for (ContainerStatus status : statuses) {
      if (!status.getName().equals(container.getName()) || !status.hasResources()) {
        continue;
      }
      Map<String, Quantity> wanted = container.getResources().getRequestsMap();
      Map<String, Quantity> has = status.getResources().getRequestsMap();
      Map<String, Quantity> setAside = status.getAllocatedResourcesMap();
      if (wanted.equals(has) && wanted.equals(setAside)) {
        return asked;
      }
      Amounts least = Amounts.of(has).max(Amounts.of(setAside));
      return isInfeasible(pod) ? least : asked.max(least);
    }
    return asked;
  }

  private static boolean isInfeasible(Pod pod) {
    return pod.getStatus().getConditionsList().stream()
        .anyMatch(one ->
            one.getType().equals("PodResizePending") && one.getReason().equals("Infeasible"));
  }

  // Requests stated for the pod as a whole replace the sum of its containers' (KEP-2837).
  private static Amounts podLevel(PodSpec spec, Amounts sum) {
    if (!spec.hasResources()) {
      return sum;
    }
    Map<String, Quantity> stated = new HashMap<>(spec.getResources().getLimitsMap());
    stated.putAll(spec.getResources().getRequestsMap());
    if (stated.isEmpty()) {
      return sum;
    }
    Amounts whole = Amounts.of(stated);
    Map<String, Long> extended = new HashMap<>(sum.extended());
    extended.putAll(whole.extended());
    return new Amounts(
        stated.containsKey("cpu") ? whole.milliCpu() : sum.milliCpu(),
        stated.containsKey("memory") ? whole.memory() : sum.memory(),
        sum.storage(),
        extended);
  }

  private static Amounts of(Container container, boolean guess) {
    Map<String, Quantity> requests = container.getResources().getRequestsMap();
    Amounts asked = Amounts.of(requests);
    if (!guess || (requests.containsKey("cpu") && requests.containsKey("memory"))) {
      return asked;
    }
    return new Amounts(
        requests.containsKey("cpu") ? asked.milliCpu() : UNSTATED_MILLI_CPU,
        requests.containsKey("memory") ? asked.memory() : UNSTATED_MEMORY,
        asked.storage(),
        asked.extended());
  }
}
