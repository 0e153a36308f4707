package io.coxswain.controlplane.controller.node;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The taints that a node's state asks for. Taints of other keys are other people's and stay.
final class NodeTaints {

  static final String UNREACHABLE = "node.kubernetes.io/unreachable";
  static final String NOT_READY = "node.kubernetes.io/not-ready";
  static final String NO_SCHEDULE = "NoSchedule";
  static final String NO_EXECUTE = "NoExecute";

  private static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
  private static final Map<String, String> BY_CONDITION =
      Map.of(
          "MemoryPressure", "node.kubernetes.io/memory-pressure",
          "DiskPressure", "node.kubernetes.io/disk-pressure",
          "PIDPressure", "node.kubernetes.io/pid-pressure",
          "NetworkUnavailable", "node.kubernetes.io/network-unavailable");

  private record Mark(String key, String effect) {}

  private NodeTaints() {}

  /// @param evict whether pods are to leave a node that is not ready
  static List<Taint> of(Node node, boolean evict, Instant now) {
    Set<Mark> wanted = wanted(node, evict);
    List<Taint> taints = new ArrayList<>();
    for (Taint taint : node.getSpec().getTaintsList()) {
      Mark mark = new Mark(taint.getKey(), taint.getEffect());
      // One that stays keeps its time: evictions are counted from it.
      if (!isOurs(mark) || wanted.remove(mark)) {
        taints.add(taint);
      }
    }
    for (Mark mark : wanted) {
      taints.add(
          Taint.newBuilder()
              .setKey(mark.key())
              .setEffect(mark.effect())
              .setTimeAdded(Times.time(now))
              .build());
    }
    return taints;
  }

  private static Set<Mark> wanted(Node node, boolean evict) {
    Set<Mark> wanted = new LinkedHashSet<>();
    String ready = condition(node, "Ready").map(NodeCondition::getStatus).orElse("False");
    if (!ready.equals("True")) {
      String key = ready.equals("Unknown") ? UNREACHABLE : NOT_READY;
      wanted.add(new Mark(key, NO_SCHEDULE));
      if (evict) {
        wanted.add(new Mark(key, NO_EXECUTE));
      }
    }
    BY_CONDITION.forEach((type, key) -> {
      if (condition(node, type).filter(c -> c.getStatus().equals("True")).isPresent()) {
        wanted.add(new Mark(key, NO_SCHEDULE));
      }
    });
    if (node.getSpec().getUnschedulable()) {
      wanted.add(new Mark(UNSCHEDULABLE, NO_SCHEDULE));
    }
    return wanted;
  }

  static Optional<NodeCondition> condition(Node node, String type) {
    return node.getStatus().getConditionsList().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst();
  }

  private static boolean isOurs(Mark mark) {
    if (mark.key().equals(UNREACHABLE) || mark.key().equals(NOT_READY)) {
      return true;
    }
    return mark.effect().equals(NO_SCHEDULE)
        && (mark.key().equals(UNSCHEDULABLE) || BY_CONDITION.containsValue(mark.key()));
  }
}
