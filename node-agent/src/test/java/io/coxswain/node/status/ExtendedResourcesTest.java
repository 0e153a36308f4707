package io.coxswain.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.device.DeviceCount;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExtendedResourcesTest {

  @Test
  void devicesAreToldAndWhatPeopleWroteStays() {
    NodeStatus made = NodeStatus.newBuilder().putCapacity("cpu", Quantities.of("2")).build();
    NodeStatus before =
        NodeStatus.newBuilder()
            .putCapacity("cpu", Quantities.of("4"))
            .putCapacity("hugepages-2Mi", Quantities.of("4"))
            .putCapacity("example.com/dongle", Quantities.of("4"))
            .putCapacity("vendor.example/thing", Quantities.of("9"))
            .build();
    NodeStatus told =
        ExtendedResources.told(made, before, Map.of("vendor.example/thing", new DeviceCount(3, 2)));
    assertThat(told.getCapacityMap())
        .isEqualTo(
            Map.of(
                "cpu",
                Quantities.of("2"),
                "example.com/dongle",
                Quantities.of("4"),
                "vendor.example/thing",
                Quantities.of("3")));
    assertThat(told.getAllocatableMap())
        .isEqualTo(
            Map.of(
                "example.com/dongle",
                Quantities.of("4"),
                "vendor.example/thing",
                Quantities.of("2")));
  }
}
