package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Quantities;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodResourcesTest {

  private static Container container(String requests, String limits) {
    ResourceRequirements.Builder resources = ResourceRequirements.newBuilder();
    for (String pair : requests.isBlank() ? new String[0] : requests.split(" ", -1)) {
      resources.putRequests(
          pair.substring(0, pair.indexOf('=')),
          Quantities.of(pair.substring(pair.indexOf('=') + 1)));
    }
    for (String pair : limits.isBlank() ? new String[0] : limits.split(" ", -1)) {
      resources.putLimits(
          pair.substring(0, pair.indexOf('=')),
          Quantities.of(pair.substring(pair.indexOf('=') + 1)));
    }
    return Container.newBuilder().setResources(resources).build();
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', BEST_EFFORT, 2, -1, -1",
    "cpu=0, '', BEST_EFFORT, 2, -1, -1",
    "cpu=250m, '', BURSTABLE, 256, -1, -1",
    "'', cpu=1 memory=1Gi, GUARANTEED, 1024, 100000, 1073741824",
    "cpu=1 memory=1Gi, cpu=1000m memory=1024Mi, GUARANTEED, 1024, 100000, 1073741824",
    "cpu=500m memory=1Gi, cpu=1 memory=1Gi, BURSTABLE, 512, 100000, 1073741824",
    "'', cpu=1m, BURSTABLE, 2, 1000, -1"
  })
  void oneContainer(
      String requests, String limits, PodResources.Qos qos, long shares, long quota, long memory) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getSpecBuilder().addContainers(container(requests, limits));
    assertThat(PodResources.qos(pod.build())).isEqualTo(qos);
    assertThat(PodResources.of(pod.build().getSpec()))
        .isEqualTo(new PodResources(shares, quota, memory));
  }

  @Test
  void aPodIsLimitedOnlyIfAllItsContainersAre() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getSpecBuilder()
        .addContainers(container("", "cpu=1 memory=1Gi"))
        .addContainers(container("", "memory=1Gi"));
    assertThat(PodResources.of(pod.build().getSpec()))
        .isEqualTo(new PodResources(1024, -1, 2L << 30));
  }

  @Test
  void theGreediestInitContainerCounts() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getSpecBuilder()
        .addInitContainers(container("", "cpu=2 memory=3Gi"))
        .addContainers(container("", "cpu=1 memory=1Gi"));
    assertThat(PodResources.of(pod.build().getSpec()))
        .isEqualTo(new PodResources(2048, 200_000, 3L << 30));
  }

  @Test
  void whatIsSaidForThePodCountsInsteadOfItsContainers() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getSpecBuilder()
        .setResources(container("cpu=500m", "memory=2Gi").getResources())
        .addContainers(container("cpu=100m", "cpu=1"))
        .addContainers(container("", ""))
        .putOverhead("cpu", Quantities.of("250m"));
    assertThat(PodResources.qos(pod.build())).isEqualTo(PodResources.Qos.BURSTABLE);
    assertThat(PodResources.of(pod.build().getSpec()))
        .isEqualTo(new PodResources(768, -1, 2L << 30));
    Container silent = pod.getSpec().getContainers(1);
    assertThat(PodResources.of(Granted.of(pod.build().getSpec(), silent)))
        .as("the pod's limit is its, too")
        .isEqualTo(new PodResources(2, -1, 2L << 30));
    assertThat(PodTotals.requests(pod.build().getSpec()))
        .isEqualTo(Map.of("cpu", Quantities.of("750m")));
  }
}
