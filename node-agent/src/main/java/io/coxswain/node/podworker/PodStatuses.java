package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.ContainerState;
import io.coxswain.api.core.v1.ContainerStateRunning;
import io.coxswain.api.core.v1.ContainerStateTerminated;
import io.coxswain.api.core.v1.ContainerStateWaiting;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.HostIP;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.PodIP;
import io.coxswain.api.core.v1.PodReadinessGate;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Times;
import io.coxswain.node.podworker.ContainerView.Kind;
import io.coxswain.node.podworker.ContainerView.Waiting;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodResources;
import io.coxswain.node.runtime.PodTotals;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A pod's `status` from what its worker knows: a function. Conditions of other writers, as
/// `PodScheduled` and readiness gates, are taken over from the object as it was last heard.
public final class PodStatuses {

  /// The conditions that a node writes; others are left as they are.
  public static final Set<String> OWN =
      Set.of(
          "PodReadyToStartContainers",
          "Initialized",
          "ContainersReady",
          "Ready",
          ResizeView.PENDING,
          ResizeView.IN_PROGRESS);

  private PodStatuses() {}

  /// Whether the node writes the condition.
  public static boolean isOwn(PodCondition condition) {
    return OWN.contains(condition.getType()) || Failure.isDisruption(condition);
  }

  static Optional<Instant> startTime(Pod pod) {
    return pod.getStatus().hasStartTime()
        ? Optional.of(Times.instant(pod.getStatus().getStartTime()))
        : Optional.empty();
  }

  /// @param failedMessage why the whole pod was ended for good, for people
  public static PodStatus of(PodSnapshot snapshot, String failedMessage, Variables.NodeFacts node) {
    return of(snapshot, Failure.own(snapshot.failed(), failedMessage), node);
  }

  static PodStatus of(PodSnapshot snapshot, Failure failure, Variables.NodeFacts node) {
    Pod pod = snapshot.pod();
    PodStatus.Builder status = pod.getStatus().toBuilder();
    String phase = phase(snapshot);
    status
        .setPhase(phase)
        .setQosClass(PodResources.qos(pod).text())
        .setStartTime(Times.time(snapshot.startedAt()))
        .setObservedGeneration(pod.getMetadata().getGeneration())
        .clearPodIPs()
        .clearPodIP()
        .clearHostIPs()
        .clearContainerStatuses()
        .clearInitContainerStatuses()
        .clearEphemeralContainerStatuses()
        .clearReason()
        .clearMessage();
    if (!snapshot.failed().isEmpty()) {
      status.setReason(snapshot.failed()).setMessage(failure.message());
    }
    if (!node.addresses().isEmpty()) {
      status.setHostIP(node.addresses().getFirst().getHostAddress());
      node.addresses()
          .forEach(one -> status.addHostIPs(HostIP.newBuilder().setIp(one.getHostAddress())));
    }
    snapshot
        .sandbox()
        .ifPresent(sandbox -> {
          List<InetAddress> addresses = sandbox.addresses();
          addresses.forEach(
              one -> status.addPodIPs(PodIP.newBuilder().setIp(one.getHostAddress())));
          if (!addresses.isEmpty()) {
            status.setPodIP(addresses.getFirst().getHostAddress());
          }
        });
    status
        .clearAllocatedResources()
        .putAllAllocatedResources(PodTotals.requests(pod.getSpec()))
        .clearResources();
    ResourceRequirements has = snapshot.resizing().has();
    if (!has.equals(ResourceRequirements.getDefaultInstance())) {
      status.setResources(has);
    }
    // Of a pod that the node refused nothing is said to wait: it does not.
    List<ContainerView> told = failure.begun() ? snapshot.containers() : List.of();
    for (ContainerView container : told) {
      ContainerStatus one = container(snapshot, container);
      var _ =
          switch (container.kind()) {
            case MAIN -> status.addContainerStatuses(one);
            case INIT, SIDECAR -> status.addInitContainerStatuses(one);
            case EPHEMERAL -> status.addEphemeralContainerStatuses(one);
          };
    }
    status.clearConditions().addAllConditions(conditions(snapshot, phase, failure));
    return status.build();
  }

  static String phase(PodSnapshot snapshot) {
    List<ContainerView> mains = snapshot.of(Kind.MAIN);
    boolean anyRuns = snapshot.containers().stream().anyMatch(ContainerView::running);
    if (!snapshot.failed().isEmpty()) {
      return anyRuns ? "Running" : "Failed";
    }
    if (snapshot.initFailed()) {
      return anyRuns ? "Pending" : "Failed";
    }
    boolean allEnded = mains.stream().allMatch(ContainerView::ended);
    boolean willNotRun =
        allEnded && (snapshot.finished() || snapshot.pod().getMetadata().hasDeletionTimestamp());
    if (willNotRun && !anyRuns) {
      return mains.stream().allMatch(ContainerView::succeeded) ? "Succeeded" : "Failed";
    }
    boolean allBegan = mains.stream().allMatch(one -> one.last().isPresent());
    return snapshot.initialized() && allBegan ? "Running" : "Pending";
  }

  private static ContainerStatus container(PodSnapshot snapshot, ContainerView container) {
    ContainerStatus.Builder status =
        ContainerStatus.newBuilder()
            .setName(container.name())
            .setImage(
                container.last().map(ContainerRecord::image).orElse(container.spec().getImage()))
            .setImageID(container.last().map(ContainerRecord::imageReference).orElse(""))
            .setRestartCount(container.restarts())
            .setReady(isReady(container))
            .setStarted(container.running() && container.started());
    container.last().ifPresent(last -> status.setContainerID(last.statusId()));
    resources(container, status);
    boolean waits =
        container.last().isEmpty()
            || (container.ended() && !container.waiting().reason().isEmpty())
            || (container.ended() && container.pulling());
    if (waits && !(snapshot.ending() && container.ended())) {
      status.setState(waiting(snapshot, container));
      container
          .last()
          .ifPresent(
              last -> status.setLastState(ContainerState.newBuilder().setTerminated(ended(last))));
      return status.build();
    }
    ContainerRecord last = container.last().orElseThrow();
    if (last.ended()) {
      status.setState(ContainerState.newBuilder().setTerminated(ended(last)));
    } else {
      status.setState(
          ContainerState.newBuilder()
              .setRunning(
                  ContainerStateRunning.newBuilder().setStartedAt(Times.time(last.startedAt()))));
    }
    container
        .before()
        .filter(ContainerRecord::ended)
        .ifPresent(before ->
            status.setLastState(ContainerState.newBuilder().setTerminated(ended(before))));
    return status.build();
  }

  /// What is set aside for it, and what it has: of one that does not run, the same.
  private static void resources(ContainerView container, ContainerStatus.Builder status) {
    if (container.last().isEmpty() || container.kind() == Kind.EPHEMERAL) {
      return;
    }
    ResourceRequirements setAside = container.spec().getResources();
    ContainerRecord last = container.last().get();
    status
        .putAllAllocatedResources(setAside.getRequestsMap())
        .setResources(last.running() ? last.granted().applied(setAside) : setAside);
  }

  private static boolean isReady(ContainerView container) {
    return switch (container.kind()) {
      case INIT -> container.succeeded();
      case MAIN, SIDECAR -> container.running() && container.started() && container.ready();
      case EPHEMERAL -> false;
    };
  }

  private static ContainerState waiting(PodSnapshot snapshot, ContainerView container) {
    Waiting waiting = container.waiting();
    String reason =
        !waiting.reason().isEmpty()
            ? waiting.reason()
            : snapshot.pod().getSpec().getInitContainersCount() > 0
                ? "PodInitializing"
                : "ContainerCreating";
    ContainerStateWaiting.Builder state = ContainerStateWaiting.newBuilder().setReason(reason);
    if (!waiting.message().isEmpty()) {
      state.setMessage(waiting.message());
    }
    return ContainerState.newBuilder().setWaiting(state).build();
  }

  private static ContainerStateTerminated ended(ContainerRecord record) {
    ContainerStateTerminated.Builder state =
        ContainerStateTerminated.newBuilder()
            .setExitCode(record.exitCode())
            .setReason(record.reason())
            .setStartedAt(Times.time(record.startedAt()))
            .setFinishedAt(Times.time(record.finishedAt()))
            .setContainerID(record.statusId());
    if (!record.message().isEmpty()) {
      state.setMessage(record.message());
    }
    return state.build();
  }

  private static List<PodCondition> conditions(
      PodSnapshot snapshot, String phase, Failure failure) {
    List<PodCondition> before = snapshot.pod().getStatus().getConditionsList();
    List<PodCondition> conditions = new ArrayList<>();
    boolean over = phase.equals("Succeeded") || phase.equals("Failed");
    boolean sandboxed = snapshot.sandbox().isPresent() && !over;
    conditions.add(
        condition(snapshot, "PodReadyToStartContainers", sandboxed, "", snapshot.setUpFailure()));
    boolean initialized = snapshot.initialized() || phase.equals("Succeeded");
    conditions.add(
        condition(
            snapshot,
            "Initialized",
            initialized,
            initialized ? "" : "ContainersNotInitialized",
            initialized ? "" : named("incomplete", snapshot, Kind.INIT)));
    List<ContainerView> lasting =
        snapshot.containers().stream()
            .filter(one -> one.kind() == Kind.MAIN || one.kind() == Kind.SIDECAR)
            .toList();
    boolean containersReady = !over && lasting.stream().allMatch(PodStatuses::isReady);
    String why =
        containersReady
            ? ""
            : phase.equals("Succeeded")
                ? "PodCompleted"
                : over ? "PodFailed" : "ContainersNotReady";
    String which = containersReady || over ? "" : named("unready", snapshot, Kind.MAIN);
    conditions.add(condition(snapshot, "ContainersReady", containersReady, why, which));
    String gate = closedGate(snapshot.pod());
    boolean ready = containersReady && gate.isEmpty();
    conditions.add(
        condition(
            snapshot,
            "Ready",
            ready,
            containersReady && !ready ? "ReadinessGatesNotReady" : why,
            containersReady && !ready ? gate : which));
    if (!over) {
      conditions.addAll(snapshot.resizing().conditions());
    }
    boolean disrupted = !failure.disruption().isEmpty();
    if (disrupted) {
      conditions.add(
          condition(snapshot, Failure.DISRUPTION, true, Failure.BY_NODE, failure.disruption()));
    }
    before.stream()
        .filter(one -> !isOwn(one) && !(disrupted && one.getType().equals(Failure.DISRUPTION)))
        .forEach(conditions::add);
    return conditions;
  }

  private static String closedGate(Pod pod) {
    for (PodReadinessGate gate : pod.getSpec().getReadinessGatesList()) {
      boolean open =
          pod.getStatus().getConditionsList().stream()
              .anyMatch(one ->
                  one.getType().equals(gate.getConditionType()) && one.getStatus().equals("True"));
      if (!open) {
        return "corresponding condition of pod readiness gate \"%s\" is not true"
            .formatted(gate.getConditionType());
      }
    }
    return "";
  }

  private static String named(String how, PodSnapshot snapshot, Kind kind) {
    List<String> names =
        snapshot.of(kind).stream().filter(one -> !isReady(one)).map(ContainerView::name).toList();
    return "containers with %s status: [%s]".formatted(how, String.join(" ", names));
  }

  private static PodCondition condition(
      PodSnapshot snapshot, String type, boolean is, String reason, String message) {
    String value = is ? "True" : "False";
    PodCondition.Builder condition = PodCondition.newBuilder().setType(type).setStatus(value);
    Instant since = snapshot.now();
    for (PodCondition before : snapshot.pod().getStatus().getConditionsList()) {
      if (before.getType().equals(type)
          && before.getStatus().equals(value)
          && before.hasLastTransitionTime()) {
        since = Times.instant(before.getLastTransitionTime());
      }
    }
    condition.setLastTransitionTime(Times.time(since));
    if (snapshot.pod().getMetadata().getGeneration() > 0) {
      condition.setObservedGeneration(snapshot.pod().getMetadata().getGeneration());
    }
    if (!reason.isEmpty()) {
      condition.setReason(reason);
    }
    if (!message.isEmpty()) {
      condition.setMessage(message);
    }
    return condition.build();
  }
}
