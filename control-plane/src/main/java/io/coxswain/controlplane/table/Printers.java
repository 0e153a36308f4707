package io.coxswain.controlplane.table;

import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.ServiceReference;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.ComponentStatus;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The one list of kinds with columns of their own; every other kind shows its name and age.
final class Printers {

  private static final Map<Class<?>, Printer<?>> BY_KIND =
      Stream.of(
              pods(),
              deployments(),
              replicaSets(),
              services(),
              NodePrinter.nodes(),
              namespaces(),
              configMaps(),
              secrets(),
              serviceAccounts(),
              EventPrinter.events(),
              EventPrinter.newEvents(),
              endpoints(),
              endpointSlices(),
              leases(),
              podDisruptionBudgets(),
              customResourceDefinitions(),
              apiServices(),
              CertificatePrinter.requests(),
              componentStatuses(),
              MetricsPrinter.nodes(),
              MetricsPrinter.pods())
          .collect(Collectors.toUnmodifiableMap(Printer::kind, Function.identity()));

  private static final Printer<Message> ANY = start(Message.class).timed("Age", Printers::age);

  private Printers() {}

  static Printer<?> of(ResourceType<?> type) {
    if (type.prototype() instanceof CustomObject) {
      return CustomPrinter.of(type.columns());
    }
    return BY_KIND.getOrDefault(type.prototype().getClass(), ANY);
  }

  static <T extends Message> Printer<T> start(Class<T> kind) {
    return Printer.of(kind).name(object -> ObjectMetas.read(object).getName());
  }

  static String age(Message object, java.time.Instant now) {
    return Ages.since(ObjectMetas.read(object).getCreationTimestamp(), now);
  }

  private static Printer<CustomResourceDefinition> customResourceDefinitions() {
    return start(CustomResourceDefinition.class)
        .text(
            "Created At",
            definition ->
                Times.formatSeconds(
                    Times.instant(definition.getMetadata().getCreationTimestamp())));
  }

  private static Printer<ComponentStatus> componentStatuses() {
    return start(ComponentStatus.class)
        .text(
            "Status",
            component ->
                component.getConditions(0).getStatus().equals("True") ? "Healthy" : "Unhealthy")
        .text("Message", component -> component.getConditions(0).getMessage())
        .text("Error", component -> component.getConditions(0).getError());
  }

  private static Printer<APIService> apiServices() {
    return start(APIService.class)
        .text(
            "Service",
            service -> {
              ServiceReference asked = service.getSpec().getService();
              return service.getSpec().hasService()
                  ? asked.getNamespace() + "/" + asked.getName()
                  : "Local";
            })
        .text(
            "Available",
            service ->
                service.getStatus().getConditionsList().stream()
                    .filter(condition -> condition.getType().equals("Available"))
                    .map(condition ->
                        condition.getStatus().equals("True")
                            ? "True"
                            : condition.getStatus() + " (" + condition.getReason() + ")")
                    .findFirst()
                    .orElse("Unknown"))
        .timed("Age", Printers::age);
  }

  private static Printer<Pod> pods() {
    return start(Pod.class)
        .text("Ready", pod -> new PodSummary(pod).ready())
        .text("Status", pod -> new PodSummary(pod).status())
        .timed("Restarts", (pod, now) -> new PodSummary(pod).restarts(now))
        .timed("Age", Printers::age)
        .wide(
            "IP",
            pod ->
                Words.orNone(
                    pod.getStatus().getPodIPsCount() > 0
                        ? pod.getStatus().getPodIPs(0).getIp()
                        : pod.getStatus().getPodIP()))
        .wide("Node", pod -> Words.orNone(pod.getSpec().getNodeName()))
        .wide("Nominated Node", pod -> Words.orNone(pod.getStatus().getNominatedNodeName()))
        .wide("Readiness Gates", Printers::readinessGates);
  }

  private static String readinessGates(Pod pod) {
    int gates = pod.getSpec().getReadinessGatesCount();
    long open =
        pod.getSpec().getReadinessGatesList().stream()
            .filter(gate ->
                pod.getStatus().getConditionsList().stream()
                    .anyMatch(condition ->
                        condition.getType().equals(gate.getConditionType())
                            && condition.getStatus().equals("True")))
            .count();
    return gates == 0 ? Words.NONE : open + "/" + gates;
  }

  private static Printer<Deployment> deployments() {
    return start(Deployment.class)
        .text("Ready", d -> d.getStatus().getReadyReplicas() + "/" + d.getSpec().getReplicas())
        .number("Up-to-date", d -> d.getStatus().getUpdatedReplicas())
        .number("Available", d -> d.getStatus().getAvailableReplicas())
        .timed("Age", Printers::age)
        .wide("Containers", d -> names(d.getSpec().getTemplate().getSpec().getContainersList()))
        .wide("Images", d -> images(d.getSpec().getTemplate().getSpec().getContainersList()))
        .wide("Selector", d -> Words.selector(d.getSpec().getSelector()));
  }

  private static Printer<ReplicaSet> replicaSets() {
    return start(ReplicaSet.class)
        .number("Desired", r -> r.getSpec().getReplicas())
        .number("Current", r -> r.getStatus().getReplicas())
        .number("Ready", r -> r.getStatus().getReadyReplicas())
        .timed("Age", Printers::age)
        .wide("Containers", r -> names(r.getSpec().getTemplate().getSpec().getContainersList()))
        .wide("Images", r -> images(r.getSpec().getTemplate().getSpec().getContainersList()))
        .wide("Selector", r -> Words.selector(r.getSpec().getSelector()));
  }

  private static String names(List<Container> containers) {
    return Words.each(containers, Container::getName);
  }

  private static String images(List<Container> containers) {
    return Words.each(containers, Container::getImage);
  }

  private static Printer<Service> services() {
    return start(Service.class)
        .text("Type", s -> s.getSpec().getType())
        .text("Cluster-IP", s -> Words.orNone(s.getSpec().getClusterIP()))
        .text("External-IP", Printers::externalIp)
        .text("Port(s)", Printers::ports)
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

  private static Printer<Namespace> namespaces() {
    return start(Namespace.class)
        .text("Status", n -> n.getStatus().getPhase())
        .timed("Age", Printers::age);
  }

  private static Printer<ConfigMap> configMaps() {
    return start(ConfigMap.class)
        .number("Data", c -> c.getDataCount() + c.getBinaryDataCount())
        .timed("Age", Printers::age);
  }

  private static Printer<Secret> secrets() {
    return start(Secret.class)
        .text("Type", Secret::getType)
        .number("Data", Secret::getDataCount)
        .timed("Age", Printers::age);
  }

  private static Printer<ServiceAccount> serviceAccounts() {
    return start(ServiceAccount.class)
        .number("Secrets", ServiceAccount::getSecretsCount)
        .timed("Age", Printers::age);
  }

  private static Printer<Endpoints> endpoints() {
    return start(Endpoints.class)
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

  private static Printer<EndpointSlice> endpointSlices() {
    return start(EndpointSlice.class)
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

  private static Printer<Lease> leases() {
    return start(Lease.class)
        .text("Holder", lease -> lease.getSpec().getHolderIdentity())
        .timed("Age", Printers::age);
  }

  private static Printer<PodDisruptionBudget> podDisruptionBudgets() {
    return start(PodDisruptionBudget.class)
        .text(
            "Min Available",
            b -> b.getSpec().hasMinAvailable() ? either(b.getSpec().getMinAvailable()) : "N/A")
        .text(
            "Max Unavailable",
            b -> b.getSpec().hasMaxUnavailable() ? either(b.getSpec().getMaxUnavailable()) : "N/A")
        .number("Allowed Disruptions", b -> b.getStatus().getDisruptionsAllowed())
        .timed("Age", Printers::age);
  }

  private static String either(IntOrString value) {
    return value.getType() == 0 ? Integer.toString(value.getIntVal()) : value.getStrVal();
  }
}
