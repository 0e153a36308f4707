package io.coxswain.controlplane.admission.podsecurity;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import java.util.List;
import java.util.Optional;

/// All checks, in the order in which violations are told.
public final class PodChecks {

  /// What a check looks at.
  record Subject(ObjectMeta meta, PodSpec spec, List<AnyContainer> containers, int minor) {

    boolean isWindows() {
      return spec.getOs().getName().equals("windows") && minor >= 25;
    }

    /// In a user namespace of its own, root in the pod is nobody on the node.
    boolean hasOwnUsers() {
      return spec.hasHostUsers() && !spec.getHostUsers() && minor >= 35;
    }
  }

  /// Looks at one thing.
  @FunctionalInterface
  interface Check {
    Optional<Violation> of(Subject pod);
  }

  /// @param since the minor version that brought it
  /// @param replacedAt the minor version since when the restricted level has a stricter one
  private record Row(int since, int replacedAt, Check check) {}

  private static final int NEVER = Integer.MAX_VALUE;

  private static final List<Row> BASELINE =
      List.of(
          new Row(0, NEVER, BaselineChecks::appArmor),
          new Row(0, 22, BaselineChecks::capabilities),
          new Row(0, NEVER, BaselineChecks::hostNamespaces),
          new Row(0, 0, BaselineChecks::hostPathVolumes),
          new Row(0, NEVER, BaselineChecks::hostImages),
          new Row(0, NEVER, BaselineChecks::hostPorts),
          new Row(34, NEVER, BaselineChecks::probeHosts),
          new Row(0, NEVER, BaselineChecks::privileged),
          new Row(0, 35, BaselineChecks::procMount),
          new Row(0, NEVER, BaselineChecks::seLinux),
          new Row(0, 19, SeccompChecks::baseline),
          new Row(0, NEVER, BaselineChecks::sysctls),
          new Row(0, NEVER, BaselineChecks::windowsHostProcess));

  private static final List<Row> RESTRICTED =
      List.of(
          new Row(8, NEVER, RestrictedChecks::privilegeEscalation),
          new Row(22, NEVER, RestrictedChecks::capabilities),
          new Row(35, NEVER, BaselineChecks::maskedProc),
          new Row(0, NEVER, RestrictedChecks::volumes),
          new Row(0, NEVER, RestrictedChecks::nonRoot),
          new Row(23, NEVER, RestrictedChecks::user),
          new Row(19, NEVER, SeccompChecks::restricted));

  private PodChecks() {}

  /// Everything in which a pod, or what a template makes, does not keep to the standard.
  public static List<Violation> violations(Standard standard, ObjectMeta meta, PodSpec spec) {
    if (standard.level() == Level.PRIVILEGED) {
      return List.of();
    }
    boolean restricted = standard.level() == Level.RESTRICTED;
    int minor = standard.minor();
    Subject pod = new Subject(meta, spec, AnyContainer.allOf(spec), minor);
    List<Violation> violations = new java.util.ArrayList<>();
    for (Row row : BASELINE) {
      if (row.since() <= minor
          && !(restricted && row.replacedAt() <= minor && row.replacedAt() != NEVER)) {
        row.check().of(pod).ifPresent(violations::add);
      }
    }
    if (restricted) {
      for (Row row : RESTRICTED) {
        if (row.since() <= minor) {
          row.check().of(pod).ifPresent(violations::add);
        }
      }
    }
    return violations;
  }
}
