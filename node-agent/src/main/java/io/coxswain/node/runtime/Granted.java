package io.coxswain.node.runtime;

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

  /// What a container has of which `resources` is wanted: this of cpu and memory, and all else as
  /// wanted.
  public ResourceRequirements applied(ResourceRequirements resources) {
    ResourceRequirements.Builder applied = resources.toBuilder();
    for (String name : RESOURCES) {
      applied.removeRequests(name);
      applied.removeLimits(name);
    }
    requests.forEach((name, text) -> applied.putRequests(name, quantity(text)));
    limits.forEach((name, text) -> applied.putLimits(name, quantity(text)));
    return applied.build();
  }
}
