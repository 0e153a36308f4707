package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Times;
import io.coxswain.node.allocation.Allocation;
import io.coxswain.node.allocation.Standing;
import io.coxswain.node.allocation.Standing.Pending;
import io.coxswain.node.podworker.ResizeView.Progress;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Granted;
import io.coxswain.node.runtime.PodResources;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.node.runtime.PodTotals;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A pod's way from the resources that it has to those that are set aside for it (KEP-1287). What
/// is set aside is written down before anything is done about it. Only the pod's worker touches it.
final class PodResize {

  private static final Logger log = LoggerFactory.getLogger(PodResize.class);

  private final PodParts parts;
  private final Map<String, ContainerSlot> slots;
  private final ResizeEvents events;
  private final Delays tries = Delays.ofResizes();
  private Allocation allocation;
  private PodResources wanted;
  private ResourceRequirements total;
  private ResourceRequirements has;
  private Optional<PodResources> granted = Optional.empty();
  private Optional<Pending> pending = Optional.empty();
  private Optional<Progress> progress = Optional.empty();
  private Instant notBefore = Instant.EPOCH;
  private boolean reminded;

  /// @param pod with the resources that are set aside for it
  PodResize(Pod pod, Map<String, ContainerSlot> slots, PodParts parts) {
    this.parts = parts;
    this.slots = slots;
    this.events = new ResizeEvents(parts.events());
    this.allocation = Allocation.of(pod.getSpec());
    this.wanted = PodResources.of(pod.getSpec());
    this.total = PodTotals.of(pod.getSpec());
    this.has = total;
  }

  /// What a former agent told of the pod is gone on with.
  ///
  /// @param pod from the API
  void remember(Pod pod) {
    if (reminded) {
      return;
    }
    reminded = true;
    for (PodCondition one : pod.getStatus().getConditionsList()) {
      Instant since =
          one.hasLastTransitionTime()
              ? Times.instant(one.getLastTransitionTime())
              : parts.clock().instant();
      if (one.getType().equals(ResizeView.PENDING) && pending.isEmpty()) {
        pending =
            Optional.of(
                new Pending(one.getReason(), one.getMessage(), one.getObservedGeneration(), since));
      }
      if (one.getType().equals(ResizeView.IN_PROGRESS) && progress.isEmpty()) {
        progress = Optional.of(new Progress(one.getObservedGeneration(), one.getMessage(), since));
      }
    }
  }

  /// The pod as the node works from it.
  Pod applied(Pod wish) {
    return allocation.applied(wish);
  }

  /// The pod as the node works from it, after what is new in the book was taken over.
  ///
  /// @param wish as the API has it
  Pod adjusted(Pod wish) {
    Optional<Standing> found = parts.allocations().of(wish.getMetadata().getUid());
    if (found.isEmpty()) {
      return allocation.applied(wish);
    }
    Standing standing = found.get();
    if (!standing.allocation().equals(allocation)) {
      takeOver(standing, wish);
    }
    boolean told =
        standing.pending().isEmpty()
            || pending
                .filter(one ->
                    one.reason().equals(standing.pending().get().reason())
                        && one.generation() == standing.pending().get().generation())
                .isPresent();
    if (!told) {
      events.pending(wish, standing.pending().get());
    }
    // Until all pods of the node are known nothing is decided, and what was told still holds.
    boolean undecided =
        standing.pending().isEmpty()
            && !standing.allocation().equals(Allocation.of(wish.getSpec()));
    if (!undecided) {
      pending = standing.pending();
    }
    return allocation.applied(wish);
  }

  private void takeOver(Standing standing, Pod wish) {
    Pod next = standing.allocation().applied(wish);
    try {
      parts.runtime().note(next);
    } catch (IOException e) {
      log.error(
          "other resources of pod {} are not given: they cannot be written down",
          wish.getMetadata().getName(),
          e);
      return;
    }
    allocation = standing.allocation();
    wanted = PodResources.of(next.getSpec());
    total = PodTotals.of(next.getSpec());
    slots.forEach((name, slot) -> {
      ResourceRequirements resources = allocation.containers().get(name);
      if (resources != null) {
        slot.setAside(next.getSpec(), resources);
      }
    });
    tries.reset();
    notBefore = Instant.EPOCH;
    progress = Optional.of(new Progress(standing.generation(), "", parts.clock().instant()));
    events.started(next, standing.generation());
  }

  /// The clock was set.
  void clockSet(UnaryOperator<Instant> moved) {
    notBefore = moved.apply(notBefore);
  }

  /// The pod's group was made with what is set aside.
  void groupMade() {
    granted = Optional.of(wanted);
    has = total;
  }

  /// Nobody knows what limits the group has.
  void groupAdopted() {
    granted = Optional.empty();
  }

  /// Gives what runs what is set aside.
  ///
  /// @return when to look again
  Instant act(Pod pod) {
    List<ContainerRecord> running =
        slots.values().stream()
            .filter(slot -> slot.kind != ContainerView.Kind.EPHEMERAL && slot.view().running())
            .map(slot -> slot.last.orElseThrow())
            .toList();
    PodRuntime.Grant grant = parts.runtime().grant(pod, running);
    for (ContainerRecord record : grant.containers()) {
      ContainerSlot slot = slots.get(record.container());
      if (slot != null) {
        slot.last = Optional.of(record);
      }
    }
    if (grant.failure().isEmpty()) {
      groupMade();
      return Instant.EPOCH;
    }
    String why = grant.failure().get();
    Progress before =
        progress.orElseGet(
            () -> new Progress(pod.getMetadata().getGeneration(), "", parts.clock().instant()));
    if (!before.error().equals(why)) {
      log.info("pod {} is not resized: {}", pod.getMetadata().getName(), why);
      events.failed(pod, before.generation(), why);
    }
    progress = Optional.of(before.failed(why));
    notBefore = parts.clock().instant().plus(tries.next());
    return notBefore;
  }

  /// Looks what is reached. Comes before the status is told.
  void settle(PodSnapshot snapshot) {
    Pod pod = snapshot.pod();
    String uid = pod.getMetadata().getUid();
    boolean over =
        snapshot.finished() && snapshot.containers().stream().noneMatch(ContainerView::running);
    if (over) {
      progress = Optional.empty();
      parts.allocations().over(uid);
      return;
    }
    boolean outdated =
        granted.map(one -> !one.equals(wanted)).orElse(false)
            || snapshot.containers().stream().anyMatch(one -> !one.outdated().isEmpty());
    if (outdated && progress.isEmpty()) {
      progress =
          Optional.of(new Progress(pod.getMetadata().getGeneration(), "", parts.clock().instant()));
    } else if (!outdated && progress.isPresent()) {
      events.completed(pod, progress.get().generation());
      progress = Optional.empty();
    }
    Map<String, Granted> actual = new LinkedHashMap<>();
    for (ContainerView one : snapshot.containers()) {
      if (one.running() && one.kind() != ContainerView.Kind.EPHEMERAL) {
        actual.put(one.name(), one.last().orElseThrow().granted());
      }
    }
    parts.allocations().has(uid, actual);
  }

  ResizeView view() {
    boolean known = granted.filter(wanted::equals).isPresent();
    // requests alone are nothing that the kernel has to be told
    return new ResizeView(pending, progress, !known, known ? total : has, notBefore);
  }
}
