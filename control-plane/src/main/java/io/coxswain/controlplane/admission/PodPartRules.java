package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EphemeralContainer;
import io.coxswain.api.core.v1.EphemeralContainerCommon;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What may become of the parts of a pod that are written by subresources of their own.
final class PodPartRules {

  private static final Set<String> RESIZABLE = Set.of("cpu", "memory");

  private PodPartRules() {}

  static void check(String part, PodSpec before, PodSpec after, Problems problems) {
    switch (part) {
      case "ephemeralcontainers" -> checkEphemeral(before, after, problems);
      case "resize" -> {
        checkSizes(
            before.getContainersList(), after.getContainersList(), "spec.containers", problems);
        checkSizes(
            before.getInitContainersList(),
            after.getInitContainersList(),
            "spec.initContainers",
            problems);
      }
      default -> throw new IllegalArgumentException(part);
    }
  }

  /// They come and never go: somebody may be inside.
  private static void checkEphemeral(PodSpec before, PodSpec after, Problems problems) {
    Map<String, EphemeralContainer> now = new HashMap<>();
    after
        .getEphemeralContainersList()
        .forEach(one -> now.put(one.getEphemeralContainerCommon().getName(), one));
    for (EphemeralContainer old : before.getEphemeralContainersList()) {
      String name = old.getEphemeralContainerCommon().getName();
      EphemeralContainer kept = now.get(name);
      if (kept == null) {
        problems.forbidden(
            "spec.ephemeralContainers",
            "existing ephemeral containers \"" + name + "\" may not be removed");
      } else if (!kept.equals(old)) {
        problems.forbidden(
            "spec.ephemeralContainers",
            "existing ephemeral containers \"" + name + "\" may not be changed");
      }
    }
    for (int i = 0; i < after.getEphemeralContainersCount(); i++) {
      EphemeralContainer one = after.getEphemeralContainers(i);
      checkEphemeral(
          one.getEphemeralContainerCommon(), "spec.ephemeralContainers[" + i + "]", problems);
      String target = one.getTargetContainerName();
      if (!target.isEmpty()
          && after.getContainersList().stream().noneMatch(c -> c.getName().equals(target))) {
        problems.notFound("spec.ephemeralContainers[" + i + "].targetContainerName", target);
      }
    }
  }

  /// One that nothing waits for or counts on has no ports, probes, resources or hooks.
  private static void checkEphemeral(
      EphemeralContainerCommon container, String at, Problems problems) {
    String detail = "cannot be set for an Ephemeral Container";
    if (container.getPortsCount() > 0) {
      problems.forbidden(at + ".ports", detail);
    }
    if (container.hasLivenessProbe()) {
      problems.forbidden(at + ".livenessProbe", detail);
    }
    if (container.hasReadinessProbe()) {
      problems.forbidden(at + ".readinessProbe", detail);
    }
    if (container.hasStartupProbe()) {
      problems.forbidden(at + ".startupProbe", detail);
    }
    if (container.hasLifecycle()) {
      problems.forbidden(at + ".lifecycle", detail);
    }
    if (!container.getResources().equals(ResourceRequirements.getDefaultInstance())) {
      problems.forbidden(at + ".resources", detail);
    }
    if (container.getResizePolicyCount() > 0) {
      problems.forbidden(at + ".resizePolicy", detail);
    }
    for (int i = 0; i < container.getVolumeMountsCount(); i++) {
      if (!container.getVolumeMounts(i).getSubPath().isEmpty()) {
        problems.forbidden(at + ".volumeMounts[" + i + "].subPath", detail);
      }
      if (!container.getVolumeMounts(i).getSubPathExpr().isEmpty()) {
        problems.forbidden(at + ".volumeMounts[" + i + "].subPathExpr", detail);
      }
    }
  }

  private static void checkSizes(
      List<Container> before, List<Container> after, String path, Problems problems) {
    for (int i = 0; i < before.size(); i++) {
      ResourceRequirements old = before.get(i).getResources();
      ResourceRequirements now = after.get(i).getResources();
      String at = path + "[" + i + "].resources";
      checkAmounts(old.getLimitsMap(), now.getLimitsMap(), at + ".limits", "limits", problems);
      checkAmounts(
          old.getRequestsMap(), now.getRequestsMap(), at + ".requests", "requests", problems);
      if (!old.getClaimsList().equals(now.getClaimsList())) {
        problems.forbidden(at + ".claims", "only cpu and memory resources are mutable");
      }
    }
  }

  private static void checkAmounts(
      Map<String, Quantity> old,
      Map<String, Quantity> now,
      String at,
      String what,
      Problems problems) {
    if (!others(old).equals(others(now))) {
      problems.forbidden(at, "only cpu and memory resources are mutable");
    }
    for (String name : RESIZABLE) {
      if (old.containsKey(name) && !now.containsKey(name)) {
        problems.forbidden(at + "[" + name + "]", "resource " + what + " cannot be removed");
      }
    }
  }

  private static Map<String, Quantity> others(Map<String, Quantity> amounts) {
    Map<String, Quantity> others = new HashMap<>(amounts);
    others.keySet().removeAll(RESIZABLE);
    return others;
  }
}
