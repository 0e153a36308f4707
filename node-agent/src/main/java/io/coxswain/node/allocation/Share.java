package io.coxswain.node.allocation;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.runtime.Granted;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A part of a node.
///
/// @param milliCpus thousandths of a cpu
public record Share(long milliCpus, long memoryBytes) {

  public static final Share NONE = new Share(0, 0);

  /// What a pod asks for (KEP-753): all that runs at once in its life, or the highest point while
  /// it starts, where each init container runs beside the sidecars before it; the runtime's own on
  /// top.
  static Share of(PodSpec spec) {
    return of(spec, container -> container);
  }

  /// As the spec wants, and no less than what containers have now.
  ///
  /// @param actual by container; of those that do not run, nothing
  static Share held(PodSpec spec, Map<String, Granted> actual) {
    return of(
        spec,
        container -> {
          Granted has = actual.get(container.getName());
          return has == null ? container : most(container, has);
        });
  }

  private static Container most(Container container, Granted has) {
    ResourceRequirements.Builder most = container.getResources().toBuilder();
    has.requests()
        .forEach((name, text) -> {
          Quantity amount = Quantity.newBuilder().setString(text).build();
          Quantity own = most.getRequestsMap().getOrDefault(name, Quantities.ZERO);
          if (Quantities.compare(own, amount) < 0) {
            most.putRequests(name, amount);
          }
        });
    return container.toBuilder().setResources(most).build();
  }

  private static Share of(PodSpec spec, UnaryOperator<Container> seen) {
    Share running = NONE;
    for (Container container : spec.getContainersList()) {
      running = running.plus(of(seen.apply(container).getResources().getRequestsMap()));
    }
    Share sidecars = NONE;
    Share starting = NONE;
    for (Container container : spec.getInitContainersList()) {
      Share own = of(seen.apply(container).getResources().getRequestsMap());
      if (container.getRestartPolicy().equals("Always")) {
        sidecars = sidecars.plus(own);
        starting = starting.most(sidecars);
      } else {
        starting = starting.most(sidecars.plus(own));
      }
    }
    return running.plus(sidecars).most(starting).plus(of(spec.getOverheadMap()));
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
