package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EnvFromSource;
import io.coxswain.api.core.v1.EnvVar;
import io.coxswain.api.core.v1.LocalObjectReference;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.core.v1.Volume;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which secrets the pods of an account may name, where its annotation
/// `kubernetes.io/enforce-mountable-secrets` says that they may only name its own. Pure.
final class SecretLimits {

  private static final String ENFORCED = "kubernetes.io/enforce-mountable-secrets";

  private SecretLimits() {}

  /// Why the pod may not be; nothing when it may.
  static Optional<String> onPod(ServiceAccount account, PodSpec.Builder spec) {
    if (!isEnforced(account)) {
      return Optional.empty();
    }
    String end =
        " is not allowed because service account "
            + account.getMetadata().getName()
            + " does not reference that ";
    Set<String> allowed = own(account);
    Stream<String> volumes =
        spec.getVolumesList().stream()
            .filter(volume -> volume.getVolumeSource().hasSecret())
            .map(volume -> volume.getVolumeSource().getSecret().getSecretName())
            .filter(name -> !allowed.contains(name))
            .map(name -> "volume with secret.secretName=\"" + name + "\"" + end + "secret");
    Stream<String> containers =
        Stream.concat(
                containers("init container", spec.getInitContainersList(), allowed),
                containers("container", spec.getContainersList(), allowed))
            .map(why -> why + end + "secret");
    Set<String> pulls =
        account.getImagePullSecretsList().stream()
            .map(LocalObjectReference::getName)
            .collect(Collectors.toSet());
    Stream<String> images =
        Stream.iterate(0, i -> i < spec.getImagePullSecretsCount(), i -> i + 1)
            .filter(i -> !pulls.contains(spec.getImagePullSecrets(i).getName()))
            .map(i ->
                "imagePullSecrets[%d].name=\"%s\""
                        .formatted(i, spec.getImagePullSecrets(i).getName())
                    + end
                    + "imagePullSecret");
    return Stream.of(volumes, containers, images).flatMap(each -> each).findFirst();
  }

  /// As [#onPod], of containers that are put into a running pod.
  static Optional<String> onEphemeral(ServiceAccount account, PodSpec spec) {
    if (!isEnforced(account)) {
      return Optional.empty();
    }
    Set<String> allowed = own(account);
    return spec.getEphemeralContainersList().stream()
        .map(container -> container.getEphemeralContainerCommon())
        .flatMap(container ->
            references(
                "ephemeral container",
                container.getName(),
                container.getEnvList(),
                container.getEnvFromList(),
                allowed))
        .map(why ->
            why
                + " is not allowed because service account "
                + account.getMetadata().getName()
                + " does not reference that secret")
        .findFirst();
  }

  private static boolean isEnforced(ServiceAccount account) {
    return Boolean.parseBoolean(account.getMetadata().getAnnotationsOrDefault(ENFORCED, ""));
  }

  private static Set<String> own(ServiceAccount account) {
    return account.getSecretsList().stream()
        .map(ObjectReference::getName)
        .collect(Collectors.toSet());
  }

  private static Stream<String> containers(
      String kind, List<Container> containers, Set<String> allowed) {
    return containers.stream()
        .flatMap(one ->
            references(kind, one.getName(), one.getEnvList(), one.getEnvFromList(), allowed));
  }

  private static Stream<String> references(
      String kind, String name, List<EnvVar> one, List<EnvFromSource> all, Set<String> allowed) {
    Stream<String> single =
        one.stream()
            .filter(variable -> variable.getValueFrom().hasSecretKeyRef())
            .filter(variable -> !allowed.contains(secret(variable)))
            .map(variable ->
                "%s %s with envVar %s referencing secret.secretName=\"%s\""
                    .formatted(kind, name, variable.getName(), secret(variable)));
    Stream<String> whole =
        all.stream()
            .filter(EnvFromSource::hasSecretRef)
            .map(source -> source.getSecretRef().getLocalObjectReference().getName())
            .filter(secret -> !allowed.contains(secret))
            .map(secret ->
                "%s %s with envFrom referencing secret.secretName=\"%s\""
                    .formatted(kind, name, secret));
    return Stream.concat(single, whole);
  }

  private static String secret(EnvVar variable) {
    return variable.getValueFrom().getSecretKeyRef().getLocalObjectReference().getName();
  }

  static boolean namesSecrets(PodSpec spec) {
    return spec.getImagePullSecretsCount() > 0
        || spec.getVolumesList().stream().anyMatch(SecretLimits::namesSecret)
        || Stream.concat(spec.getContainersList().stream(), spec.getInitContainersList().stream())
            .anyMatch(container ->
                container.getEnvList().stream()
                        .anyMatch(variable -> variable.getValueFrom().hasSecretKeyRef())
                    || container.getEnvFromList().stream().anyMatch(EnvFromSource::hasSecretRef));
  }

  private static boolean namesSecret(Volume volume) {
    return volume.getVolumeSource().hasSecret()
        || volume.getVolumeSource().getProjected().getSourcesList().stream()
            .anyMatch(source -> source.hasSecret());
  }
}
