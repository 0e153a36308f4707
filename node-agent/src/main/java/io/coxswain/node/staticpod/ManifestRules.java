package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeProjection;
import io.coxswain.client.codec.LabelSyntax;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a node asks of a pod that it runs by itself: that there is something to run, and that it
/// needs nothing of the API's. All the rest the API judges when it gets the mirror.
final class ManifestRules {

  private ManifestRules() {}

  static void check(Pod pod) throws ManifestException {
    String name = pod.getMetadata().getName();
    if (name.isEmpty()) {
      throw new ManifestException("metadata.name: Required value");
    }
    refuse("metadata.name", name, LabelSyntax.subdomainProblem(name));
    String namespace = pod.getMetadata().getNamespace();
    if (!namespace.isEmpty()) {
      refuse("metadata.namespace", namespace, LabelSyntax.subdomainProblem(namespace));
    }
    PodSpec spec = pod.getSpec();
    if (spec.getContainersCount() == 0) {
      throw new ManifestException("spec.containers: Required value");
    }
    if (!Set.of("", "Always", "OnFailure", "Never").contains(spec.getRestartPolicy())) {
      throw new ManifestException(
          "spec.restartPolicy: Unsupported value: \"%s\": supported values: \"Always\", \"Never\","
                  .formatted(spec.getRestartPolicy())
              + " \"OnFailure\"");
    }
    Set<String> names = new HashSet<>();
    checkContainers(spec.getInitContainersList(), "spec.initContainers", names);
    checkContainers(spec.getContainersList(), "spec.containers", names);
    reference(spec);
  }

  private static void checkContainers(List<Container> containers, String path, Set<String> names)
      throws ManifestException {
    for (int i = 0; i < containers.size(); i++) {
      Container container = containers.get(i);
      String at = "%s[%d]".formatted(path, i);
      if (container.getName().isEmpty()) {
        throw new ManifestException(at + ".name: Required value");
      }
      refuse(at + ".name", container.getName(), LabelSyntax.subdomainProblem(container.getName()));
      if (!names.add(container.getName())) {
        throw new ManifestException(
            "%s.name: Duplicate value: \"%s\"".formatted(at, container.getName()));
      }
      if (container.getImage().isEmpty()) {
        throw new ManifestException(at + ".image: Required value");
      }
      for (int j = 0; j < container.getEnvFromCount(); j++) {
        var from = container.getEnvFrom(j);
        forbid(at + ".envFrom[%d]".formatted(j), "secrets", from.hasSecretRef());
        forbid(at + ".envFrom[%d]".formatted(j), "configmaps", from.hasConfigMapRef());
      }
      for (int j = 0; j < container.getEnvCount(); j++) {
        var from = container.getEnv(j).getValueFrom();
        forbid(at + ".env[%d]".formatted(j), "secrets", from.hasSecretKeyRef());
        forbid(at + ".env[%d]".formatted(j), "configmaps", from.hasConfigMapKeyRef());
      }
    }
  }

  private static void refuse(String path, String value, Optional<String> problem)
      throws ManifestException {
    if (problem.isPresent()) {
      throw new ManifestException(
          "%s: Invalid value: \"%s\": %s".formatted(path, value, problem.get()));
    }
  }

  private static void reference(PodSpec spec) throws ManifestException {
    forbid("spec.serviceAccountName", "serviceaccounts", !spec.getServiceAccountName().isEmpty());
    forbid("spec.serviceAccount", "serviceaccounts", !spec.getServiceAccount().isEmpty());
    forbid("spec.imagePullSecrets", "secrets", spec.getImagePullSecretsCount() > 0);
    forbid("spec.resourceClaims", "resourceclaims", spec.getResourceClaimsCount() > 0);
    for (int i = 0; i < spec.getVolumesCount(); i++) {
      String at = "spec.volumes[%d]".formatted(i);
      Volume volume = spec.getVolumes(i);
      var source = volume.getVolumeSource();
      forbid(at, "configmaps (via configmap volumes)", source.hasConfigMap());
      forbid(at, "secrets (via secret volumes)", source.hasSecret());
      forbid(at, "csidrivers (via CSI volumes)", source.hasCsi());
      forbid(at, "persistentvolumeclaims", source.hasPersistentVolumeClaim());
      forbid(at, "persistentvolumeclaims (via ephemeral volumes)", source.hasEphemeral());
      for (VolumeProjection part : source.getProjected().getSourcesList()) {
        forbid(at, "configmaps (via projected volumes)", part.hasConfigMap());
        forbid(at, "secrets (via projected volumes)", part.hasSecret());
        forbid(at, "serviceaccounts (via projected volumes)", part.hasServiceAccountToken());
        forbid(at, "clustertrustbundles", part.hasClusterTrustBundle());
      }
    }
  }

  private static void forbid(String path, String what, boolean there) throws ManifestException {
    if (there) {
      throw new ManifestException(
          "%s: Forbidden: static pods may not reference %s".formatted(path, what));
    }
  }
}
