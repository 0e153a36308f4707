package io.coxswain.controlplane.controller.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.controlplane.controller.endpoint.DesiredEndpoints.Group;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlicePlanTest {

  private static final ObjectMeta FRESH =
      ObjectMeta.newBuilder().setGenerateName("web-").putLabels("a", "b").build();
  private static final Group HTTP =
      new Group("IPv4", List.of(EndpointPort.newBuilder().setPort(80).setProtocol("TCP").build()));

  private final Map<String, EndpointSlice> stored = new LinkedHashMap<>();
  private int names;

  @Test
  void aServiceWithoutPodsHasOneEmptySlice() {
    SlicePlan plan = plan(Map.of(new Group("IPv4", List.of()), List.of()));
    apply(plan);

    assertThat(stored.values()).singleElement().matches(s -> s.getEndpointsCount() == 0);
    assertThat(plan(Map.of(new Group("IPv4", List.of()), List.of())))
        .isEqualTo(new SlicePlan(List.of(), List.of(), List.of()));
  }

  @Test
  void manyPodsFillSlicesOfAHundred() {
    apply(plan(Map.of(HTTP, endpoints(250))));

    assertThat(stored.values())
        .extracting(EndpointSlice::getEndpointsCount)
        .containsExactlyInAnyOrder(100, 100, 50);
  }

  @Test
  void oneChangeWritesOneSlice() {
    List<Endpoint> endpoints = new ArrayList<>(endpoints(250));
    apply(plan(Map.of(HTTP, endpoints)));
    endpoints.set(
        120,
        endpoints.get(120).toBuilder()
            .setConditions(EndpointConditions.newBuilder().setReady(false))
            .build());

    SlicePlan plan = plan(Map.of(HTTP, endpoints));

    assertThat(plan.update()).hasSize(1);
    assertThat(plan.create()).isEmpty();
    assertThat(plan.delete()).isEmpty();
  }

  @Test
  void whatComesTakesThePlaceOfWhatGoes() {
    List<Endpoint> endpoints = new ArrayList<>(endpoints(250));
    apply(plan(Map.of(HTTP, endpoints)));
    endpoints.remove(10);
    endpoints.add(endpoint(999));

    SlicePlan plan = plan(Map.of(HTTP, endpoints));

    assertThat(plan.update()).hasSize(1);
    assertThat(plan.create()).isEmpty();
  }

  @Test
  void whateverHappensEveryEndpointIsInOneSliceOnce() {
    for (int seed = 0; seed < 50; seed++) {
      stored.clear();
      Random random = new Random(seed);
      for (int round = 0; round < 30; round++) {
        List<Endpoint> wanted =
            IntStream.range(0, 400)
                .filter(i -> random.nextInt(3) > 0)
                .mapToObj(SlicePlanTest::endpoint)
                .toList();
        apply(plan(Map.of(HTTP, wanted)));
        List<String> uids =
            stored.values().stream()
                .flatMap(s -> s.getEndpointsList().stream())
                .map(e -> e.getTargetRef().getUid())
                .toList();
        Set<String> expected = new HashSet<>();
        wanted.forEach(e -> expected.add(e.getTargetRef().getUid()));
        assertThat(uids).as("seed %d", seed).hasSize(expected.size());
        assertThat(new HashSet<>(uids)).as("seed %d", seed).isEqualTo(expected);
        assertThat(stored.values())
            .allMatch(s -> s.getEndpointsCount() <= SlicePlan.MOST_ENDPOINTS);
        assertThat(plan(Map.of(HTTP, wanted)).update()).isEmpty();
      }
    }
  }

  private SlicePlan plan(Map<Group, List<Endpoint>> desired) {
    return SlicePlan.of(desired, List.copyOf(stored.values()), FRESH);
  }

  private void apply(SlicePlan plan) {
    plan.delete().forEach(slice -> stored.remove(slice.getMetadata().getName()));
    plan.update().forEach(slice -> stored.put(slice.getMetadata().getName(), slice));
    for (EndpointSlice slice : plan.create()) {
      EndpointSlice.Builder named = slice.toBuilder();
      named.getMetadataBuilder().setName("web-" + names++);
      stored.put(named.getMetadata().getName(), named.build());
    }
  }

  private static List<Endpoint> endpoints(int count) {
    return IntStream.range(0, count).mapToObj(SlicePlanTest::endpoint).toList();
  }

  private static Endpoint endpoint(int number) {
    return Endpoint.newBuilder()
        .addAddresses("10.244." + number / 250 + "." + number % 250)
        .setConditions(EndpointConditions.newBuilder().setReady(true))
        .setTargetRef(ObjectReference.newBuilder().setUid("uid-" + number))
        .build();
  }
}
