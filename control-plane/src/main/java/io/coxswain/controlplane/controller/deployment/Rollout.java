package io.coxswain.controlplane.controller.deployment;

import static java.util.Comparator.comparing;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.client.codec.Times;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A Deployment's sets while a plan is made: each step changes them in memory, and what differs in
/// the end is written. Belongs to one thread.
final class Rollout {

  static final Comparator<ReplicaSet> OLDEST_FIRST =
      comparing((ReplicaSet set) -> Times.instant(set.getMetadata().getCreationTimestamp()))
          .thenComparing(set -> set.getMetadata().getName());

  private final Deployment deployment;
  private final Bounds bounds;
  private final Map<String, ReplicaSet> before = new LinkedHashMap<>();
  private final Map<String, ReplicaSet> now = new LinkedHashMap<>();
  private final Optional<String> currentUid;
  private Optional<ReplicaSet> created = Optional.empty();

  Rollout(Deployment deployment, List<ReplicaSet> owned) {
    this.deployment = deployment;
    this.bounds = Bounds.of(deployment);
    List<ReplicaSet> sorted = owned.stream().sorted(OLDEST_FIRST).toList();
    for (ReplicaSet set : sorted) {
      before.put(uid(set), set);
      now.put(uid(set), set);
    }
    // Should two have the template (one was adopted), the older counts, whoever looks.
    this.currentUid =
        sorted.stream()
            .filter(set ->
                TemplateHash.sameTemplate(
                    set.getSpec().getTemplate(), deployment.getSpec().getTemplate()))
            .map(Rollout::uid)
            .findFirst();
  }

  Deployment deployment() {
    return deployment;
  }

  Bounds bounds() {
    return bounds;
  }

  /// The set of the Deployment's template, if there is one already.
  Optional<ReplicaSet> current() {
    return created.or(() -> currentUid.map(now::get));
  }

  /// The sets of other templates, oldest first.
  List<ReplicaSet> old() {
    return now.values().stream().filter(set -> !isCurrent(set)).toList();
  }

  /// All sets as they are planned to be.
  List<ReplicaSet> all() {
    List<ReplicaSet> all = new ArrayList<>(now.values());
    created.ifPresent(all::add);
    return all;
  }

  /// All sets as they were read.
  List<ReplicaSet> observed() {
    return List.copyOf(before.values());
  }

  boolean isCurrent(ReplicaSet set) {
    return currentUid.filter(uid(set)::equals).isPresent();
  }

  Optional<ReplicaSet> created() {
    return created;
  }

  void create(ReplicaSet set) {
    created = Optional.of(set);
  }

  void replace(ReplicaSet set) {
    now.put(uid(set), set);
  }

  /// Plans another size, and notes on the set for which size of the whole that was.
  void scale(ReplicaSet set, int size) {
    ReplicaSet.Builder scaled = set.toBuilder();
    scaled.getSpecBuilder().setReplicas(size);
    Map<String, String> annotations =
        Annotations.withSizes(
            set.getMetadata().getAnnotationsMap(), bounds.replicas(), bounds.most());
    scaled.getMetadataBuilder().clearAnnotations().putAllAnnotations(annotations);
    replace(scaled.build());
  }

  /// Pods asked for by all sets together.
  int planned() {
    return sum(all());
  }

  static int sum(List<ReplicaSet> sets) {
    return sets.stream().mapToInt(Rollout::size).sum();
  }

  static int size(ReplicaSet set) {
    return set.getSpec().getReplicas();
  }

  /// Available pods that stay available: what a set is yet to delete no longer counts, also when
  /// this plan lets it grow again. Of a set that has not said what it has since its size changed
  /// nothing counts: it may have shrunk and grown, and the pods it reports may be ending.
  int available(ReplicaSet set) {
    ReplicaSet read = before.getOrDefault(uid(set), set);
    return isSettled(read)
        ? Math.min(Math.min(size(set), size(read)), set.getStatus().getAvailableReplicas())
        : 0;
  }

  /// Pods that are known to serve nobody; of a set that has not said what it has, none are.
  int unavailable(ReplicaSet set) {
    return isSettled(before.getOrDefault(uid(set), set)) ? size(set) - available(set) : 0;
  }

  /// Pods that are there or may come: a set that shrank keeps its place until its pods are asked to
  /// end.
  int occupied() {
    return all().stream().mapToInt(set -> Math.max(size(set), set.getStatus().getReplicas())).sum();
  }

  /// Whether every old set has said what it has since its size last changed. Before that it may
  /// have more pods than it asks for or reports.
  boolean oldSettled() {
    return old().stream().allMatch(Rollout::isSettled);
  }

  private static boolean isSettled(ReplicaSet set) {
    return set.getStatus().getObservedGeneration() >= set.getMetadata().getGeneration();
  }

  /// The writes that lead from what was read to what is planned: room is made before it is filled.
  List<Action> actions() {
    List<Action> shrink = new ArrayList<>();
    List<Action> grow = new ArrayList<>();
    before.forEach((uid, set) -> {
      ReplicaSet after = now.getOrDefault(uid, set);
      if (!after.equals(set)) {
        (size(after) < size(set) ? shrink : grow).add(new Action.Update(set, after));
      }
    });
    created.ifPresent(set -> grow.add(new Action.Create(set)));
    shrink.addAll(grow);
    return shrink;
  }

  private static String uid(ReplicaSet set) {
    return set.getMetadata().getUid();
  }
}
