package io.coxswain.controlplane.authz;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EnvFromSource;
import io.coxswain.api.core.v1.EnvVar;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeProjection;
import io.coxswain.client.volume.Claims;

/// Which other objects of its namespace a pod names, and so its node needs to read.
final class PodReferences {

  private PodReferences() {}

  static boolean configMap(Pod pod, String name) {
    PodSpec spec = pod.getSpec();
    for (Volume volume : spec.getVolumesList()) {
      var source = volume.getVolumeSource();
      if (source.getConfigMap().getLocalObjectReference().getName().equals(name)
          || source.getProjected().getSourcesList().stream()
              .map(VolumeProjection::getConfigMap)
              .anyMatch(projected -> projected.getLocalObjectReference().getName().equals(name))) {
        return true;
      }
    }
    return anyContainer(
        spec,
        variable ->
            variable
                .getValueFrom()
                .getConfigMapKeyRef()
                .getLocalObjectReference()
                .getName()
                .equals(name),
        all -> all.getConfigMapRef().getLocalObjectReference().getName().equals(name));
  }

  static boolean secret(Pod pod, String name) {
    PodSpec spec = pod.getSpec();
    if (spec.getImagePullSecretsList().stream().anyMatch(secret -> secret.getName().equals(name))) {
      return true;
    }
    for (Volume volume : spec.getVolumesList()) {
      var source = volume.getVolumeSource();
      if (source.getSecret().getSecretName().equals(name)
          || source.getProjected().getSourcesList().stream()
              .map(VolumeProjection::getSecret)
              .anyMatch(projected -> projected.getLocalObjectReference().getName().equals(name))) {
        return true;
      }
    }
    return anyContainer(
        spec,
        variable ->
            variable
                .getValueFrom()
                .getSecretKeyRef()
                .getLocalObjectReference()
                .getName()
                .equals(name),
        all -> all.getSecretRef().getLocalObjectReference().getName().equals(name));
  }

  static boolean serviceAccount(Pod pod, String name) {
    return pod.getSpec().getServiceAccountName().equals(name);
  }

  static boolean claim(Pod pod, String name) {
    return Claims.namesOf(pod).contains(name);
  }

  private static boolean anyContainer(
      PodSpec spec,
      java.util.function.Predicate<EnvVar> one,
      java.util.function.Predicate<EnvFromSource> all) {
    return anyOf(spec.getContainersList(), one, all)
        || anyOf(spec.getInitContainersList(), one, all)
        || spec.getEphemeralContainersList().stream()
            .map(container -> container.getEphemeralContainerCommon())
            .anyMatch(common ->
                common.getEnvList().stream().anyMatch(one)
                    || common.getEnvFromList().stream().anyMatch(all));
  }

  private static boolean anyOf(
      java.util.List<Container> containers,
      java.util.function.Predicate<EnvVar> one,
      java.util.function.Predicate<EnvFromSource> all) {
    return containers.stream()
        .anyMatch(container ->
            container.getEnvList().stream().anyMatch(one)
                || container.getEnvFromList().stream().anyMatch(all));
  }
}
