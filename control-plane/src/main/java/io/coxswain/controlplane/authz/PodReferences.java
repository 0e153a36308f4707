package io.coxswain.controlplane.authz;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EnvFromSource;
import io.coxswain.api.core.v1.EnvVar;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeProjection;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.client.volume.Claims;
import java.util.Optional;
import java.util.Set;

/// Which other objects of its namespace a pod names, and so its node needs to read.
final class PodReferences {

  private static final Set<String> ALONE =
      Set.of("emptyDir", "hostPath", "downwardAPI", "image", "nfs", "gitRepo");

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
          || source.getCsi().getNodePublishSecretRef().getName().equals(name)
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

  /// What of the API a pod names, in a word for a message; nothing when its node can run it alone.
  static Optional<String> first(Pod pod) {
    PodSpec spec = pod.getSpec();
    if (!spec.getServiceAccountName().isEmpty()) {
      return Optional.of("serviceaccounts");
    }
    boolean secrets =
        spec.getImagePullSecretsCount() > 0
            || anyContainer(
                spec,
                variable -> variable.getValueFrom().hasSecretKeyRef(),
                EnvFromSource::hasSecretRef);
    if (secrets) {
      return Optional.of("secrets");
    }
    boolean configMaps =
        anyContainer(
            spec,
            variable -> variable.getValueFrom().hasConfigMapKeyRef(),
            EnvFromSource::hasConfigMapRef);
    if (configMaps) {
      return Optional.of("configmaps");
    }
    if (spec.getResourceClaimsCount() > 0) {
      return Optional.of("resourceclaims");
    }
    return spec.getVolumesList().stream()
        .flatMap(volume -> first(volume.getVolumeSource()).stream())
        .findFirst();
  }

  /// A kind that is not known to need nothing of the API counts as one that does.
  private static Optional<String> first(VolumeSource source) {
    for (FieldDescriptor field : source.getAllFields().keySet()) {
      String kind = field.getName();
      boolean alone =
          kind.equals("projected")
              ? source.getProjected().getSourcesList().stream()
                  .allMatch(VolumeProjection::hasDownwardAPI)
              : ALONE.contains(kind);
      if (!alone) {
        return Optional.of("other objects (via " + kind + " volumes)");
      }
    }
    return Optional.empty();
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
