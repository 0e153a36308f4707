package io.coxswain.controlplane.controller.node;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.client.codec.Times;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// Since when nodes have their NoExecute taints. Those that people add say nothing of it (`kubectl
/// taint`): they count from when they were noticed. Safe for use by many threads.
final class TaintTimes {

  private record Mark(String key, String value) {
    static Mark of(Taint taint) {
      return new Mark(taint.getKey(), taint.getValue());
    }
  }

  private final Clock clock;
  private final Map<String, Map<Mark, Instant>> noticed = new HashMap<>();

  TaintTimes(Clock clock) {
    this.clock = clock;
  }

  /// Remembers the taints that the node has got, and forgets those that it has no more.
  synchronized void notice(Node node) {
    String name = node.getMetadata().getName();
    Map<Mark, Instant> before = noticed.getOrDefault(name, Map.of());
    Map<Mark, Instant> now = new HashMap<>();
    for (Taint taint : node.getSpec().getTaintsList()) {
      if (taint.getEffect().equals(NodeTaints.NO_EXECUTE) && !taint.hasTimeAdded()) {
        Mark mark = Mark.of(taint);
        now.put(mark, before.getOrDefault(mark, clock.instant()));
      }
    }
    if (now.isEmpty()) {
      noticed.remove(name);
    } else {
      noticed.put(name, now);
    }
  }

  synchronized void forget(String node) {
    noticed.remove(node);
  }

  /// @return now for a taint that was not noticed yet
  synchronized Instant added(String node, Taint taint) {
    return taint.hasTimeAdded()
        ? Times.instant(taint.getTimeAdded())
        : noticed.getOrDefault(node, Map.of()).getOrDefault(Mark.of(taint), clock.instant());
  }
}
