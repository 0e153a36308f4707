package io.coxswain.controlplane.admission;

import com.google.protobuf.InvalidProtocolBufferException;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EphemeralContainer;
import io.coxswain.api.core.v1.EphemeralContainerCommon;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.core.v1.Volume;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What may become of the parts of a pod that are written by subresources of their own.
final class PodPartRules {

  private PodPartRules() {}

  static void check(String part, Pod before, Pod after, Problems problems) {
    switch (part) {
      case "ephemeralcontainers" -> checkEphemeral(before.getSpec(), after.getSpec(), problems);
      case "resize" -> ResizeRules.check(before, after, problems);
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
    Set<String> volumes =
        after.getVolumesList().stream().map(Volume::getName).collect(Collectors.toSet());
    for (int i = 0; i < after.getEphemeralContainersCount(); i++) {
      EphemeralContainer one = after.getEphemeralContainers(i);
      String at = "spec.ephemeralContainers[" + i + "]";
      checkEphemeral(one.getEphemeralContainerCommon(), at, problems);
      Container plain = plain(one.getEphemeralContainerCommon());
      ContainerRules.check(plain, volumes, at, problems);
      DeviceRules.check(plain, after.getVolumesList(), at + ".volumeDevices", problems);
      String target = one.getTargetContainerName();
      if (!target.isEmpty()
          && after.getContainersList().stream().noneMatch(c -> c.getName().equals(target))) {
        problems.notFound("spec.ephemeralContainers[" + i + "].targetContainerName", target);
      }
    }
  }

  private static Container plain(EphemeralContainerCommon added) {
    try {
      return Container.parseFrom(added.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an ephemeral container has a container's fields", e);
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
}
