package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.LimitRange;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.YamlCodec;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LimitRangesTest {

  private final LimitRanges plugin = new LimitRanges();
  private final FakeObjects objects = new FakeObjects();

  private void range(String limits) {
    var _ =
        objects.with(
            Requests.object(
                LimitRange.class,
                "metadata: {name: l, namespace: shop}\nspec: {limits: [" + limits + "]}"));
  }

  private static Pod pod(String... containers) {
    return Requests.object(
        Pod.class,
        "metadata: {name: web, namespace: shop}\nspec: {containers: ["
            + String.join(", ", containers)
            + "]}");
  }

  private static String container(String resources) {
    return "{name: c, image: i, resources: {" + resources + "}}";
  }

  @Test
  void containersThatSayNothingGetWhatTheRangeProvides() {
    range("{type: Container, default: {cpu: 500m, memory: 64Mi}, defaultRequest: {cpu: 100m}}");
    Pod pod =
        (Pod)
            plugin.mutate(
                Requests.create(pod(container(""), container("limits: {cpu: 2}"))), objects);
    assertThat(YamlCodec.write(pod.getSpec().getContainers(0).getResources()))
        .isEqualToIgnoringWhitespace(
            "limits: {cpu: 500m, memory: 64Mi} requests: {cpu: 100m, memory: 64Mi}"
                .replaceAll("[{},]", " "));
    assertThat(pod.getSpec().getContainers(1).getResources().getLimitsMap().get("cpu"))
        .hasToString("string: \"2\"\n");
    assertThat(pod.getMetadata().getAnnotationsMap())
        .containsEntry(
            "kubernetes.io/limit-ranger",
            "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for"
                + " container c; memory request for container c; memory limit for container c");
  }

  record Refused(String limits, String resources, String why) {}

  static Stream<Refused> refused() {
    String max = "{type: Container, max: {cpu: 1}}";
    String min = "{type: Container, min: {cpu: 100m}}";
    String ratio = "{type: Container, maxLimitRequestRatio: {memory: 2}}";
    String pod = "{type: Pod, max: {memory: 1Gi}}";
    return Stream.of(
        new Refused(max, "", "maximum cpu usage per Container is 1.  No limit is specified"),
        new Refused(
            max,
            "limits: {cpu: 1500m}",
            "maximum cpu usage per Container is 1, but limit is 1500m"),
        new Refused(min, "", "minimum cpu usage per Container is 100m.  No request is specified"),
        new Refused(
            min,
            "requests: {cpu: 50m}",
            "minimum cpu usage per Container is 100m, but request is 50m"),
        new Refused(
            ratio,
            "requests: {memory: 1Gi}, limits: {memory: 3Gi}",
            "memory max limit to request ratio per Container is 2, but provided ratio is 3.000000"),
        new Refused(
            ratio,
            "limits: {cpu: 1}",
            "memory max limit to request ratio per Container is 2, but no request is specified or"
                + " request is 0"),
        new Refused(
            pod, "limits: {memory: 2Gi}", "maximum memory usage per Pod is 1Gi, but limit is 2Gi"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsOutOfBoundsIsRefused(Refused one) {
    range(one.limits());
    Pod pod = pod(container(one.resources()));
    assertThatThrownBy(() -> plugin.validate(Requests.create(pod), objects))
        .hasMessage("pods \"web\" is forbidden: " + one.why());
    plugin.validate(Requests.update(pod, pod), objects);
  }

  @Test
  void aPodIsTheSumOfItsContainersAndAllFaultsAreTold() {
    range("{type: Pod, max: {cpu: 1, memory: 1Gi}}");
    String half = container("limits: {cpu: 600m, memory: 600Mi}");
    plugin.validate(Requests.create(pod(half)), objects);
    assertThatThrownBy(() -> plugin.validate(Requests.create(pod(half, half)), objects))
        .hasMessage(
            "pods \"web\" is forbidden: [maximum cpu usage per Pod is 1, but limit is 1200m,"
                + " maximum memory usage per Pod is 1Gi, but limit is 1200Mi]");
  }

  @Test
  void claimsAreBoundedToo() {
    range("{type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {storage: 2Gi}}");
    for (String size : new String[] {"500Mi", "3Gi"}) {
      PersistentVolumeClaim claim =
          Requests.object(
              PersistentVolumeClaim.class,
              "metadata: {name: c, namespace: shop}\nspec: {resources: {requests: {storage: "
                  + size
                  + "}}}");
      assertThatThrownBy(() -> plugin.validate(Requests.create(claim), objects))
          .hasMessageContaining("storage usage per PersistentVolumeClaim is")
          .hasMessageEndingWith("but request is " + size);
    }
  }
}
