package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.node.v1.RuntimeClass;
import io.coxswain.api.storage.v1.StorageClass;
import org.junit.jupiter.api.Test;

/// What classes of runtimes and storage add.
final class ClassesTest {

  private final FakeObjects objects = new FakeObjects();
  private final RuntimeClasses runtimes = new RuntimeClasses();

  private static Pod pod(String spec) {
    return Requests.object(
        Pod.class,
        "metadata: {name: web, namespace: shop}\nspec: {containers: [{name: c, image: i}], "
            + spec
            + "}");
  }

  private Pod admitted(Pod pod) {
    AdmissionRequest request = Requests.create(pod);
    Pod changed = (Pod) runtimes.mutate(request, objects);
    runtimes.validate(request.with(changed), objects);
    return changed;
  }

  @Test
  void aRuntimeClassSaysWhatItsPodsCostAndWhereTheyCanBe() {
    var _ =
        objects.with(
            Requests.object(
                RuntimeClass.class,
                """
                metadata: {name: sandboxed}
                handler: runsc
                overhead: {podFixed: {cpu: 250m}}
                scheduling:
                  nodeSelector: {sandbox: "true"}
                  tolerations: [{key: sandbox, operator: Exists}]
                """));
    Pod pod = admitted(pod("runtimeClassName: sandboxed, nodeSelector: {zone: a}"));
    assertThat(pod.getSpec().getOverheadMap().get("cpu")).hasToString("string: \"250m\"\n");
    assertThat(pod.getSpec().getNodeSelectorMap())
        .containsEntry("sandbox", "true")
        .containsEntry("zone", "a");
    assertThat(pod.getSpec().getTolerationsList()).anyMatch(one -> one.getKey().equals("sandbox"));
    assertThatThrownBy(
            () -> admitted(pod("runtimeClassName: sandboxed, nodeSelector: {sandbox: \"no\"}")))
        .hasMessageContaining("conflict: runtimeClass.scheduling.nodeSelector[sandbox] = true");
    assertThatThrownBy(() -> admitted(pod("runtimeClassName: sandboxed, overhead: {cpu: 1}")))
        .hasMessageContaining("Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }

  @Test
  void aRuntimeClassHasToBeThere() {
    assertThatThrownBy(() -> admitted(pod("runtimeClassName: ghost")))
        .hasMessage("pods \"web\" is forbidden: pod rejected: RuntimeClass \"ghost\" not found");
    assertThatThrownBy(() -> admitted(pod("overhead: {cpu: 1}")))
        .hasMessageContaining("Pod Overhead set without corresponding RuntimeClass");
    assertThat(admitted(pod("hostPID: false"))).isNotNull();
  }

  @Test
  void theNewestDefaultClassIsTaken() {
    for (int i = 1; i <= 3; i++) {
      var _ =
          objects.with(
              Requests.object(
                  StorageClass.class,
                  """
                  metadata:
                    name: c%d
                    creationTimestamp: 2026-01-0%dT00:00:00Z
                    annotations: {storageclass.kubernetes.io/is-default-class: "%s"}
                  provisioner: p
                  """
                      .formatted(i, i, i < 3)));
    }
    String meta = "metadata: {name: c, namespace: shop}\n";
    PersistentVolumeClaim silent = Requests.object(PersistentVolumeClaim.class, meta + "spec: {}");
    PersistentVolumeClaim none =
        Requests.object(PersistentVolumeClaim.class, meta + "spec: {storageClassName: \"\"}");
    DefaultStorageClass plugin = new DefaultStorageClass();
    assertThat(
            ((PersistentVolumeClaim) plugin.mutate(Requests.create(silent), objects))
                .getSpec()
                .getStorageClassName())
        .isEqualTo("c2");
    assertThat(plugin.mutate(Requests.create(none), objects)).isEqualTo(none);
    assertThat(plugin.mutate(Requests.create(silent), new FakeObjects())).isEqualTo(silent);
  }

  private static PersistentVolumeClaim sized(String size, String phase) {
    return Requests.object(
        PersistentVolumeClaim.class,
        """
        metadata: {name: c, namespace: shop}
        spec: {storageClassName: grows, resources: {requests: {storage: %s}}}
        status: {phase: %s}
        """
            .formatted(size, phase));
  }

  @Test
  void aClaimGrowsWhereItsClassSaysSo() {
    ClaimResizes plugin = new ClaimResizes();
    AdmissionRequest more = Requests.update(sized("1Gi", "Bound"), sized("2Gi", "Bound"));
    assertThatThrownBy(() -> plugin.validate(more, objects))
        .hasMessage(
            "persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    var _ =
        objects.with(
            Requests.object(
                StorageClass.class,
                "{metadata: {name: grows}, provisioner: p, allowVolumeExpansion: true}"));
    plugin.validate(more, objects);
    assertThatThrownBy(() ->
            plugin.validate(
                Requests.update(sized("1Gi", "Pending"), sized("2Gi", "Pending")), objects))
        .hasMessageContaining("Only bound persistent volume claims can be expanded");
  }

  @Test
  void newClaimsAndVolumesAreProtected() {
    StorageInUse plugin = new StorageInUse();
    PersistentVolumeClaim claim = sized("1Gi", "Pending");
    PersistentVolumeClaim made =
        (PersistentVolumeClaim) plugin.mutate(Requests.create(claim), objects);
    assertThat(made.getMetadata().getFinalizersList())
        .containsExactly("kubernetes.io/pvc-protection");
    assertThat(plugin.mutate(Requests.create(made), objects)).isEqualTo(made);
    assertThat(plugin.mutate(Requests.update(claim, claim), objects)).isEqualTo(claim);
  }
}
