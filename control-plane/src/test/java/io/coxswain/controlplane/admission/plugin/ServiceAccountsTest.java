package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.LocalObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeMount;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ServiceAccountsTest {

  private static final String FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

  private final ServiceAccounts plugin = new ServiceAccounts(new SplittableRandom(1));
  private final FakeObjects objects = new FakeObjects();

  private static Pod pod(String spec) {
    return Requests.object(
        Pod.class, "metadata: {name: web, namespace: shop}\nspec:\n" + spec.indent(2));
  }

  private void account(String name, String rest) {
    var _ =
        objects.with(
            Requests.object(
                ServiceAccount.class, "metadata: {name: " + name + ", namespace: shop}\n" + rest));
  }

  private Pod admitted(Pod pod) {
    return (Pod) plugin.mutate(Requests.create(pod), objects);
  }

  @Test
  void everyContainerGetsWhatItNeedsToReachTheApi() {
    account("default", "imagePullSecrets: [{name: registry}]");
    Pod pod =
        admitted(
            pod(
                """
                initContainers: [{name: i, image: i}]
                containers: [{name: c, image: i}, {name: d, image: i}]
                """));
    assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("default");
    assertThat(pod.getSpec().getImagePullSecretsList())
        .extracting(LocalObjectReference::getName)
        .containsExactly("registry");
    Volume volume = pod.getSpec().getVolumes(0);
    assertThat(volume.getName()).matches("kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}");
    var sources = volume.getVolumeSource().getProjected();
    assertThat(sources.getDefaultMode()).isEqualTo(0644);
    assertThat(sources.getSources(0).getServiceAccountToken().getExpirationSeconds())
        .isEqualTo(3607);
    assertThat(sources.getSources(1).getConfigMap().getLocalObjectReference().getName())
        .isEqualTo("kube-root-ca.crt");
    assertThat(sources.getSources(2).getDownwardAPI().getItems(0).getPath()).isEqualTo("namespace");
    assertThat(
            Stream.concat(
                    pod.getSpec().getInitContainersList().stream(),
                    pod.getSpec().getContainersList().stream())
                .map(Container::getVolumeMountsList))
        .allSatisfy(mounts ->
            assertThat(mounts)
                .containsExactly(
                    VolumeMount.newBuilder()
                        .setName(volume.getName())
                        .setMountPath(FOLDER)
                        .setReadOnly(true)
                        .build()));
  }

  @Test
  void whoBringsTheirOwnKeepsIt() {
    account("default", "imagePullSecrets: [{name: registry}]");
    Pod pod =
        admitted(
            pod(
                """
                imagePullSecrets: [{name: mine}]
                volumes: [{name: v, emptyDir: {}}]
                containers:
                - {name: c, image: i, volumeMounts: [{name: v, mountPath: %s}]}
                """
                    .formatted(FOLDER)));
    assertThat(pod.getSpec().getVolumesList()).extracting(Volume::getName).containsExactly("v");
    assertThat(pod.getSpec().getImagePullSecrets(0).getName()).isEqualTo("mine");
  }

  record Automount(String account, String pod, boolean mounted) {}

  static Stream<Automount> automounts() {
    return Stream.of(
        new Automount("", "", true),
        new Automount("automountServiceAccountToken: false", "", false),
        new Automount("automountServiceAccountToken: true", "", true),
        new Automount("", "automountServiceAccountToken: true\n", true),
        new Automount("", "automountServiceAccountToken: false\n", false),
        new Automount(
            "automountServiceAccountToken: true", "automountServiceAccountToken: true\n", true),
        new Automount(
            "automountServiceAccountToken: false", "automountServiceAccountToken: false\n", false),
        new Automount(
            "automountServiceAccountToken: false", "automountServiceAccountToken: true\n", true),
        new Automount(
            "automountServiceAccountToken: true", "automountServiceAccountToken: false\n", false));
  }

  @ParameterizedTest
  @MethodSource("automounts")
  void thePodsWordCountsBeforeTheAccounts(Automount one) {
    account("robot", one.account());
    Pod pod =
        admitted(pod(one.pod() + "serviceAccountName: robot\ncontainers: [{name: c, image: i}]"));
    assertThat(pod.getSpec().getVolumesCount()).isEqualTo(one.mounted() ? 1 : 0);
  }

  @Test
  void anAccountHasToBeThere() {
    assertThatThrownBy(() -> admitted(pod("serviceAccountName: ghost\ncontainers: []")))
        .hasMessage(
            "pods \"web\" is forbidden: error looking up service account shop/ghost:"
                + " serviceaccount \"ghost\" not found");
    assertThat(objects.waits).isZero();
    assertThatThrownBy(() -> admitted(pod("containers: []")))
        .hasMessageEndingWith("serviceaccount \"default\" not found");
    assertThat(objects.waits).isEqualTo(1);
  }

  record Refused(String spec, String why) {}

  static Stream<Refused> secrets() {
    String end = " is not allowed because service account robot does not reference that ";
    return Stream.of(
        new Refused(
            "volumes: [{name: v, secret: {secretName: s}}]",
            "volume with secret.secretName=\"s\"" + end + "secret"),
        new Refused(
            "containers: [{name: c, image: i, envFrom: [{secretRef: {name: s}}]}]",
            "container c with envFrom referencing secret.secretName=\"s\"" + end + "secret"),
        new Refused(
            "initContainers: [{name: c, image: i, env: [{name: A, valueFrom: {secretKeyRef:"
                + " {name: s, key: k}}}]}]",
            "init container c with envVar A referencing secret.secretName=\"s\"" + end + "secret"),
        new Refused(
            "imagePullSecrets: [{name: mine}, {name: s}]",
            "imagePullSecrets[1].name=\"s\"" + end + "imagePullSecret"));
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void anAccountMayConfineItsPodsToItsOwnSecrets(Refused refused) {
    String rest =
        """
        metadata:
          name: robot
          namespace: shop
          annotations: {kubernetes.io/enforce-mountable-secrets: "true"}
        secrets: [{name: mine}]
        imagePullSecrets: [{name: mine}]
        """;
    var _ = objects.with(Requests.object(ServiceAccount.class, rest));
    assertThatThrownBy(() -> admitted(pod("serviceAccountName: robot\n" + refused.spec())))
        .hasMessage("pods \"web\" is forbidden: " + refused.why());
    String fine =
        refused
            .spec()
            .replace("name: s,", "name: mine,")
            .replace("name: s}", "name: mine}")
            .replace("secretName: s", "secretName: mine");
    assertThat(admitted(pod("serviceAccountName: robot\n" + fine))).isNotNull();
  }

  @Test
  void aMirrorPodIsNobody() {
    String meta =
        "metadata: {name: web, namespace: shop, annotations: {kubernetes.io/config.mirror: x}}\n";
    Pod plain =
        Requests.object(
            Pod.class, meta + "spec: {nodeName: n1, containers: [{name: c, image: i}]}");
    assertThat(admitted(plain)).isEqualTo(plain);
    assertThatThrownBy(() ->
            admitted(
                Requests.object(
                    Pod.class, meta + "spec: {volumes: [{name: v, secret: {secretName: s}}]}")))
        .hasMessageContaining("a mirror pod may not reference secrets");
  }

  @Test
  void aChangeOfAPodIsLeftAlone() {
    Pod pod = pod("containers: [{name: c, image: i}]");
    assertThat(plugin.mutate(Requests.update(pod, pod), objects)).isEqualTo(pod);
    plugin.validate(Requests.request(pod, Optional.of(pod), ""), objects);
  }
}
