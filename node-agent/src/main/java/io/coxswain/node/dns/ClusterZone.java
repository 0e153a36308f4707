package io.coxswain.node.dns;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.node.network.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Names below the cluster's domain, and names of its addresses. Pure but for what [ClusterNames]
/// reads.
///
/// | name | answer |
/// | --- | --- |
/// | `SERVICE.NAMESPACE.svc.DOMAIN` | its address; of a headless one, those of its endpoints |
/// | `HOST.SERVICE.NAMESPACE.svc.DOMAIN` | the endpoint with that host name, or `1-2-3-4` |
/// | `_PORT._PROTOCOL.SERVICE.NAMESPACE.svc.DOMAIN` | SRV |
/// | `1-2-3-4.NAMESPACE.pod.DOMAIN` | 1.2.3.4 |
/// | `4.3.2.1.in-addr.arpa` | PTR, for addresses of Services, endpoints and pods |
final class ClusterZone {

  static final int SECONDS = 5;
  private static final String REVERSE = ".in-addr.arpa";
  private static final Pattern DASHED = Pattern.compile("\\d{1,3}(-\\d{1,3}){3}");
  private static final String HEADLESS = "None";

  private final String domain;
  private final Cidr pods;
  private final Cidr services;
  private final ClusterNames names;

  /// @param domain as `cluster.local`
  /// @param pods range of all pods' addresses
  /// @param services range of Services' addresses
  ClusterZone(String domain, Cidr pods, Cidr services, ClusterNames names) {
    this.domain = domain.toLowerCase(Locale.ROOT);
    this.pods = pods;
    this.services = services;
    this.names = names;
  }

  /// Whether it is up to us to answer.
  boolean owns(String name) {
    if (name.equals(domain) || name.endsWith("." + domain)) {
      return true;
    }
    return reversed(name)
        .filter(address ->
            pods.contains(address)
                || services.contains(address)
                || !names.slicesAt(address.getHostAddress()).isEmpty())
        .isPresent();
  }

  /// The answer to a question about a name that we own.
  DnsResponse answer(String name, int type) {
    if (!names.complete()) {
      return DnsResponse.refusal(DnsType.SERVER_FAILURE);
    }
    Optional<InetAddress> reversed = reversed(name);
    if (reversed.isPresent()) {
      return reverse(name, type, reversed.get());
    }
    if (name.equals(domain)) {
      return apex(type);
    }
    String below = name.substring(0, name.length() - domain.length() - 1);
    String[] labels = below.split("\\.", -1);
    return switch (labels[labels.length - 1]) {
      case "svc" -> service(name, type, Arrays.copyOf(labels, labels.length - 1));
      case "pod" -> pod(name, type, Arrays.copyOf(labels, labels.length - 1));
      case "dns-version" -> version(name, type, labels.length);
      case "dns" -> below.equals("ns.dns") || below.equals("dns") ? found(List.of()) : missing();
      default -> missing();
    };
  }

  private DnsResponse apex(int type) {
    return switch (type) {
      case DnsType.SOA -> found(List.of(authority()));
      case DnsType.NS ->
          found(List.of(record(domain, DnsType.NS, new DnsRecord.Name("ns.dns." + domain))));
      default -> found(List.of());
    };
  }

  private DnsResponse version(String name, int type, int labels) {
    if (labels > 1) {
      return missing();
    }
    return type == DnsType.TXT
        ? found(List.of(record(name, DnsType.TXT, new DnsRecord.Text("1.1.0"))))
        : found(List.of());
  }

  private DnsResponse service(String name, int type, String[] labels) {
    int count = labels.length;
    if (count == 0) {
      return found(List.of());
    }
    String namespace = labels[count - 1];
    if (count == 1) {
      return names.namespaceHasServices(namespace) ? found(List.of()) : missing();
    }
    String serviceName = labels[count - 2];
    Optional<Service> service = names.service(namespace, serviceName);
    if (service.isEmpty()) {
      return missing();
    }
    if (service.get().getSpec().getType().equals("ExternalName")) {
      return count == 2 ? alias(name, service.get()) : missing();
    }
    ServiceName of = new ServiceName(service.get(), namespace, serviceName);
    return switch (count) {
      case 2 -> plain(name, type, of);
      case 3 -> host(name, type, of, labels[0]);
      case 4 -> port(name, type, of, labels[0], labels[1]);
      default -> missing();
    };
  }

  private record ServiceName(Service service, String namespace, String name) {
    boolean headless() {
      return service.getSpec().getClusterIP().equals(HEADLESS);
    }
  }

  private static DnsResponse alias(String name, Service service) {
    String target = service.getSpec().getExternalName().toLowerCase(Locale.ROOT);
    String bare = target.endsWith(".") ? target.substring(0, target.length() - 1) : target;
    return foundAs(List.of(record(name, DnsType.CNAME, new DnsRecord.Name(bare))), List.of());
  }

  private DnsResponse plain(String name, int type, ServiceName of) {
    if (of.headless()) {
      List<String> addresses = List.copyOf(endpoints(of).keySet());
      // As upstream has it, a headless service that has nobody is not there.
      return addresses.isEmpty() ? missing() : addresses(name, type, addresses);
    }
    return addresses(name, type, ownAddresses(of.service()));
  }

  private DnsResponse host(String name, int type, ServiceName of, String host) {
    if (host.equals("_tcp") || host.equals("_udp") || host.equals("_sctp")) {
      return found(List.of());
    }
    if (!of.headless()) {
      return missing();
    }
    List<String> addresses =
        endpoints(of).entrySet().stream()
            .filter(entry -> hostName(entry.getValue(), entry.getKey()).equals(host))
            .map(Map.Entry::getKey)
            .toList();
    return addresses.isEmpty() ? missing() : addresses(name, type, addresses);
  }

  private DnsResponse port(String name, int type, ServiceName of, String port, String protocol) {
    if (!port.startsWith("_") || !protocol.startsWith("_")) {
      return missing();
    }
    String wantedProtocol = protocol.substring(1).toUpperCase(Locale.ROOT);
    String wanted = port.substring(1);
    List<DnsRecord> answers = new ArrayList<>();
    List<DnsRecord> additional = new ArrayList<>();
    String suffix = "%s.%s.svc.%s".formatted(of.name(), of.namespace(), domain);
    if (of.headless()) {
      for (EndpointSlice slice : names.slices(of.namespace(), of.name())) {
        slice.getPortsList().stream()
            .filter(offered -> matches(offered, wanted, wantedProtocol))
            .forEach(
                offered -> headlessPort(name, of, slice, offered, suffix, answers, additional));
      }
    } else {
      for (ServicePort offered : of.service().getSpec().getPortsList()) {
        if (offered.getName().equals(wanted)
            && protocol(offered.getProtocol()).equals(wantedProtocol)) {
          answers.add(service(name, offered.getPort(), suffix));
        }
      }
      additional.addAll(addressRecords(suffix, DnsType.A, ownAddresses(of.service())));
    }
    if (answers.isEmpty()) {
      return missing();
    }
    return type == DnsType.SRV || type == DnsType.ANY
        ? foundAs(answers, additional)
        : found(List.of());
  }

  private void headlessPort(
      String name,
      ServiceName of,
      EndpointSlice slice,
      EndpointPort offered,
      String suffix,
      List<DnsRecord> answers,
      List<DnsRecord> additional) {
    for (Endpoint endpoint : slice.getEndpointsList()) {
      if (!published(of.service(), endpoint)) {
        continue;
      }
      for (String address : endpoint.getAddressesList()) {
        String target = hostName(endpoint, address) + "." + suffix;
        answers.add(service(name, offered.getPort(), target));
        additional.addAll(addressRecords(target, DnsType.A, List.of(address)));
      }
    }
  }

  private DnsResponse pod(String name, int type, String[] labels) {
    return switch (labels.length) {
      case 0 -> found(List.of());
      case 1 -> names.namespaceHasServices(labels[0]) ? found(List.of()) : missing();
      case 2 -> {
        Optional<InetAddress> address =
            DASHED.matcher(labels[0]).matches()
                ? literal(labels[0].replace('-', '.'))
                : Optional.empty();
        yield address.isEmpty()
            ? missing()
            : addresses(name, type, List.of(address.get().getHostAddress()));
      }
      default -> missing();
    };
  }

  private DnsResponse reverse(String name, int type, InetAddress address) {
    String literal = address.getHostAddress();
    Set<String> targets = new LinkedHashSet<>();
    for (Service service : names.servicesAt(literal)) {
      targets.add(
          "%s.%s.svc.%s"
              .formatted(
                  service.getMetadata().getName(), service.getMetadata().getNamespace(), domain));
    }
    for (EndpointSlice slice : names.slicesAt(literal)) {
      reverseEndpoints(slice, literal).forEach(targets::add);
    }
    if (targets.isEmpty()) {
      return missing();
    }
    return type == DnsType.PTR || type == DnsType.ANY
        ? found(
            targets.stream()
                .map(target -> record(name, DnsType.PTR, new DnsRecord.Name(target)))
                .toList())
        : found(List.of());
  }

  private List<String> reverseEndpoints(EndpointSlice slice, String address) {
    String namespace = slice.getMetadata().getNamespace();
    String service = slice.getMetadata().getLabelsOrDefault("kubernetes.io/service-name", "");
    return slice.getEndpointsList().stream()
        .filter(endpoint -> endpoint.getAddressesList().contains(address))
        .filter(endpoint -> !endpoint.getHostname().isEmpty() || headless(namespace, service))
        .map(endpoint ->
            "%s.%s.%s.svc.%s".formatted(hostName(endpoint, address), service, namespace, domain))
        .toList();
  }

  private boolean headless(String namespace, String service) {
    return names
        .service(namespace, service)
        .filter(found -> found.getSpec().getClusterIP().equals(HEADLESS))
        .isPresent();
  }

  /// Published endpoints by their addresses.
  private Map<String, Endpoint> endpoints(ServiceName of) {
    Map<String, Endpoint> endpoints = new LinkedHashMap<>();
    for (EndpointSlice slice : names.slices(of.namespace(), of.name())) {
      for (Endpoint endpoint : slice.getEndpointsList()) {
        if (published(of.service(), endpoint)) {
          endpoint.getAddressesList().forEach(address -> endpoints.put(address, endpoint));
        }
      }
    }
    return endpoints;
  }

  private static boolean published(Service service, Endpoint endpoint) {
    return service.getSpec().getPublishNotReadyAddresses()
        || !endpoint.getConditions().hasReady()
        || endpoint.getConditions().getReady();
  }

  private static boolean matches(EndpointPort offered, String name, String protocol) {
    return offered.getName().equals(name) && protocol(offered.getProtocol()).equals(protocol);
  }

  private static String protocol(String protocol) {
    return protocol.isEmpty() ? "TCP" : protocol;
  }

  private static String hostName(Endpoint endpoint, String address) {
    return endpoint.getHostname().isEmpty()
        ? address.replace('.', '-').replace(':', '-')
        : endpoint.getHostname();
  }

  private static List<String> ownAddresses(Service service) {
    Collection<String> all =
        service.getSpec().getClusterIPsCount() > 0
            ? service.getSpec().getClusterIPsList()
            : List.of(service.getSpec().getClusterIP());
    return all.stream().filter(address -> !address.isEmpty()).toList();
  }

  private DnsResponse addresses(String name, int type, List<String> addresses) {
    int wanted = type == DnsType.ANY ? DnsType.A : type;
    return wanted == DnsType.A || wanted == DnsType.AAAA
        ? found(addressRecords(name, wanted, addresses))
        : found(List.of());
  }

  private static List<DnsRecord> addressRecords(String name, int type, List<String> addresses) {
    List<DnsRecord> records = new ArrayList<>();
    for (String text : addresses) {
      Optional<InetAddress> address = literal(text);
      int bytes = type == DnsType.A ? 4 : 16;
      if (address.isPresent() && address.get().getAddress().length == bytes) {
        records.add(record(name, type, new DnsRecord.Address(address.get())));
      }
    }
    return records;
  }

  private static Optional<InetAddress> literal(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> reversed(String name) {
    if (!name.endsWith(REVERSE)) {
      return Optional.empty();
    }
    String[] parts = name.substring(0, name.length() - REVERSE.length()).split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    return literal("%s.%s.%s.%s".formatted(parts[3], parts[2], parts[1], parts[0]));
  }

  private static DnsRecord service(String name, int port, String target) {
    return record(name, DnsType.SRV, new DnsRecord.Service(0, 100, port, target));
  }

  private static DnsRecord record(String name, int type, DnsRecord.Data data) {
    return new DnsRecord(name, type, SECONDS, data);
  }

  /// With nothing to say, the zone's own record tells how long that holds.
  private DnsResponse found(List<DnsRecord> answers) {
    return answers.isEmpty()
        ? new DnsResponse(DnsType.NO_ERROR, true, List.of(), List.of(authority()), List.of())
        : foundAs(answers, List.of());
  }

  private static DnsResponse foundAs(List<DnsRecord> answers, List<DnsRecord> additional) {
    return new DnsResponse(DnsType.NO_ERROR, true, answers, List.of(), additional);
  }

  private DnsResponse missing() {
    return new DnsResponse(DnsType.NO_SUCH_NAME, true, List.of(), List.of(authority()), List.of());
  }

  private DnsRecord authority() {
    return record(
        domain,
        DnsType.SOA,
        new DnsRecord.Authority("ns.dns." + domain, "hostmaster." + domain, 1, SECONDS));
  }
}
