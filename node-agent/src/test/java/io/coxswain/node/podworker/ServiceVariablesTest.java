package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Service;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ServiceVariablesTest {

  private static Service.Builder service(String name, String address) {
    Service.Builder service = Service.newBuilder();
    service.getMetadataBuilder().setName(name).setNamespace("ns");
    service.getSpecBuilder().setClusterIP(address);
    return service;
  }

  @Test
  void aServiceIsNamedInBothForms() {
    Service.Builder redis = service("redis-primary", "10.96.0.11");
    redis.getSpecBuilder().addPortsBuilder().setName("main-port").setPort(6379);
    redis.getSpecBuilder().addPortsBuilder().setName("dns").setPort(53).setProtocol("UDP");
    assertThat(ServiceVariables.of(List.of(redis.build())))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("REDIS_PRIMARY_SERVICE_HOST", "10.96.0.11"),
                Map.entry("REDIS_PRIMARY_SERVICE_PORT", "6379"),
                Map.entry("REDIS_PRIMARY_SERVICE_PORT_MAIN_PORT", "6379"),
                Map.entry("REDIS_PRIMARY_SERVICE_PORT_DNS", "53"),
                Map.entry("REDIS_PRIMARY_PORT", "tcp://10.96.0.11:6379"),
                Map.entry("REDIS_PRIMARY_PORT_6379_TCP", "tcp://10.96.0.11:6379"),
                Map.entry("REDIS_PRIMARY_PORT_6379_TCP_PROTO", "tcp"),
                Map.entry("REDIS_PRIMARY_PORT_6379_TCP_PORT", "6379"),
                Map.entry("REDIS_PRIMARY_PORT_6379_TCP_ADDR", "10.96.0.11"),
                Map.entry("REDIS_PRIMARY_PORT_53_UDP", "udp://10.96.0.11:53"),
                Map.entry("REDIS_PRIMARY_PORT_53_UDP_PROTO", "udp"),
                Map.entry("REDIS_PRIMARY_PORT_53_UDP_PORT", "53"),
                Map.entry("REDIS_PRIMARY_PORT_53_UDP_ADDR", "10.96.0.11")));
  }

  @Test
  void whatHasNoAddressGivesNothing() {
    Service.Builder headless = service("headless", "None");
    headless.getSpecBuilder().addPortsBuilder().setPort(80);
    Service.Builder outside = service("outside", "");
    outside.getSpecBuilder().setType("ExternalName").addPortsBuilder().setPort(80);
    assertThat(ServiceVariables.of(List.of(headless.build(), outside.build()))).isEmpty();
  }
}
