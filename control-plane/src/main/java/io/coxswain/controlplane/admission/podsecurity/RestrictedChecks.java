package io.coxswain.controlplane.admission.podsecurity;

import static io.coxswain.controlplane.admission.podsecurity.Words.containers;
import static io.coxswain.controlplane.admission.podsecurity.Words.plural;
import static io.coxswain.controlplane.admission.podsecurity.Words.quoted;
import static io.coxswain.controlplane.admission.podsecurity.Words.setters;

import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.controlplane.admission.podsecurity.AnyContainer.Found;
import io.coxswain.controlplane.admission.podsecurity.PodChecks.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a pod has to give up explicitly: the level restricted.
final class RestrictedChecks {

  private static final Set<String> VOLUMES =
      Set.of(
          "configMap",
          "csi",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "image",
          "persistentVolumeClaim",
          "projected",
          "secret");

  private RestrictedChecks() {}

  static Optional<Violation> privilegeEscalation(Subject pod) {
    List<String> bad =
        AnyContainer.names(
            pod.containers(),
            one ->
                !one.security().hasAllowPrivilegeEscalation()
                    || one.security().getAllowPrivilegeEscalation());
    return bad.isEmpty() || pod.isWindows()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "allowPrivilegeEscalation != false",
                containers(bad) + " must set securityContext.allowPrivilegeEscalation=false"));
  }

  static Optional<Violation> capabilities(Subject pod) {
    if (pod.isWindows()) {
      return Optional.empty();
    }
    List<String> keeping =
        AnyContainer.names(
            pod.containers(),
            one -> !one.security().getCapabilities().getDropList().contains("ALL"));
    Found adding =
        AnyContainer.find(
            pod.containers(),
            one ->
                one.security().getCapabilities().getAddList().stream()
                    .filter(added -> !added.equals("NET_BIND_SERVICE"))
                    .toList());
    List<String> details = new ArrayList<>();
    if (!keeping.isEmpty()) {
      details.add(containers(keeping) + " must set securityContext.capabilities.drop=[\"ALL\"]");
    }
    if (!adding.containers().isEmpty()) {
      details.add(
          containers(adding.containers())
              + " must not include "
              + quoted(adding.values())
              + " in securityContext.capabilities.add");
    }
    return details.isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation("unrestricted capabilities", String.join("; ", details)));
  }

  static Optional<Violation> volumes(Subject pod) {
    List<String> names = new ArrayList<>();
    Set<String> kinds = new TreeSet<>();
    for (Volume volume : pod.spec().getVolumesList()) {
      String kind = kind(volume.getVolumeSource());
      if (!VOLUMES.contains(kind)) {
        names.add(volume.getName());
        kinds.add(kind);
      }
    }
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "restricted volume types",
                plural("volume", names.size())
                    + " "
                    + quoted(names)
                    + " "
                    + plural("uses", "use", names.size())
                    + " "
                    + plural("restricted volume type", kinds.size())
                    + " "
                    + quoted(kinds)));
  }

  private static String kind(VolumeSource source) {
    return source.getAllFields().keySet().stream()
        .map(field -> field.getName())
        .findFirst()
        .orElse("unknown");
  }

  static Optional<Violation> nonRoot(Subject pod) {
    if (pod.hasOwnUsers()) {
      return Optional.empty();
    }
    var own = pod.spec().getSecurityContext();
    boolean byPod = own.hasRunAsNonRoot() && !own.getRunAsNonRoot();
    List<String> roots =
        AnyContainer.names(
            pod.containers(),
            one -> one.security().hasRunAsNonRoot() && !one.security().getRunAsNonRoot());
    if (byPod || !roots.isEmpty()) {
      return Optional.of(
          new Violation(
              "runAsNonRoot != true",
              setters(byPod, roots) + " must not set securityContext.runAsNonRoot=false"));
    }
    List<String> silent =
        own.getRunAsNonRoot()
            ? List.of()
            : AnyContainer.names(pod.containers(), one -> !one.security().hasRunAsNonRoot());
    return silent.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "runAsNonRoot != true",
                "pod or " + containers(silent) + " must set securityContext.runAsNonRoot=true"));
  }

  static Optional<Violation> user(Subject pod) {
    if (pod.hasOwnUsers()) {
      return Optional.empty();
    }
    var own = pod.spec().getSecurityContext();
    boolean byPod = own.hasRunAsUser() && own.getRunAsUser() == 0;
    List<String> roots =
        AnyContainer.names(
            pod.containers(),
            one -> one.security().hasRunAsUser() && one.security().getRunAsUser() == 0);
    return byPod || !roots.isEmpty()
        ? Optional.of(
            new Violation("runAsUser=0", setters(byPod, roots) + " must not set runAsUser=0"))
        : Optional.empty();
  }
}
