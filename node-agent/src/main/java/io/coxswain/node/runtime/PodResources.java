package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// What a pod asks of cpu and memory and may use, as the kernel counts.
///
/// @param cpuShares weight as cgroup v1 counts, 1024 for one cpu
/// @param cpuQuotaMicros cpu time in each 100 ms; -1 for no limit
/// @param memoryBytes limit; -1 for none
public record PodResources(long cpuShares, long cpuQuotaMicros, long memoryBytes) {

  /// The length of the cpu controller's period.
  public static final long PERIOD_MICROS = 100_000;

  private static final long LEAST_SHARES = 2;
  private static final long MOST_SHARES = 262_144;
  private static final long LEAST_QUOTA_MICROS = 1000;

  /// How a pod is treated when the node runs short; by it pods share cgroups.
  public enum Qos {
    GUARANTEED,
    BURSTABLE,
    BEST_EFFORT;

    /// As `status.qosClass`.
    public String text() {
      return switch (this) {
        case GUARANTEED -> "Guaranteed";
        case BURSTABLE -> "Burstable";
        case BEST_EFFORT -> "BestEffort";
      };
    }

    public String folder() {
      return text().toLowerCase(Locale.ROOT);
    }
  }

  /// Of one container. Without a request the limit counts as one.
  public static PodResources of(ResourceRequirements resources) {
    Map<String, Quantity> limits = resources.getLimitsMap();
    Quantity cpu = resources.getRequestsMap().getOrDefault("cpu", limits.get("cpu"));
    long request = cpu == null ? 0 : Quantities.milli(cpu);
    long limit = limits.containsKey("cpu") ? Quantities.milli(limits.get("cpu")) : -1;
    long memory = limits.containsKey("memory") ? Quantities.whole(limits.get("memory")) : -1;
    return new PodResources(shares(request), quota(limit), memory > 0 ? memory : -1);
  }

  /// Of what a container was given.
  static PodResources of(Granted granted) {
    return of(granted.resources());
  }

  /// Of the pod as a whole. A limit of containers holds for it only if each of them has one; one of
  /// its own holds in any case.
  public static PodResources of(PodSpec spec) {
    Map<String, Quantity> limits = PodTotals.limits(spec);
    Quantity asked =
        PodTotals.requests(spec, PodResources::requested).getOrDefault("cpu", Quantities.ZERO);
    boolean cpu = isLimited(spec, "cpu");
    boolean memory = isLimited(spec, "memory");
    long bytes = Quantities.whole(limits.getOrDefault("memory", Quantities.ZERO));
    return new PodResources(
        shares(Quantities.milli(asked)),
        cpu ? quota(Quantities.milli(limits.getOrDefault("cpu", Quantities.ZERO))) : -1,
        memory && bytes > 0 ? bytes : -1);
  }

  /// Without a request the limit counts as one.
  private static Map<String, Quantity> requested(Container container) {
    ResourceRequirements resources = container.getResources();
    if (resources.containsRequests("cpu") || !resources.containsLimits("cpu")) {
      return resources.getRequestsMap();
    }
    return Map.of("cpu", resources.getLimitsOrThrow("cpu"));
  }

  private static boolean isLimited(PodSpec spec, String name) {
    return isLimited(spec.getResources(), name)
        || all(spec).allMatch(container -> isLimited(container.getResources(), name));
  }

  private static boolean isLimited(ResourceRequirements resources, String name) {
    Quantity limit = resources.getLimitsMap().getOrDefault(name, Quantities.ZERO);
    return Quantities.value(limit).signum() > 0;
  }

  private static Stream<Container> all(PodSpec spec) {
    return Stream.concat(spec.getContainersList().stream(), spec.getInitContainersList().stream());
  }

  /// Guaranteed: every container's requests are its limits, for cpu and memory. Best effort: nobody
  /// asks for anything. Where the pod itself says what it asks for, its containers do not count.
  public static Qos qos(Pod pod) {
    PodSpec spec = pod.getSpec();
    List<ResourceRequirements> stated =
        spec.getResources().getRequestsCount() + spec.getResources().getLimitsCount() > 0
            ? List.of(spec.getResources())
            : all(spec).map(Container::getResources).toList();
    boolean any = false;
    boolean guaranteed = true;
    for (ResourceRequirements resources : stated) {
      for (String name : Set.of("cpu", "memory")) {
        Quantity limit = resources.getLimitsMap().getOrDefault(name, Quantities.ZERO);
        Quantity request = resources.getRequestsMap().getOrDefault(name, limit);
        boolean limited = Quantities.value(limit).signum() > 0;
        any |= limited || Quantities.value(request).signum() > 0;
        guaranteed &= limited && Quantities.compare(request, limit) == 0;
      }
    }
    return !any ? Qos.BEST_EFFORT : guaranteed ? Qos.GUARANTEED : Qos.BURSTABLE;
  }

  /// Weight of so many thousandths of a cpu.
  public static long shares(long milli) {
    return Math.clamp(milli * 1024 / 1000, LEAST_SHARES, MOST_SHARES);
  }

  private static long quota(long milli) {
    return milli <= 0 ? -1 : Math.max(LEAST_QUOTA_MICROS, milli * PERIOD_MICROS / 1000);
  }
}
