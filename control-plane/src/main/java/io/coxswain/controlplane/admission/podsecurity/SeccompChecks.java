package io.coxswain.controlplane.admission.podsecurity;

import static io.coxswain.controlplane.admission.podsecurity.Words.containers;
import static io.coxswain.controlplane.admission.podsecurity.Words.quoted;
import static io.coxswain.controlplane.admission.podsecurity.Words.setters;

import io.coxswain.controlplane.admission.podsecurity.AnyContainer.Found;
import io.coxswain.controlplane.admission.podsecurity.PodChecks.Subject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Which filters of system calls a pod may choose. Annotations, which said so before version 1.19,
/// have no effect and are not looked at.
final class SeccompChecks {

  private SeccompChecks() {}

  static Optional<Violation> baseline(Subject pod) {
    return pod.minor() < 19 ? Optional.empty() : unfiltered(pod);
  }

  private static Optional<Violation> unfiltered(Subject pod) {
    var own = pod.spec().getSecurityContext();
    boolean byPod = own.hasSeccompProfile() && !isFilter(own.getSeccompProfile().getType());
    Found found =
        AnyContainer.find(
            pod.containers(),
            one ->
                one.security().hasSeccompProfile()
                        && !isFilter(one.security().getSeccompProfile().getType())
                    ? List.of(one.security().getSeccompProfile().getType())
                    : List.of());
    if (!byPod && found.containers().isEmpty()) {
      return Optional.empty();
    }
    Set<String> values = new TreeSet<>(found.values());
    if (byPod) {
      values.add(own.getSeccompProfile().getType());
    }
    return Optional.of(
        new Violation(
            "seccompProfile",
            setters(byPod, found.containers())
                + " must not set securityContext.seccompProfile.type to "
                + quoted(values)));
  }

  private static boolean isFilter(String type) {
    return type.equals("RuntimeDefault") || type.equals("Localhost");
  }

  static Optional<Violation> restricted(Subject pod) {
    if (pod.isWindows()) {
      return Optional.empty();
    }
    Optional<Violation> said = unfiltered(pod);
    if (said.isPresent() || pod.spec().getSecurityContext().hasSeccompProfile()) {
      return said;
    }
    List<String> silent =
        AnyContainer.names(pod.containers(), one -> !one.security().hasSeccompProfile());
    return silent.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "seccompProfile",
                "pod or "
                    + containers(silent)
                    + " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
                    + " \"Localhost\""));
  }
}
