package io.coxswain.node.allocation;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.runtime.Granted;
import io.coxswain.node.runtime.PodTotals;
import java.util.HashMap;
import java.util.Map;

/// A part of a node.
///
/// @param milliCpus thousandths of a cpu
public record Share(long milliCpus, long memoryBytes) {

  public static final Share NONE = new Share(0, 0);

  /// What a pod asks for.
  static Share of(PodSpec spec) {
    return of(PodTotals.requests(spec));
  }

  /// As the spec wants, and no less than what containers have now.
  ///
  /// @param actual by container; of those that do not run, nothing
  static Share held(PodSpec spec, Map<String, Granted> actual) {
    return of(
        PodTotals.requests(
            spec,
            container -> {
              Granted has = actual.get(container.getName());
              Map<String, Quantity> wants = container.getResources().getRequestsMap();
              return has == null ? wants : most(wants, has);
            }));
  }

  private static Map<String, Quantity> most(Map<String, Quantity> wants, Granted has) {
    Map<String, Quantity> most = new HashMap<>(wants);
    has.requests()
        .forEach((name, text) ->
            most.merge(
                name,
                Quantity.newBuilder().setString(text).build(),
                (a, b) -> Quantities.compare(a, b) < 0 ? b : a));
    return most;
  }

  private static Share of(Map<String, Quantity> amounts) {
    return new Share(
        Quantities.milli(amounts.getOrDefault("cpu", Quantities.ZERO)),
        Quantities.whole(amounts.getOrDefault("memory", Quantities.ZERO)));
  }

  Share plus(Share other) {
    return new Share(capped(milliCpus, other.milliCpus), capped(memoryBytes, other.memoryBytes));
  }

  // Quantities are capped at what a long holds: a sum of them must not turn negative.
  private static long capped(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /// The larger of each.
  Share most(Share other) {
    return new Share(
        Math.max(milliCpus, other.milliCpus), Math.max(memoryBytes, other.memoryBytes));
  }
}
