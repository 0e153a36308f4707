package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A pod on a node of two cpus and a gibibyte.
final class PodResizesTest {

  private final FakeObjects objects =
      new FakeObjects()
          .with(
              Requests.object(
                  Node.class,
                  "metadata: {name: n1}\nstatus: {allocatable: {cpu: 2, memory: 1Gi}}"));
  private final PodResizes resizes = new PodResizes();

  private static Pod pod(String node, int generation, String requests) {
    return Requests.object(
        Pod.class,
        "metadata: {name: web, namespace: shop, generation: %d}\nspec: {nodeName: %s, overhead: {cpu: 100m}, containers: [{name: c, image: i, resources: {requests: {%s}}}]}"
            .formatted(generation, node, requests));
  }

  private void resize(String node, String requests) {
    Pod before = pod(node, 1, "cpu: 1");
    resizes.validate(
        Requests.request(pod(node, 2, requests), Optional.of(before), "resize"), objects);
  }

  @Test
  void whatTheNodeCouldGiveIsLetThrough() {
    assertThatCode(() -> resize("n1", "cpu: 1900m, memory: 1Gi")).doesNotThrowAnyException();
    assertThatCode(() -> resize("''", "cpu: 99")).as("no node yet").doesNotThrowAnyException();
  }

  @Test
  void whatItNeverHasIsRefusedWithACauseForPrograms() {
    assertThatThrownBy(() -> resize("n1", "cpu: 2, memory: 2Gi"))
        .hasMessage(
            "pods \"web\" is forbidden: node didn't have enough allocatable resources: cpu,"
                + " requested: 2100, allocatable: 2000; memory, requested: 2147483648, allocatable:"
                + " 1073741824")
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal ->
                assertThat(((ApiError.Forbidden) refusal.error()).causes())
                    .extracting(ApiError.Cause::type)
                    .containsExactly("NodeCapacity"));
    assertThatThrownBy(() -> resize("ghost", "cpu: 1"))
        .hasMessageEndingWith("node \"ghost\" not found");
  }

  @Test
  void otherSystemsCannot() {
    var _ =
        objects.with(
            Requests.object(
                Node.class, "metadata: {name: w, labels: {kubernetes.io/os: windows}}"));
    assertThatThrownBy(() -> resize("w", "cpu: 1"))
        .hasMessageContaining(
            "pod resize is only supported on linux nodes, node \"w\" is \"windows\"");
  }

  @Test
  void whatChangesNothingIsNotAskedAbout() {
    Pod same = pod("ghost", 1, "cpu: 1");
    assertThatCode(
            () -> resizes.validate(Requests.request(same, Optional.of(same), "resize"), objects))
        .doesNotThrowAnyException();
    assertThatCode(
            () -> resizes.validate(Requests.update(same, pod("ghost", 2, "cpu: 1")), objects))
        .as("an update of the pod itself")
        .doesNotThrowAnyException();
  }
}
