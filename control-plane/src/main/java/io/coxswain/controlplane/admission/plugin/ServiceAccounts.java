package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMapProjection;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.DownwardAPIProjection;
import io.coxswain.api.core.v1.DownwardAPIVolumeFile;
import io.coxswain.api.core.v1.KeyToPath;
import io.coxswain.api.core.v1.LocalObjectReference;
import io.coxswain.api.core.v1.ObjectFieldSelector;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ProjectedVolumeSource;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.core.v1.ServiceAccountTokenProjection;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.core.v1.VolumeProjection;
import io.coxswain.api.core.v1.VolumeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Pods run as a service account of their namespace that is there, with its pull secrets, and with
/// what they need to reach the API in `/var/run/secrets/kubernetes.io/serviceaccount`.
final class ServiceAccounts implements AdmissionPlugin {

  private static final String MIRROR = "kubernetes.io/config.mirror";
  private static final String DEFAULT = "default";
  private static final String VOLUME = "kube-api-access-";
  private static final String FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

  /// A controller makes the account of a new namespace: who is faster waits a little.
  private static final Duration DEFAULT_MADE = Duration.ofMillis(1500);

  /// An hour and 7 s, by which this volume's tokens are known from others.
  private static final long TOKEN_SECONDS = 3607;

  private static final ProjectedVolumeSource ACCESS =
      ProjectedVolumeSource.newBuilder()
          .setDefaultMode(0644)
          .addSources(
              VolumeProjection.newBuilder()
                  .setServiceAccountToken(
                      ServiceAccountTokenProjection.newBuilder()
                          .setPath("token")
                          .setExpirationSeconds(TOKEN_SECONDS)))
          .addSources(
              VolumeProjection.newBuilder()
                  .setConfigMap(
                      ConfigMapProjection.newBuilder()
                          .setLocalObjectReference(
                              LocalObjectReference.newBuilder().setName("kube-root-ca.crt"))
                          .addItems(KeyToPath.newBuilder().setKey("ca.crt").setPath("ca.crt"))))
          .addSources(
              VolumeProjection.newBuilder()
                  .setDownwardAPI(
                      DownwardAPIProjection.newBuilder()
                          .addItems(
                              DownwardAPIVolumeFile.newBuilder()
                                  .setPath("namespace")
                                  .setFieldRef(
                                      ObjectFieldSelector.newBuilder()
                                          .setApiVersion("v1")
                                          .setFieldPath("metadata.namespace")))))
          .build();

  private final RandomGenerator random;

  ServiceAccounts(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public Set<String> kinds() {
    return Set.of("pods");
  }

  @Override
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    if (!request.creates() || !request.subresource().isEmpty()) {
      return request.object();
    }
    Pod pod = (Pod) request.object();
    if (pod.getMetadata().containsAnnotations(MIRROR)) {
      refuseReferences(request, pod);
      return pod;
    }
    Pod.Builder changed = pod.toBuilder();
    PodSpec.Builder spec = changed.getSpecBuilder();
    if (spec.getServiceAccountName().isEmpty()) {
      spec.setServiceAccountName(DEFAULT).setServiceAccount(DEFAULT);
    }
    ServiceAccount account = account(request, spec.getServiceAccountName(), objects);
    if (mounts(account, spec)) {
      mount(spec);
    }
    if (spec.getImagePullSecretsCount() == 0) {
      spec.addAllImagePullSecrets(account.getImagePullSecretsList());
    }
    SecretLimits.onPod(account, spec)
        .ifPresent(why -> {
          throw request.forbidden(why);
        });
    return changed.build();
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    if (request.subresource().equals("ephemeralcontainers")) {
      PodSpec spec = ((Pod) request.object()).getSpec();
      ServiceAccount account = account(request, spec.getServiceAccountName(), objects);
      SecretLimits.onEphemeral(account, spec)
          .ifPresent(why -> {
            throw request.forbidden(why);
          });
    }
  }

  private static ServiceAccount account(
      AdmissionRequest request, String name, StoredObjects objects) {
    String namespace = request.namespace();
    Optional<ServiceAccount> found = objects.find(ServiceAccount.class, namespace, name);
    if (found.isEmpty()) {
      found =
          name.equals(DEFAULT)
              ? objects.await(ServiceAccount.class, namespace, name, DEFAULT_MADE)
              : objects.latest(ServiceAccount.class, namespace, name);
    }
    return found.orElseThrow(() ->
        request.forbidden(
            "error looking up service account %s/%s: serviceaccount \"%s\" not found"
                .formatted(namespace, name, name)));
  }

  /// The pod's word counts before the account's.
  private static boolean mounts(ServiceAccount account, PodSpec.Builder spec) {
    if (spec.hasAutomountServiceAccountToken()) {
      return spec.getAutomountServiceAccountToken();
    }
    return !account.hasAutomountServiceAccountToken() || account.getAutomountServiceAccountToken();
  }

  private void mount(PodSpec.Builder spec) {
    Optional<String> present =
        spec.getVolumesList().stream()
            .map(Volume::getName)
            .filter(name -> name.startsWith(VOLUME))
            .findFirst();
    String name = present.orElseGet(this::volumeName);
    VolumeMount mount =
        VolumeMount.newBuilder().setName(name).setReadOnly(true).setMountPath(FOLDER).build();
    boolean needed = false;
    for (Container.Builder container : spec.getInitContainersBuilderList()) {
      needed |= mount(container, mount);
    }
    for (Container.Builder container : spec.getContainersBuilderList()) {
      needed |= mount(container, mount);
    }
    if (needed && present.isEmpty()) {
      spec.addVolumes(
          Volume.newBuilder()
              .setName(name)
              .setVolumeSource(VolumeSource.newBuilder().setProjected(ACCESS)));
    }
  }

  /// @return whether the container uses the volume; one that mounts something else there does not
  private static boolean mount(Container.Builder container, VolumeMount mount) {
    for (VolumeMount other : container.getVolumeMountsList()) {
      if (other.getMountPath().equals(FOLDER)) {
        return false;
      }
    }
    container.addVolumeMounts(mount);
    return true;
  }

  private String volumeName() {
    StringBuilder name = new StringBuilder(VOLUME);
    for (int i = 0; i < 5; i++) {
      name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return name.toString();
  }

  /// A mirror pod only shows what a node runs by itself.
  private static void refuseReferences(AdmissionRequest request, Pod pod) {
    if (!pod.getSpec().getServiceAccountName().isEmpty()) {
      throw request.forbidden("a mirror pod may not reference service accounts");
    }
    if (SecretLimits.namesSecrets(pod.getSpec())) {
      throw request.forbidden("a mirror pod may not reference secrets");
    }
    boolean token =
        pod.getSpec().getVolumesList().stream()
            .flatMap(volume -> volume.getVolumeSource().getProjected().getSourcesList().stream())
            .anyMatch(VolumeProjection::hasServiceAccountToken);
    if (token) {
      throw request.forbidden("a mirror pod may not use ServiceAccountToken volume projections");
    }
  }
}
