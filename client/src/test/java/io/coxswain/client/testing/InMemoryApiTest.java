package io.coxswain.client.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Patch;
import io.coxswain.client.Resources;
import org.junit.jupiter.api.Test;

class InMemoryApiTest {

  private final InMemoryApi api = new InMemoryApi();
  private final ApiClient client = api.client();
  private final Resources<Pod> pods = client.resources(Pod.class);

  @Test
  void aBoundPodIsDeletedGracefullyAndGoesAtZero() {
    api.seed(bound("p"));
    pods.delete("default", "p", DeletePolicy.DEFAULT);
    Pod marked = pods.read("default", "p");
    assertThat(marked.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(30);
    pods.delete("default", "p", DeletePolicy.DEFAULT.withGraceSeconds(5));
    assertThat(pods.read("default", "p").getMetadata().getDeletionGracePeriodSeconds())
        .isEqualTo(5);
    pods.delete("default", "p", DeletePolicy.DEFAULT.withGraceSeconds(60));
    assertThat(pods.read("default", "p").getMetadata().getDeletionGracePeriodSeconds())
        .isEqualTo(5);
    pods.delete("default", "p", DeletePolicy.DEFAULT.withGraceSeconds(0));
    assertThat(pods.find("default", "p")).isEmpty();
  }

  @Test
  void aPodThatRunsNowhereGoesAtOnce() {
    Pod pod = pods.create(bound("p").toBuilder().setSpec(PodSpec.newBuilder()).build());
    assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
    pods.delete("default", "p", DeletePolicy.DEFAULT);
    assertThat(pods.find("default", "p")).isEmpty();
  }

  @Test
  void finalizersHoldAnObjectUntilTheLastIsGone() {
    Resources<ConfigMap> maps = client.resources(ConfigMap.class);
    ConfigMap held =
        maps.create(
            ConfigMap.newBuilder()
                .setMetadata(meta("m").addFinalizers("test/one").addFinalizers("test/two"))
                .build());
    maps.delete("default", "m", DeletePolicy.DEFAULT);
    ConfigMap marked = maps.read("default", "m");
    assertThat(marked.getMetadata().hasDeletionTimestamp()).isTrue();
    assertThatThrownBy(() ->
            maps.update(
                marked.toBuilder()
                    .setMetadata(marked.getMetadata().toBuilder().addFinalizers("test/three"))
                    .build()))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("no new finalizers");
    ConfigMap one = maps.update(without(marked, "test/one"));
    assertThat(maps.find("default", "m")).isPresent();
    ConfigMap ignored = maps.update(without(one, "test/two"));
    assertThat(maps.find("default", "m")).isEmpty();
    assertThat(held.getMetadata().getFinalizersCount()).isEqualTo(2);
  }

  @Test
  void volumesAndClaimsBeginAsPending() {
    ObjectMeta meta = ObjectMeta.newBuilder().setName("a").setNamespace("default").build();
    PersistentVolumeClaim claim =
        client
            .resources(PersistentVolumeClaim.class)
            .create(PersistentVolumeClaim.newBuilder().setMetadata(meta).build());
    PersistentVolume volume =
        client
            .resources(PersistentVolume.class)
            .create(PersistentVolume.newBuilder().setMetadata(meta).build());
    assertThat(claim.getStatus().getPhase()).isEqualTo("Pending");
    assertThat(volume.getStatus().getPhase()).isEqualTo("Pending");
    assertThat(volume.getStatus().getLastPhaseTransitionTime())
        .isEqualTo(volume.getMetadata().getCreationTimestamp());
  }

  @Test
  void aNamespaceTerminatesUntilItIsFinalized() {
    Resources<Namespace> namespaces = client.resources(Namespace.class);
    Namespace created =
        namespaces.create(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("shop")).build());
    assertThat(created.getStatus().getPhase()).isEqualTo("Active");
    namespaces.delete("", "shop", DeletePolicy.DEFAULT);
    Namespace ending = namespaces.read("", "shop");
    assertThat(ending.getStatus().getPhase()).isEqualTo("Terminating");
    Namespace.Builder done = ending.toBuilder();
    done.getSpecBuilder().clearFinalizers();
    Object ignored = namespaces.createSubresource("", "shop", "finalize", done.build());
    assertThat(namespaces.find("", "shop")).isEmpty();
  }

  @Test
  void anUpdateThatChangesNothingRaisesNoVersion() {
    Pod pod = api.seed(bound("p"));
    assertThat(pods.update(pod)).isEqualTo(pod);
  }

  @Test
  void patchesMerge() {
    api.seed(bound("p"));
    Pod patched =
        pods.patch(
            "default", "p", Patch.merge("{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":null}}}"));
    assertThat(patched.getMetadata().getLabelsMap()).containsEntry("a", "1").hasSize(1);
    Pod status =
        pods.patchStatus(
            "default",
            "p",
            Patch.strategic(
                "{\"status\":{\"phase\":\"Failed\",\"conditions\":[{\"type\":\"Ready\","
                    + "\"status\":\"False\"}]}}"));
    assertThat(status.getStatus().getPhase()).isEqualTo("Failed");
    Pod second =
        pods.patchStatus(
            "default",
            "p",
            Patch.strategic(
                "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"reason\":\"X\"},"
                    + "{\"type\":\"PodScheduled\",\"status\":\"True\"}]}}"));
    assertThat(second.getStatus().getConditionsList())
        .extracting(c -> c.getType() + c.getStatus() + c.getReason())
        .containsExactly("ReadyFalseX", "PodScheduledTrue");
  }

  private static Pod bound(String name) {
    return Pod.newBuilder()
        .setMetadata(meta(name).putLabels("b", "2"))
        .setSpec(
            PodSpec.newBuilder()
                .setNodeName("n1")
                .addContainers(Container.newBuilder().setName("c")))
        .setStatus(PodStatus.newBuilder().setPhase("Running"))
        .build();
  }

  private static ObjectMeta.Builder meta(String name) {
    return ObjectMeta.newBuilder().setNamespace("default").setName(name);
  }

  private static ConfigMap without(ConfigMap map, String finalizer) {
    ObjectMeta.Builder meta = map.getMetadata().toBuilder().clearFinalizers();
    map.getMetadata().getFinalizersList().stream()
        .filter(f -> !f.equals(finalizer))
        .forEach(meta::addFinalizers);
    return map.toBuilder().setMetadata(meta).build();
  }
}
