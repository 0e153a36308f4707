package io.coxswain.node.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.node.network.Cidr;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterZoneTest {

  private static final FakeNames NAMES = new FakeNames();
  private static final ClusterZone ZONE =
      new ClusterZone(
          "cluster.local", Cidr.parse("10.244.0.0/16"), Cidr.parse("10.96.0.0/16"), NAMES);

  /// Answers are written as `TYPE data`; NODATA and NXDOMAIN as such.
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "web.default.svc.cluster.local | 1 | A 10.96.0.20",
        "web.default.svc.cluster.local | 255 | A 10.96.0.20",
        "web.default.svc.cluster.local | 28 | NODATA",
        "web.default.svc.cluster.local | 16 | NODATA",
        "nope.default.svc.cluster.local | 1 | NXDOMAIN",
        "web.nope.svc.cluster.local | 1 | NXDOMAIN",
        "default.svc.cluster.local | 1 | NODATA",
        "nope.svc.cluster.local | 1 | NXDOMAIN",
        "svc.cluster.local | 1 | NODATA",
        "cluster.local | 1 | NODATA",
        "other.cluster.local | 1 | NXDOMAIN",
        "x.web.default.svc.cluster.local | 1 | NXDOMAIN",
        "db.default.svc.cluster.local | 1 | A 10.244.1.5; A 10.244.2.6",
        "db-0.db.default.svc.cluster.local | 1 | A 10.244.1.5",
        "10-244-2-6.db.default.svc.cluster.local | 1 | A 10.244.2.6",
        "10-244-3-7.db.default.svc.cluster.local | 1 | NXDOMAIN",
        "eager.default.svc.cluster.local | 1 | A 10.244.3.7",
        "empty.default.svc.cluster.local | 1 | NXDOMAIN",
        "_http._tcp.web.default.svc.cluster.local | 33 | SRV 0 100 80 web.default.svc.cluster.local",
        "_http._tcp.web.default.svc.cluster.local | 1 | NODATA",
        "_http._udp.web.default.svc.cluster.local | 33 | NXDOMAIN",
        "_nope._tcp.web.default.svc.cluster.local | 33 | NXDOMAIN",
        "_tcp.web.default.svc.cluster.local | 33 | NODATA",
        "_pg._tcp.db.default.svc.cluster.local | 33 | SRV 0 100 5432 db-0.db.default.svc.cluster.local; SRV 0 100 5432 10-244-2-6.db.default.svc.cluster.local",
        "docs.default.svc.cluster.local | 1 | CNAME docs.example.org",
        "1-2-3-4.default.pod.cluster.local | 1 | A 1.2.3.4",
        "1-2-3-444.default.pod.cluster.local | 1 | NXDOMAIN",
        "web.default.pod.cluster.local | 1 | NXDOMAIN",
        "20.0.96.10.in-addr.arpa | 12 | PTR web.default.svc.cluster.local",
        "5.1.244.10.in-addr.arpa | 12 | PTR db-0.db.default.svc.cluster.local",
        "9.9.244.10.in-addr.arpa | 12 | NXDOMAIN",
        "dns-version.cluster.local | 16 | TXT 1.1.0",
      })
  void answers(String name, int type, String expected) {
    assertThat(ZONE.owns(name)).isTrue();
    DnsResponse response = ZONE.answer(name, type);
    assertThat(text(response)).isEqualTo(expected);
    assertThat(response.authority().isEmpty()).isEqualTo(!response.answers().isEmpty());
  }

  @Test
  void othersAreNotOurs() {
    for (String name :
        List.of("example.org", "notcluster.local", "local", "", "1.2.0.192.in-addr.arpa")) {
      assertThat(ZONE.owns(name)).as(name).isFalse();
    }
  }

  @Test
  void messagesEchoTheQuestionAndAreCut() throws DnsFormatException {
    byte[] bytes = DnsQuestion.encode("Web.Default.svc.cluster.local", DnsType.A);
    DnsQuery query = DnsQuery.parse(bytes);
    assertThat(query.name()).isEqualTo("web.default.svc.cluster.local");
    byte[] answer = ZONE.answer(query.name(), query.type()).encode(query, 512);
    assertThat(new String(answer, StandardCharsets.ISO_8859_1)).contains("Web");
    assertThat(DnsQuestion.answers(answer))
        .containsExactly(
            new DnsRecord(
                "web.default.svc.cluster.local",
                DnsType.A,
                5,
                new DnsRecord.Address(InetAddress.ofLiteral("10.96.0.20"))));

    List<DnsRecord> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add(
          new DnsRecord(
              query.name(),
              DnsType.A,
              5,
              new DnsRecord.Address(InetAddress.ofLiteral("10.0.0." + i))));
    }
    DnsResponse large = new DnsResponse(0, true, many, List.of(), List.of());
    byte[] cut = large.encode(query, 512);
    assertThat(cut.length).isLessThanOrEqualTo(512);
    assertThat(cut[2] & 0x2).as("TC").isNotZero();
    assertThat(DnsQuestion.answers(cut)).hasSizeGreaterThan(20);
    assertThat(large.encode(query, 65_535)[2] & 0x2).isZero();
  }

  /// Whatever bytes come, it is an exception of ours or a question.
  @Test
  void garbageIsRefused() {
    Random random = new Random(7);
    byte[] good = DnsQuestion.encode("web.default.svc.cluster.local", DnsType.A);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 20));
      for (int i = 0; i < 3 && bytes.length > 0; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        DnsQuery query = DnsQuery.parse(bytes);
        if (ZONE.owns(query.name())) {
          ZONE.answer(query.name(), query.type()).encode(query, 512);
        }
      } catch (DnsFormatException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  private static String text(DnsResponse response) {
    if (response.answers().isEmpty()) {
      return response.code() == DnsType.NO_SUCH_NAME ? "NXDOMAIN" : "NODATA";
    }
    return String.join(
        "; ", response.answers().stream().map(r -> text(r.data(), r.type())).toList());
  }

  private static String text(DnsRecord.Data data, int type) {
    return switch (data) {
      case DnsRecord.Address(InetAddress address) -> "A " + address.getHostAddress();
      case DnsRecord.Name(String target) -> (type == DnsType.CNAME ? "CNAME " : "PTR ") + target;
      case DnsRecord.Service(int priority, int weight, int port, String target) ->
          "SRV %d %d %d %s".formatted(priority, weight, port, target);
      case DnsRecord.Text(String text) -> "TXT " + text;
      case DnsRecord.Authority authority -> "SOA " + authority.server();
    };
  }

  private static final class FakeNames implements ClusterNames {

    private final List<Service> services = new ArrayList<>();
    private final List<EndpointSlice> slices = new ArrayList<>();

    FakeNames() {
      service("web", "10.96.0.20", "http", 80);
      service("db", "None", "pg", 5432);
      service("eager", "None", "pg", 5432);
      service("empty", "None", "pg", 5432);
      services.add(
          Service.newBuilder()
              .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName("docs"))
              .setSpec(
                  ServiceSpec.newBuilder()
                      .setType("ExternalName")
                      .setExternalName("docs.example.org"))
              .build());
      slices.add(
          slice("db")
              .addEndpoints(endpoint("10.244.1.5", true).setHostname("db-0"))
              .addEndpoints(endpoint("10.244.2.6", true))
              .addEndpoints(endpoint("10.244.3.7", false))
              .build());
      slices.add(slice("eager").addEndpoints(endpoint("10.244.3.7", false)).build());
      slices.add(slice("web").addEndpoints(endpoint("10.244.1.9", true)).build());
    }

    private void service(String name, String address, String port, int number) {
      services.add(
          Service.newBuilder()
              .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName(name))
              .setSpec(
                  ServiceSpec.newBuilder()
                      .setClusterIP(address)
                      .addClusterIPs(address)
                      .setPublishNotReadyAddresses(name.equals("eager"))
                      .addPorts(
                          ServicePort.newBuilder()
                              .setName(port)
                              .setProtocol("TCP")
                              .setPort(number)))
              .build());
    }

    private static EndpointSlice.Builder slice(String service) {
      return EndpointSlice.newBuilder()
          .setMetadata(
              ObjectMeta.newBuilder()
                  .setNamespace("default")
                  .setName(service + "-x")
                  .putLabels("kubernetes.io/service-name", service))
          .setAddressType("IPv4")
          .addPorts(EndpointPort.newBuilder().setName("pg").setProtocol("TCP").setPort(5432));
    }

    private static Endpoint.Builder endpoint(String address, boolean ready) {
      return Endpoint.newBuilder()
          .addAddresses(address)
          .setConditions(EndpointConditions.newBuilder().setReady(ready));
    }

    @Override
    public boolean complete() {
      return true;
    }

    @Override
    public Optional<Service> service(String namespace, String name) {
      return services.stream()
          .filter(service -> service.getMetadata().getNamespace().equals(namespace))
          .filter(service -> service.getMetadata().getName().equals(name))
          .findFirst();
    }

    @Override
    public boolean namespaceHasServices(String namespace) {
      return namespace.equals("default");
    }

    @Override
    public Collection<EndpointSlice> slices(String namespace, String service) {
      return slices.stream()
          .filter(slice ->
              slice.getMetadata().getName().equals(service + "-x") && namespace.equals("default"))
          .toList();
    }

    @Override
    public Collection<Service> servicesAt(String address) {
      return services.stream()
          .filter(service -> service.getSpec().getClusterIP().equals(address))
          .toList();
    }

    @Override
    public Collection<EndpointSlice> slicesAt(String address) {
      return slices.stream()
          .filter(slice ->
              slice.getEndpointsList().stream()
                  .anyMatch(endpoint -> endpoint.getAddressesList().contains(address)))
          .toList();
    }
  }
}
