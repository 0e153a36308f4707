package io.coxswain.node.allocation;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.runtime.PodTotals;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Whether a pod that comes fits beside those that are here. Pure. What the node does not count, as
/// devices, others look after; huge pages of a size that it does not have, it has none of.
public final class Room {

  private Room() {}

  /// What a pod holds or asks for, in the node's units; each is one of the `pods`, too.
  public static Map<String, Long> asked(PodSpec spec) {
    Map<String, Long> asked = new LinkedHashMap<>();
    asked.put("pods", 1L);
    PodTotals.requests(spec).forEach((name, amount) -> asked.put(name, number(name, amount)));
    return asked;
  }

  private static long number(String name, Quantity amount) {
    return name.equals("cpu") ? Quantities.milli(amount) : Quantities.whole(amount);
  }

  /// @param node what pods may have, in the order in which it is told
  /// @param others what each of the others holds
  static List<Lack> lacks(
      Map<String, Long> node, Collection<Map<String, Long>> others, Map<String, Long> wanted) {
    Map<String, Long> counted = new LinkedHashMap<>(node);
    wanted.keySet().stream()
        .filter(name -> name.startsWith("hugepages-"))
        .forEach(name -> counted.putIfAbsent(name, 0L));
    Map<String, Long> used = new HashMap<>();
    others.forEach(one -> one.forEach((name, amount) -> used.merge(name, amount, Room::capped)));
    List<Lack> lacks = new ArrayList<>();
    counted.forEach((name, capacity) -> {
      long asked = wanted.getOrDefault(name, 0L);
      long taken = used.getOrDefault(name, 0L);
      if (asked > 0 && asked > capacity - taken) {
        lacks.add(new Lack(name, asked, taken, capacity));
      }
    });
    return lacks;
  }

  // quantities are capped at what a long holds: a sum of them must not turn negative
  private static long capped(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
