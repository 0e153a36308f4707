package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.allocation.Lack;
import io.coxswain.node.allocation.Room;
import io.coxswain.node.runtime.PodResources;
import io.coxswain.node.runtime.PodResources.Qos;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which pods make room for a critical one, as the kubelet chooses: rather several that ask for
/// nothing than one that was promised something; among equals as few as will do, and of these the
/// smallest. Pure.
final class Preemption {

  private Preemption() {}

  /// Nothing when even all of them would not do.
  static Optional<List<Pod>> victims(Pod critical, List<Pod> pods, List<Lack> lacks) {
    Map<String, Long> missing = new LinkedHashMap<>();
    lacks.forEach(lack -> missing.put(lack.resource(), lack.missing()));
    List<Pod> bestEffort = of(Qos.BEST_EFFORT, critical, pods);
    List<Pod> burstable = of(Qos.BURSTABLE, critical, pods);
    List<Pod> guaranteed = of(Qos.GUARANTEED, critical, pods);
    if (!less(missing, all(bestEffort, burstable, guaranteed)).isEmpty()) {
      return Optional.empty();
    }
    List<Pod> ofGuaranteed = nearest(guaranteed, less(missing, all(bestEffort, burstable)));
    List<Pod> ofBurstable = nearest(burstable, less(missing, all(bestEffort, ofGuaranteed)));
    List<Pod> ofBestEffort = nearest(bestEffort, less(missing, all(ofBurstable, ofGuaranteed)));
    return Optional.of(all(ofBestEffort, ofBurstable, ofGuaranteed));
  }

  private static List<Pod> of(Qos qos, Pod critical, List<Pod> pods) {
    return pods.stream()
        .filter(pod -> PodResources.qos(pod) == qos && mayGo(pod, critical))
        .toList();
  }

  private static boolean mayGo(Pod pod, Pod critical) {
    return !PodOrigin.isCritical(pod)
        || critical.getSpec().getPriority() > pod.getSpec().getPriority();
  }

  @SafeVarargs
  private static List<Pod> all(List<Pod>... some) {
    List<Pod> all = new ArrayList<>();
    for (List<Pod> one : some) {
      all.addAll(one);
    }
    return all;
  }

  /// What is still missing when these go.
  private static Map<String, Long> less(Map<String, Long> missing, List<Pod> going) {
    Map<String, Long> left = new LinkedHashMap<>(missing);
    for (Pod pod : going) {
      Room.asked(pod.getSpec())
          .forEach((name, amount) -> left.computeIfPresent(name, (_, one) -> one - amount));
    }
    left.values().removeIf(amount -> amount <= 0);
    return left;
  }

  private static List<Pod> nearest(List<Pod> pods, Map<String, Long> missing) {
    List<Pod> rest = new ArrayList<>(pods);
    List<Pod> going = new ArrayList<>();
    Map<String, Long> left = missing;
    while (!left.isEmpty() && !rest.isEmpty()) {
      Pod best = rest.getFirst();
      for (Pod pod : rest) {
        int order = Double.compare(distance(left, pod), distance(left, best));
        if (order < 0 || (order == 0 && isSmaller(pod, best))) {
          best = pod;
        }
      }
      going.add(best);
      rest.remove(best);
      left = less(left, List.of(best));
    }
    return going;
  }

  /// How much would still be missing, each resource as a share of what is missing of it.
  private static double distance(Map<String, Long> missing, Pod pod) {
    Map<String, Long> asked = Room.asked(pod.getSpec());
    double sum = 0;
    for (Map.Entry<String, Long> one : missing.entrySet()) {
      long left = one.getValue() - asked.getOrDefault(one.getKey(), 0L);
      if (left > 0) {
        double share = (double) left / one.getValue();
        sum += share * share;
      }
    }
    return sum;
  }

  private static boolean isSmaller(Pod a, Pod b) {
    Map<String, Long> first = Room.asked(a.getSpec());
    Map<String, Long> second = Room.asked(b.getSpec());
    for (String name : List.of("memory", "cpu")) {
      int order = Long.compare(first.getOrDefault(name, 0L), second.getOrDefault(name, 0L));
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }
}
