package io.coxswain.controlplane.controller.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// When each node was last heard, by the control plane's own clock: nodes' clocks are not compared.
/// Safe for use by many threads.
final class Heartbeats {

  private record Heard(String sign, Instant at) {}

  private final Map<String, Heard> nodes = new ConcurrentHashMap<>();

  /// @param sign differs from one sign of life to the next
  void heard(String node, String sign, Instant now) {
    nodes.compute(
        node,
        (name, before) ->
            before != null && before.sign().equals(sign) ? before : new Heard(sign, now));
  }

  /// A node never heard of counts as heard now: it has its grace.
  Instant at(String node, Instant now) {
    return nodes.computeIfAbsent(node, name -> new Heard("", now)).at();
  }

  void forget(String node) {
    nodes.remove(node);
  }

  /// Everybody has the whole grace again: after a start, or a time in which nobody could be heard.
  void forgive(Instant now) {
    nodes.replaceAll((node, before) -> new Heard(before.sign(), now));
  }

  /// Whether another node was heard clearly later than this one: only then is it this node that is
  /// silent, and not the control plane that hears nobody.
  boolean othersHeardSince(String node, Duration clearly, Instant now) {
    Instant last = at(node, now);
    return nodes.values().stream().anyMatch(heard -> heard.at().isAfter(last.plus(clearly)));
  }

  boolean allSilent(Duration grace, Instant now) {
    return !nodes.isEmpty()
        && nodes.values().stream().noneMatch(heard -> heard.at().plus(grace).isAfter(now));
  }
}
