package io.coxswain.node.runtime;

import io.coxswain.node.host.ControlGroups.Limit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/// In which order a pod's control groups get other limits: memory, then cpu; the pod's own first
/// where it gets more and last where it gets less, since no container may have more than its pod;
/// containers that get less before those that get more. Pure.
final class ResizeSteps {

  /// One container that runs.
  ///
  /// @param id of the container
  record Change(String id, Granted now, Granted wanted) {}

  sealed interface Step {

    /// A limit is written.
    ///
    /// @param container empty for the pod's own group
    record Write(Optional<String> container, Limit what, long value) implements Step {}

    /// The container now has what was wanted of the resource.
    record Done(String container, String resource) implements Step {}
  }

  private ResizeSteps() {}

  /// @param now what the pod's group may use
  /// @param wanted what it is to use
  static List<Step> of(PodResources now, PodResources wanted, List<Change> changes) {
    List<Step> steps = new ArrayList<>();
    pod(steps, Limit.MEMORY, bounded(now.memoryBytes()), bounded(wanted.memoryBytes()), true);
    containers(
        steps, changes, "memory", List.of(new Part(Limit.MEMORY, PodResources::memoryBytes)));
    pod(steps, Limit.MEMORY, bounded(now.memoryBytes()), bounded(wanted.memoryBytes()), false);
    pod(
        steps,
        Limit.CPU_QUOTA,
        bounded(now.cpuQuotaMicros()),
        bounded(wanted.cpuQuotaMicros()),
        true);
    pod(steps, Limit.CPU_SHARES, now.cpuShares(), wanted.cpuShares(), true);
    containers(
        steps,
        changes,
        "cpu",
        List.of(
            new Part(Limit.CPU_QUOTA, PodResources::cpuQuotaMicros),
            new Part(Limit.CPU_SHARES, PodResources::cpuShares)));
    pod(steps, Limit.CPU_SHARES, now.cpuShares(), wanted.cpuShares(), false);
    pod(
        steps,
        Limit.CPU_QUOTA,
        bounded(now.cpuQuotaMicros()),
        bounded(wanted.cpuQuotaMicros()),
        false);
    return steps;
  }

  private record Part(Limit what, ToLongFunction<PodResources> of) {}

  private static void pod(List<Step> steps, Limit what, long now, long wanted, boolean increases) {
    if (increases ? wanted > now : wanted < now) {
      long value = wanted == Long.MAX_VALUE ? -1 : wanted;
      steps.add(new Step.Write(Optional.empty(), what, value));
    }
  }

  private static void containers(
      List<Step> steps, List<Change> changes, String resource, List<Part> parts) {
    changes.stream()
        .filter(change -> change.now().differences(change.wanted()).contains(resource))
        .sorted(Comparator.comparing(change -> increases(change, parts)))
        .forEach(change -> {
          PodResources wanted = PodResources.of(change.wanted());
          for (Part part : parts) {
            if (part.of().applyAsLong(PodResources.of(change.now()))
                != part.of().applyAsLong(wanted)) {
              steps.add(
                  new Step.Write(
                      Optional.of(change.id()), part.what(), part.of().applyAsLong(wanted)));
            }
          }
          steps.add(new Step.Done(change.id(), resource));
        });
  }

  /// The first part that differs counts.
  private static boolean increases(Change change, List<Part> parts) {
    for (Part part : parts) {
      long now = bounded(part.of().applyAsLong(PodResources.of(change.now())));
      long wanted = bounded(part.of().applyAsLong(PodResources.of(change.wanted())));
      if (now != wanted) {
        return wanted > now;
      }
    }
    return false;
  }

  /// No limit is more than any.
  private static long bounded(long limit) {
    return limit < 0 ? Long.MAX_VALUE : limit;
  }

  /// Memory limits that get lower than what is used already: the kernel would end somebody.
  ///
  /// @param used bytes that a container uses, by its id
  static List<String> tooLow(
      PodResources now,
      PodResources wanted,
      List<Named> changes,
      ToLongFunction<Optional<String>> used) {
    List<String> problems = new ArrayList<>();
    if (wanted.memoryBytes() >= 0 && wanted.memoryBytes() < bounded(now.memoryBytes())) {
      long uses = used.applyAsLong(Optional.empty());
      if (uses >= wanted.memoryBytes()) {
        problems.add(
            "attempting to set pod memory limit (%d) below current usage (%d)"
                .formatted(wanted.memoryBytes(), uses));
      }
    }
    for (Named named : changes) {
      long limit = PodResources.of(named.change().wanted()).memoryBytes();
      if (limit < 0 || limit >= bounded(PodResources.of(named.change().now()).memoryBytes())) {
        continue;
      }
      long uses = used.applyAsLong(Optional.of(named.change().id()));
      if (uses >= limit) {
        problems.add(
            "attempting to set container \"%s\" memory limit (%d) below current usage (%d)"
                .formatted(named.name(), limit, uses));
      }
    }
    return problems;
  }

  /// @param name of the container, for people
  record Named(String name, Change change) {}
}
