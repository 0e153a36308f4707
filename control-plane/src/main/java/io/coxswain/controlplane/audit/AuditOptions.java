package io.coxswain.controlplane.audit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Whether and where the audit log is written.
///
/// @param policy the file that says what is told
public record AuditOptions(Optional<Path> policy, Optional<Log> log, Optional<Webhook> webhook) {

  public static final AuditOptions OFF =
      new AuditOptions(Optional.empty(), Optional.empty(), Optional.empty());

  /// A file, and older ones beside it.
  ///
  /// @param path `-` for standard output
  /// @param megabytes at which a new file is begun; 0 for never
  /// @param days after which an old file goes; 0 for never
  /// @param backups how many old files stay; 0 for all
  public record Log(String path, int megabytes, int days, int backups) {}

  /// A server that takes lists of events.
  ///
  /// @param config a kubeconfig that says where it is and who asks
  /// @param queue events that wait for it; more are lost
  /// @param batch events in one list at the most
  /// @param linger how long a list that is not full waits for more
  /// @param backoff how long a list waits before it is sent again; longer with each time
  public record Webhook(Path config, int queue, int batch, Duration linger, Duration backoff) {

    /// Kubernetes' own figures.
    public static Webhook of(Path config) {
      return new Webhook(config, 10_000, 400, Duration.ofSeconds(30), Duration.ofSeconds(10));
    }
  }

  /// @throws IllegalArgumentException when only half of what is needed is given
  public AuditOptions {
    boolean sink = log.isPresent() || webhook.isPresent();
    if (sink && policy.isEmpty()) {
      throw new IllegalArgumentException(
          "an audit log needs a policy that says what is told: give --audit-policy-file");
    }
    if (policy.isPresent() && !sink) {
      throw new IllegalArgumentException(
          "an audit policy needs somewhere to tell it: give --audit-log-path or"
              + " --audit-webhook-config-file");
    }
  }
}
