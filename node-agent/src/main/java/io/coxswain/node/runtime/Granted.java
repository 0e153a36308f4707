package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What of cpu and memory a container was given, in the words of its spec; other resources do not
/// change while it runs.
///
/// @param requests by resource, as `100m`
/// @param limits by resource
public record Granted(Map<String, String> requests, Map<String, String> limits) {

  public static final Granted NOTHING = new Granted(Map.of(), Map.of());

  private static final List<String> RESOURCES = List.of("cpu", "memory");

  public Granted {
    requests = Map.copyOf(requests);
    limits = Map.copyOf(limits);
  }

  /// What is wanted for a container of a pod: where it has no limit of its own, the pod's is its
  /// limit, too (KEP-2837). That it asks for nothing is said then, for else it would seem to ask
  /// for the pod's limit.
  public static Granted of(PodSpec pod, Container container) {
    Granted own = of(container.getResources());
    if (!pod.hasResources()) {
      return own;
    }
    Map<String, String> requests = new LinkedHashMap<>(own.requests());
    Map<String, String> limits = new LinkedHashMap<>(own.limits());
    of(pod.getResources())
        .limits()
        .forEach((name, limit) -> {
          if (limits.putIfAbsent(name, limit) == null) {
            requests.putIfAbsent(name, "0");
          }
        });
    return new Granted(requests, limits);
  }

  public static Granted of(ResourceRequirements resources) {
    return new Granted(
        texts(resources.getRequestsMap(), RESOURCES), texts(resources.getLimitsMap(), RESOURCES));
  }

  private static Map<String, String> texts(Map<String, Quantity> amounts, List<String> names) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : names) {
      if (amounts.containsKey(name)) {
        texts.put(name, amounts.getOrDefault(name, Quantities.ZERO).getString());
      }
    }
    return texts;
  }

  /// Those of cpu and memory of which another amount is said here than there.
  public Set<String> differences(Granted other) {
    Set<String> different = new LinkedHashSet<>();
    for (String name : RESOURCES) {
      if (differ(requests.get(name), other.requests.get(name))
          || differ(limits.get(name), other.limits.get(name))) {
        different.add(name);
      }
    }
    return different;
  }

  private static boolean differ(@Nullable String a, @Nullable String b) {
    return !Objects.equals(a, b) && Quantities.compare(quantity(a), quantity(b)) != 0;
  }

  private static Quantity quantity(@Nullable String text) {
    return text == null ? Quantities.ZERO : Quantity.newBuilder().setString(text).build();
  }

  /// This with one resource as it is there.
  Granted with(String resource, Granted other) {
    return new Granted(
        replaced(requests, resource, other.requests), replaced(limits, resource, other.limits));
  }

  private static Map<String, String> replaced(
      Map<String, String> own, String name, Map<String, String> other) {
    Map<String, String> replaced = new LinkedHashMap<>(own);
    replaced.remove(name);
    if (other.containsKey(name)) {
      replaced.put(name, other.getOrDefault(name, ""));
    }
    return replaced;
  }

  /// What a container has of which `resources` is wanted: of cpu and memory what is said here, as
  /// far as anything is wanted, and all else as wanted.
  public ResourceRequirements applied(ResourceRequirements resources) {
    ResourceRequirements.Builder applied = resources.toBuilder();
    for (String name : RESOURCES) {
      if (applied.containsRequests(name)) {
        applied.removeRequests(name);
        if (requests.containsKey(name)) {
          applied.putRequests(name, quantity(requests.get(name)));
        }
      }
      if (applied.containsLimits(name)) {
        applied.removeLimits(name);
        if (limits.containsKey(name)) {
          applied.putLimits(name, quantity(limits.get(name)));
        }
      }
    }
    return applied.build();
  }

  ResourceRequirements resources() {
    ResourceRequirements.Builder resources = ResourceRequirements.newBuilder();
    requests.forEach((name, text) -> resources.putRequests(name, quantity(text)));
    limits.forEach((name, text) -> resources.putLimits(name, quantity(text)));
    return resources.build();
  }
}
