package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Granted;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// One container of a pod, as far as the next step depends on it.
///
/// @param wanted what of cpu and memory is set aside for it
/// @param last its latest start
/// @param before the start before the latest
/// @param pulling whether its image is on the way
/// @param pulled whether the image for the next start is here
/// @param notBefore earliest moment of the next try
/// @param started whether the startup probe, if any, succeeded and postStart is done
/// @param ready whether the readiness probe, if any, says so
/// @param forResize whether it was ended only to be started with other resources
/// @param unhealthy why it must be ended and started again; empty when it need not
/// @param stopping how far its end is
/// @param waiting why it does not run, for the status
/// @param restarts how often it was started again
/// @param outlived whether its latest start was in a sandbox of the pod that is no more
public record ContainerView(
    Container spec,
    Kind kind,
    Granted wanted,
    Optional<ContainerRecord> last,
    Optional<ContainerRecord> before,
    boolean pulling,
    boolean pulled,
    Instant notBefore,
    boolean started,
    boolean ready,
    boolean forResize,
    String unhealthy,
    Optional<Stopping> stopping,
    Waiting waiting,
    int restarts,
    boolean outlived) {

  public enum Kind {
    INIT,
    SIDECAR,
    MAIN,
    /// Added to the running pod by a person. It starts whatever the others do, once, and counts for
    /// nothing of the pod's.
    EPHEMERAL
  }

  /// @param reason as `ContainerCreating` or `CrashLoopBackOff`
  public record Waiting(String reason, String message) {
    public static final Waiting NONE = new Waiting("", "");
  }

  /// A graceful end under way: hook, signal, patience, kill.
  ///
  /// @param graceSeconds of a probe that asked for it; -1 for the pod's
  /// @param hookDone whether preStop ended or there is none
  /// @param killedAt when it was killed; [Instant#MAX] while it was not
  public record Stopping(
      Instant began, long graceSeconds, boolean hookDone, boolean signalled, Instant killedAt) {
    Stopping clockSet(UnaryOperator<Instant> moved) {
      return new Stopping(
          moved.apply(began), graceSeconds, hookDone, signalled, moved.apply(killedAt));
    }
  }

  public boolean running() {
    return last.map(ContainerRecord::running).orElse(false);
  }

  public boolean ended() {
    return last.map(ContainerRecord::ended).orElse(false);
  }

  public boolean succeeded() {
    return ended() && last.orElseThrow().exitCode() == 0;
  }

  /// Those of cpu and memory of which it runs with another amount than is set aside for it.
  Set<String> outdated() {
    return running() ? last.orElseThrow().granted().differences(wanted) : Set.of();
  }

  /// Whether it has to be started again to have what is set aside for it (KEP-1287).
  boolean restartsForResize() {
    Set<String> outdated = outdated();
    return spec.getResizePolicyList().stream()
        .anyMatch(policy ->
            policy.getRestartPolicy().equals("RestartContainer")
                && outdated.contains(policy.getResourceName()));
  }

  public String name() {
    return spec.getName();
  }
}
