package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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
    return of(granted.applied(ResourceRequirements.getDefaultInstance()));
  }

  /// Of the pod as a whole: all containers at once or the greediest init container, whichever is
  /// more. A limit holds for the pod only if each container has one.
  public static PodResources of(PodSpec spec) {
    long request = 0;
    long quota = 0;
    long memory = 0;
    boolean cpuLimited = true;
    boolean memoryLimited = true;
    for (Container container : spec.getContainersList()) {
      PodResources one = of(container.getResources());
      request += one.cpuShares();
      cpuLimited &= one.cpuQuotaMicros() >= 0;
      memoryLimited &= one.memoryBytes() >= 0;
      quota += one.cpuQuotaMicros();
      memory += one.memoryBytes();
    }
    for (Container container : spec.getInitContainersList()) {
      PodResources one = of(container.getResources());
      boolean sidecar = container.getRestartPolicy().equals("Always");
      cpuLimited &= one.cpuQuotaMicros() >= 0;
      memoryLimited &= one.memoryBytes() >= 0;
      request = sidecar ? request + one.cpuShares() : Math.max(request, one.cpuShares());
      quota = sidecar ? quota + one.cpuQuotaMicros() : Math.max(quota, one.cpuQuotaMicros());
      memory = sidecar ? memory + one.memoryBytes() : Math.max(memory, one.memoryBytes());
    }
    return new PodResources(
        Math.clamp(request, LEAST_SHARES, MOST_SHARES),
        cpuLimited ? quota : -1,
        memoryLimited ? memory : -1);
  }

  /// Guaranteed: every container's requests are its limits, for cpu and memory. Best effort: nobody
  /// asks for anything.
  public static Qos qos(Pod pod) {
    boolean any = false;
    boolean guaranteed = true;
    for (Container container :
        java.util.stream.Stream.concat(
                pod.getSpec().getContainersList().stream(),
                pod.getSpec().getInitContainersList().stream())
            .toList()) {
      ResourceRequirements resources = container.getResources();
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

  private static long shares(long milli) {
    return Math.clamp(milli * 1024 / 1000, LEAST_SHARES, MOST_SHARES);
  }

  private static long quota(long milli) {
    return milli <= 0 ? -1 : Math.max(LEAST_QUOTA_MICROS, milli * PERIOD_MICROS / 1000);
  }
}
