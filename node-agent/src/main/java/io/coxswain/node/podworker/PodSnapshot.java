package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Sandbox;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// All that a pod's next step depends on.
///
/// @param pod as last heard from the API, with the resources that are set aside for it
/// @param gone whether the API has it no more, or another under its name
/// @param startedAt when this node took it up
/// @param sandbox what its containers share, when it is there
/// @param setUpAt earliest moment of the next try to make the sandbox and volumes
/// @param setUpFailure why the last try failed; empty when it did not
/// @param failed why the whole pod was ended for good, as `DeadlineExceeded`; empty when it was not
/// @param containers init containers, then the others, each in the order of the spec
/// @param resizing how far other resources are
/// @param released whether its sandbox was given back after all had ended
/// @param haltBy when at the latest all of it ends because the node goes down; empty when it does
///   not
public record PodSnapshot(
    Pod pod,
    boolean gone,
    Instant now,
    Instant startedAt,
    Optional<Sandbox> sandbox,
    Instant setUpAt,
    String setUpFailure,
    String failed,
    List<ContainerView> containers,
    ResizeView resizing,
    boolean released,
    Optional<Instant> haltBy) {

  public PodSnapshot {
    containers = List.copyOf(containers);
  }

  List<ContainerView> of(ContainerView.Kind kind) {
    return containers.stream().filter(container -> container.kind() == kind).toList();
  }

  /// Whether the pod is to end and never to run again.
  boolean ending() {
    return gone || pod.getMetadata().hasDeletionTimestamp() || !failed.isEmpty();
  }

  String restartPolicy() {
    String policy = pod.getSpec().getRestartPolicy();
    return policy.isEmpty() ? "Always" : policy;
  }

  /// Whether an ended container of the main or sidecar kind is started again.
  boolean restarts(ContainerView container) {
    if (container.forResize()) {
      return true;
    }
    return switch (container.kind()) {
      case SIDECAR -> true;
      case EPHEMERAL -> false;
      case INIT ->
          container.succeeded()
              ? container.outlived() && !restartPolicy().equals("Never")
              : restarted(container);
      case MAIN -> restarted(container);
    };
  }

  private boolean restarted(ContainerView container) {
    int exitCode = container.last().map(ContainerRecord::exitCode).orElse(0);
    return RestartRules.restart(container.spec(), restartPolicy(), exitCode);
  }

  /// Whether init containers are behind it: once a main container was started they never run again,
  /// unless the pod's sandbox had to be made anew.
  public boolean initialized() {
    boolean begun =
        containers.stream()
            .anyMatch(one ->
                one.kind() == ContainerView.Kind.MAIN && one.last().isPresent() && !one.outlived());
    return begun
        || containers.stream()
            .allMatch(one ->
                switch (one.kind()) {
                  case INIT -> one.succeeded() && !one.outlived();
                  case SIDECAR -> one.running() && one.started();
                  case MAIN, EPHEMERAL -> true;
                });
  }

  /// Whether every main container, or an init container, ended for good.
  public boolean finished() {
    boolean mainsDone =
        of(ContainerView.Kind.MAIN).stream().allMatch(one -> one.ended() && !restarts(one));
    return mainsDone || initFailed();
  }

  boolean initFailed() {
    return of(ContainerView.Kind.INIT).stream()
        .anyMatch(one -> one.ended() && !one.succeeded() && !restarts(one));
  }
}
