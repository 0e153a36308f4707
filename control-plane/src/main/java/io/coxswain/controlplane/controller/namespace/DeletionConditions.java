package io.coxswain.controlplane.controller.namespace;

import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.NamespaceCondition;
import io.coxswain.api.core.v1.NamespaceStatus;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What still keeps a namespace from going, as conditions that people read.
final class DeletionConditions {

  /// What a pass over the namespace left.
  ///
  /// @param remaining how many objects, by the kind's plural
  /// @param finalizers how many objects wait for each finalizer
  /// @param failures why kinds could not be emptied
  /// @param silent versions of groups whose servers do not say what they hold
  record Remains(
      Map<String, Integer> remaining,
      Map<String, Integer> finalizers,
      List<String> failures,
      List<String> silent) {

    Remains {
      remaining = Map.copyOf(remaining);
      finalizers = Map.copyOf(finalizers);
      failures = List.copyOf(failures);
      silent = List.copyOf(silent);
    }

    boolean isEmpty() {
      return remaining.isEmpty() && failures.isEmpty() && silent.isEmpty();
    }
  }

  private DeletionConditions() {}

  static NamespaceStatus status(Namespace namespace, Remains remains, Instant now) {
    List<NamespaceCondition> before = namespace.getStatus().getConditionsList();
    List<NamespaceCondition> after = new ArrayList<>();
    boolean allAnswer = remains.silent().isEmpty();
    after.add(
        condition(
            before,
            "NamespaceDeletionDiscoveryFailure",
            allAnswer ? "False" : "True",
            allAnswer ? "ResourcesDiscovered" : "DiscoveryFailed",
            allAnswer
                ? "all kinds are known"
                : "nobody knows what is left of %s: the servers of these APIServices do not answer"
                    .formatted(String.join(", ", remains.silent())),
            now));
    after.add(
        condition(
            before,
            "NamespaceDeletionContentFailure",
            remains.failures().isEmpty() ? "False" : "True",
            remains.failures().isEmpty() ? "ContentDeleted" : "ContentDeletionFailed",
            remains.failures().isEmpty()
                ? remains.remaining().containsKey("pods")
                    ? "pods were asked to go, and all else follows when none is left"
                    : "everything was asked to go"
                : String.join("; ", remains.failures()),
            now));
    after.add(
        condition(
            before,
            "NamespaceContentRemaining",
            remains.remaining().isEmpty() ? "False" : "True",
            remains.remaining().isEmpty() ? "ContentRemoved" : "SomeResourcesRemain",
            remains.remaining().isEmpty()
                ? "nothing is left"
                : "left: " + counts(remains.remaining()),
            now));
    after.add(
        condition(
            before,
            "NamespaceFinalizersRemaining",
            remains.finalizers().isEmpty() ? "False" : "True",
            remains.finalizers().isEmpty() ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
            remains.finalizers().isEmpty()
                ? "nothing waits for a finalizer"
                : "waiting for: " + counts(remains.finalizers()),
            now));
    return namespace.getStatus().toBuilder()
        .setPhase("Terminating")
        .clearConditions()
        .addAllConditions(after)
        .build();
  }

  private static String counts(Map<String, Integer> counts) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(counts)
        .forEach((name, count) ->
            text.append(text.isEmpty() ? "" : ", ").append(count).append(' ').append(name));
    return text.toString();
  }

  private static NamespaceCondition condition(
      List<NamespaceCondition> all,
      String type,
      String status,
      String reason,
      String message,
      Instant now) {
    Optional<NamespaceCondition> before =
        all.stream()
            .filter(c -> c.getType().equals(type) && c.getStatus().equals(status))
            .findFirst();
    return NamespaceCondition.newBuilder()
        .setType(type)
        .setStatus(status)
        .setReason(reason)
        .setMessage(message)
        .setLastTransitionTime(
            before.map(NamespaceCondition::getLastTransitionTime).orElseGet(() -> Times.time(now)))
        .build();
  }
}
