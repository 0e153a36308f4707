package io.coxswain.controlplane.table;

import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.networking.v1.IPAddress;
import io.coxswain.api.networking.v1.Ingress;
import io.coxswain.api.networking.v1.IngressClass;
import io.coxswain.api.networking.v1.IngressClassParametersReference;
import io.coxswain.api.networking.v1.IngressRule;
import io.coxswain.api.networking.v1.NetworkPolicy;
import io.coxswain.api.networking.v1.ParentReference;
import io.coxswain.api.networking.v1.ServiceCIDR;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The columns of how pods are reached.
final class NetworkPrinters {

  private static final int HOSTS = 3;
  private static final String DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class";

  private NetworkPrinters() {}

  static Printer<Service> services() {
    return Printers.start(Service.class)
        .text("Type", s -> s.getSpec().getType())
        .text("Cluster-IP", s -> Words.orNone(s.getSpec().getClusterIP()))
        .text("External-IP", NetworkPrinters::externalIp)
        .text("Port(s)", NetworkPrinters::ports)
        .timed("Age", Printers::age)
        .wide("Selector", s -> Words.labels(s.getSpec().getSelectorMap()));
  }

  private static String externalIp(Service service) {
    List<String> external = service.getSpec().getExternalIPsList();
    return switch (service.getSpec().getType()) {
      case "LoadBalancer" -> {
        List<String> all = new ArrayList<>();
        service
            .getStatus()
            .getLoadBalancer()
            .getIngressList()
            .forEach(ingress ->
                all.add(ingress.getIp().isEmpty() ? ingress.getHostname() : ingress.getIp()));
        all.addAll(external);
        yield all.isEmpty() ? "<pending>" : String.join(",", all);
      }
      case "ExternalName" -> service.getSpec().getExternalName();
      default -> external.isEmpty() ? Words.NONE : String.join(",", external);
    };
  }

  private static String ports(Service service) {
    return Words.orNone(
        service.getSpec().getPortsList().stream()
            .map(port ->
                port.getPort()
                    + (port.getNodePort() > 0 ? ":" + port.getNodePort() : "")
                    + "/"
                    + port.getProtocol())
            .collect(Collectors.joining(",")));
  }

  static Printer<Endpoints> endpoints() {
    return Printers.start(Endpoints.class)
        .text(
            "Endpoints",
            e ->
                Words.few(
                    e.getSubsetsList().stream()
                        .flatMap(subset ->
                            subset.getAddressesList().stream()
                                .flatMap(address ->
                                    subset.getPortsCount() == 0
                                        ? Stream.of(address.getIp())
                                        : subset.getPortsList().stream()
                                            .map(port -> address.getIp() + ":" + port.getPort())))
                        .toList(),
                    3))
        .timed("Age", Printers::age);
  }

  static Printer<EndpointSlice> endpointSlices() {
    return Printers.start(EndpointSlice.class)
        .text("AddressType", EndpointSlice::getAddressType)
        .text(
            "Ports",
            slice ->
                slice.getPortsCount() == 0
                    ? "<unset>"
                    : Words.few(
                        slice.getPortsList().stream()
                            .map(port -> port.hasPort() ? Integer.toString(port.getPort()) : "*")
                            .toList(),
                        3))
        .text(
            "Endpoints",
            slice ->
                slice.getEndpointsCount() == 0
                    ? "<unset>"
                    : Words.few(
                        slice.getEndpointsList().stream()
                            .flatMap(endpoint -> endpoint.getAddressesList().stream())
                            .toList(),
                        3))
        .timed("Age", Printers::age);
  }

  static Printer<Ingress> ingresses() {
    return Printers.start(Ingress.class)
        .text(
            "Class",
            i -> i.getSpec().hasIngressClassName() ? i.getSpec().getIngressClassName() : Words.NONE)
        .text("Hosts", NetworkPrinters::hosts)
        .text(
            "Address",
            i ->
                i.getStatus().getLoadBalancer().getIngressList().stream()
                    .map(at -> at.getIp().isEmpty() ? at.getHostname() : at.getIp())
                    .filter(at -> !at.isEmpty())
                    .sorted()
                    .distinct()
                    .collect(Collectors.joining(",")))
        .text("Ports", i -> i.getSpec().getTlsCount() == 0 ? "80" : "80, 443")
        .timed("Age", Printers::age);
  }

  private static String hosts(Ingress ingress) {
    List<String> named =
        ingress.getSpec().getRulesList().stream()
            .map(IngressRule::getHost)
            .filter(host -> !host.isEmpty())
            .toList();
    return named.isEmpty() ? "*" : Words.few(named, HOSTS);
  }

  static Printer<IngressClass> ingressClasses() {
    return Printer.of(IngressClass.class)
        .name(i -> Printers.withDefault(i.getMetadata(), DEFAULT_CLASS))
        .text("Controller", i -> i.getSpec().getController())
        .text(
            "Parameters",
            i -> i.getSpec().hasParameters() ? parameters(i.getSpec().getParameters()) : Words.NONE)
        .timed("Age", Printers::age);
  }

  private static String parameters(IngressClassParametersReference reference) {
    String group = reference.hasAPIGroup() ? "." + reference.getAPIGroup() : "";
    return reference.getKind() + group + "/" + reference.getName();
  }

  static Printer<NetworkPolicy> networkPolicies() {
    return Printers.start(NetworkPolicy.class)
        .text("Pod-Selector", p -> Words.selector(p.getSpec().getPodSelector()))
        .timed("Age", Printers::age);
  }

  static Printer<ServiceCIDR> serviceCidrs() {
    return Printers.start(ServiceCIDR.class)
        .text("CIDRs", s -> String.join(",", s.getSpec().getCidrsList()))
        .timed("Age", Printers::age);
  }

  static Printer<IPAddress> ipAddresses() {
    return Printers.start(IPAddress.class)
        .text(
            "ParentRef",
            a -> a.getSpec().hasParentRef() ? parent(a.getSpec().getParentRef()) : Words.NONE);
  }

  private static String parent(ParentReference parent) {
    String resource =
        parent.getResource() + (parent.getGroup().isEmpty() ? "" : "." + parent.getGroup());
    String namespace = parent.getNamespace().isEmpty() ? "" : parent.getNamespace() + "/";
    return resource.toLowerCase(Locale.ROOT) + "/" + namespace + parent.getName();
  }
}
