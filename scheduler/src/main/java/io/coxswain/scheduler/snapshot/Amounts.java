package io.coxswain.scheduler.snapshot;

import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;

/// How much of each resource.
///
/// @param milliCpu thousandths of a cpu
/// @param memory bytes
/// @param storage bytes of the node's own disk (`ephemeral-storage`)
/// @param extended any other resource by name, in whole units, as `example.com/gpu` or
///   `hugepages-2Mi`
public record Amounts(long milliCpu, long memory, long storage, Map<String, Long> extended) {

  public static final Amounts NONE = new Amounts(0, 0, 0, Map.of());

  public Amounts {
    extended = Map.copyOf(extended);
  }

  /// Reads quantities; `pods` is no amount a pod can ask for and is left out. Rounded up.
  public static Amounts of(Map<String, Quantity> quantities) {
    long milliCpu = 0;
    long memory = 0;
    long storage = 0;
    Map<String, Long> extended = null;
    for (Map.Entry<String, Quantity> entry : quantities.entrySet()) {
      switch (entry.getKey()) {
        case "cpu" -> milliCpu = Quantities.milli(entry.getValue());
        case "memory" -> memory = Quantities.whole(entry.getValue());
        case "ephemeral-storage" -> storage = Quantities.whole(entry.getValue());
        case "pods" -> {}
        default -> {
          if (extended == null) {
            extended = new HashMap<>();
          }
          extended.put(entry.getKey(), Quantities.whole(entry.getValue()));
        }
      }
    }
    return new Amounts(milliCpu, memory, storage, extended == null ? Map.of() : extended);
  }

  public Amounts plus(Amounts other) {
    return combine(other, Amounts::addCapped);
  }

  public Amounts minus(Amounts other) {
    return combine(other, Math::subtractExact);
  }

  /// The larger of each.
  public Amounts max(Amounts other) {
    return combine(other, Math::max);
  }

  public long extended(String resource) {
    return extended.getOrDefault(resource, 0L);
  }

  // Quantities are capped at what a long holds: a sum of them must not turn negative.
  private static long addCapped(long a, long b) {
    long sum = a + b;
    return ((a ^ sum) & (b ^ sum)) < 0 ? Long.MAX_VALUE : sum;
  }

  private Amounts combine(Amounts other, LongBinaryOperator operator) {
    Map<String, Long> both = extended;
    if (!other.extended.isEmpty()) {
      Map<String, Long> merged = new HashMap<>(extended);
      other.extended.forEach((name, amount) ->
          merged.put(name, operator.applyAsLong(extended.getOrDefault(name, 0L), amount)));
      both = merged;
    }
    return new Amounts(
        operator.applyAsLong(milliCpu, other.milliCpu),
        operator.applyAsLong(memory, other.memory),
        operator.applyAsLong(storage, other.storage),
        both);
  }
}
