package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.node.podworker.ContainerView.Kind;
import io.coxswain.node.podworker.ContainerView.Stopping;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a pod does next: a function of what is. Asked again after each step, so a step that was
/// lost is planned again.
public final class Planner {

  /// What a pod gets that the API has no more: somebody else may run in its place already.
  static final long GONE_GRACE_SECONDS = 1;

  private static final long DEFAULT_GRACE_SECONDS = 30;
  static final Duration KILL_AGAIN = Duration.ofSeconds(10);

  private Planner() {}

  /// Steps in order; last, if the pod waits for a moment, that moment. Empty: it waits for
  /// something to happen.
  public static List<Action> plan(PodSnapshot pod) {
    if (pod.ending()) {
      return end(pod);
    }
    Instant deadline = deadline(pod);
    if (!pod.finished() && !pod.now().isBefore(deadline)) {
      return List.of(
          new Action.Fail(
              "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"));
    }
    if (pod.finished()) {
      return finish(pod);
    }
    if (pod.haltBy().isPresent()) {
      return halt(pod);
    }
    List<Action> actions = new ArrayList<>();
    Moments moments = new Moments(deadline);
    if (pod.sandbox().isEmpty()) {
      if (pod.now().isBefore(pod.setUpAt())) {
        moments.add(pod.setUpAt());
      } else {
        actions.add(new Action.SetUp());
      }
      return moments.after(actions);
    }
    resize(pod, actions, moments);
    if (initialize(pod, actions, moments)) {
      for (ContainerView container : pod.of(Kind.MAIN)) {
        keepRunning(pod, container, actions, moments);
      }
    }
    for (ContainerView container : pod.of(Kind.EPHEMERAL)) {
      keepRunning(pod, container, actions, moments);
    }
    return moments.after(actions);
  }

  /// Gives what runs other resources. Containers that have to start again for theirs end before
  /// that: only then is it clear what the pod as a whole needs.
  private static void resize(PodSnapshot pod, List<Action> actions, Moments moments) {
    boolean ending = false;
    boolean outdated = pod.resizing().groupOutdated();
    for (ContainerView container : pod.containers()) {
      boolean restarts = container.restartsForResize();
      ending |= restarts;
      outdated |= !restarts && !container.outdated().isEmpty();
    }
    if (ending || !outdated) {
      return;
    }
    if (pod.now().isBefore(pod.resizing().notBefore())) {
      moments.add(pod.resizing().notBefore());
    } else {
      actions.add(new Action.Resize());
    }
  }

  /// Brings init containers on, one after the other; true when the main ones may run.
  private static boolean initialize(PodSnapshot pod, List<Action> actions, Moments moments) {
    boolean behind = pod.initialized();
    for (ContainerView container : pod.containers()) {
      switch (container.kind()) {
        case MAIN, EPHEMERAL -> {
          return true;
        }
        case SIDECAR -> {
          keepRunning(pod, container, actions, moments);
          if (!behind && !(container.running() && container.started())) {
            return false;
          }
        }
        case INIT -> {
          if (!behind && (!container.succeeded() || container.outlived())) {
            keepRunning(pod, container, actions, moments);
            return false;
          }
        }
      }
    }
    return true;
  }

  private static void keepRunning(
      PodSnapshot pod, ContainerView container, List<Action> actions, Moments moments) {
    if (container.running()) {
      if (container.stopping().isPresent()) {
        goOnStopping(pod, container, actions, moments);
      } else if (!container.unhealthy().isEmpty()) {
        actions.add(
            new Action.BeginStop(container.name(), container.unhealthy(), probeGrace(container)));
      } else if (container.restartsForResize()) {
        String why = "Container %s resize requires restart".formatted(container.name());
        actions.add(new Action.BeginStop(container.name(), why, -1));
      }
      return;
    }
    if (container.pulling() || (container.ended() && !pod.restarts(container))) {
      return;
    }
    if (pod.now().isBefore(container.notBefore())) {
      moments.add(container.notBefore());
      return;
    }
    actions.add(
        container.pulled()
            ? new Action.StartContainer(container.name())
            : new Action.PullImage(container.name()));
  }

  private static long probeGrace(ContainerView container) {
    long liveness = container.spec().getLivenessProbe().getTerminationGracePeriodSeconds();
    return liveness > 0 ? liveness : -1;
  }

  /// All main containers ended: sidecars go too, then the sandbox.
  private static List<Action> finish(PodSnapshot pod) {
    List<Action> actions = new ArrayList<>();
    Moments moments = new Moments(Instant.MAX);
    if (stopAll(pod, actions, moments) && !pod.released()) {
      actions.add(new Action.Release());
    }
    return moments.after(actions);
  }

  /// The node goes down: what runs ends, and the next agent starts it again.
  private static List<Action> halt(PodSnapshot pod) {
    List<Action> actions = new ArrayList<>();
    Moments moments = new Moments(Instant.MAX);
    boolean _ = stopAll(pod, actions, moments);
    return moments.after(actions);
  }

  private static List<Action> end(PodSnapshot pod) {
    List<Action> actions = new ArrayList<>();
    Moments moments = new Moments(Instant.MAX);
    if (!stopAll(pod, actions, moments)) {
      return moments.after(actions);
    }
    if (pod.gone() || pod.pod().getMetadata().hasDeletionTimestamp()) {
      actions.add(new Action.TearDown());
      if (!pod.gone()) {
        actions.add(new Action.DeleteObject());
      }
    } else if (!pod.released()) {
      actions.add(new Action.Release());
    }
    return actions;
  }

  /// Ends what runs: main and init containers at once, sidecars when those are gone, the last
  /// first. True when nothing runs.
  private static boolean stopAll(PodSnapshot pod, List<Action> actions, Moments moments) {
    boolean othersRun = false;
    for (ContainerView container : pod.containers()) {
      if (container.kind() != Kind.SIDECAR && container.running()) {
        othersRun = true;
        stop(pod, container, actions, moments);
      }
    }
    if (othersRun) {
      return false;
    }
    for (ContainerView sidecar : pod.of(Kind.SIDECAR).reversed()) {
      if (sidecar.running()) {
        stop(pod, sidecar, actions, moments);
        return false;
      }
    }
    return true;
  }

  private static void stop(
      PodSnapshot pod, ContainerView container, List<Action> actions, Moments moments) {
    if (container.stopping().isEmpty()) {
      actions.add(new Action.BeginStop(container.name(), "", -1));
    } else {
      goOnStopping(pod, container, actions, moments);
    }
  }

  private static void goOnStopping(
      PodSnapshot pod, ContainerView container, List<Action> actions, Moments moments) {
    Stopping stopping = container.stopping().orElseThrow();
    Instant killAt = stopping.began().plusSeconds(grace(pod, stopping));
    if (!stopping.killedAt().equals(Instant.MAX)) {
      killAt = stopping.killedAt().plus(KILL_AGAIN);
    }
    if (!pod.now().isBefore(killAt)) {
      actions.add(new Action.Kill(container.name()));
      moments.add(pod.now().plus(KILL_AGAIN));
      return;
    }
    if (stopping.hookDone() && !stopping.signalled()) {
      actions.add(new Action.Signal(container.name()));
    }
    moments.add(killAt);
  }

  /// What a container gets before it is killed: no more than the node has itself when it goes down.
  static long grace(PodSnapshot pod, Stopping stopping) {
    long wanted = wantedGrace(pod, stopping);
    return pod.haltBy()
        .map(by -> Math.clamp(Duration.between(stopping.began(), by).toSeconds(), 0, wanted))
        .orElse(wanted);
  }

  /// A pod that is gone has no time; one being deleted what the deletion says; any other what its
  /// spec says.
  private static long wantedGrace(PodSnapshot pod, Stopping stopping) {
    PodSpec spec = pod.pod().getSpec();
    long own =
        spec.hasTerminationGracePeriodSeconds()
            ? spec.getTerminationGracePeriodSeconds()
            : DEFAULT_GRACE_SECONDS;
    if (pod.gone()) {
      return Math.min(own, GONE_GRACE_SECONDS);
    }
    if (pod.pod().getMetadata().hasDeletionGracePeriodSeconds()) {
      return pod.pod().getMetadata().getDeletionGracePeriodSeconds();
    }
    return stopping.graceSeconds() >= 0 ? stopping.graceSeconds() : own;
  }

  private static Instant deadline(PodSnapshot pod) {
    PodSpec spec = pod.pod().getSpec();
    return spec.getActiveDeadlineSeconds() > 0
        ? pod.startedAt().plusSeconds(spec.getActiveDeadlineSeconds())
        : Instant.MAX;
  }

  /// The earliest of the moments that a plan waits for.
  private static final class Moments {
    private Instant first;

    Moments(Instant latest) {
      first = latest;
    }

    void add(Instant moment) {
      first = moment.isBefore(first) ? moment : first;
    }

    List<Action> after(List<Action> actions) {
      if (!first.equals(Instant.MAX)) {
        actions.add(new Action.WaitUntil(first));
      }
      return actions;
    }
  }
}
