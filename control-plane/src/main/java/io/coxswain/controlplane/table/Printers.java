package io.coxswain.controlplane.table;

import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.ServiceReference;
import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.ComponentStatus;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The one list of kinds with columns of their own; every other kind shows its name and age.
final class Printers {

  private static final Map<Class<?>, Printer<?>> BY_KIND =
      Stream.of(
              pods(),
              WorkloadPrinters.deployments(),
              WorkloadPrinters.replicaSets(),
              WorkloadPrinters.replicationControllers(),
              WorkloadPrinters.statefulSets(),
              WorkloadPrinters.daemonSets(),
              WorkloadPrinters.controllerRevisions(),
              WorkloadPrinters.podTemplates(),
              WorkloadPrinters.podDisruptionBudgets(),
              AutoscalerPrinters.autoscalers(),
              AutoscalerPrinters.oldAutoscalers(),
              BatchPrinters.jobs(),
              BatchPrinters.cronJobs(),
              NetworkPrinters.services(),
              NetworkPrinters.endpoints(),
              NetworkPrinters.endpointSlices(),
              NetworkPrinters.ingresses(),
              NetworkPrinters.ingressClasses(),
              NetworkPrinters.networkPolicies(),
              NetworkPrinters.serviceCidrs(),
              NetworkPrinters.ipAddresses(),
              StoragePrinters.persistentVolumes(),
              StoragePrinters.persistentVolumeClaims(),
              StoragePrinters.storageClasses(),
              StoragePrinters.volumeAttributesClasses(),
              StoragePrinters.volumeAttachments(),
              StoragePrinters.csiNodes(),
              StoragePrinters.csiDrivers(),
              StoragePrinters.csiStorageCapacities(),
              DevicePrinters.claims(),
              DevicePrinters.slices(),
              PolicyPrinters.roleBindings(),
              PolicyPrinters.clusterRoleBindings(),
              PolicyPrinters.resourceQuotas(),
              PolicyPrinters.priorityClasses(),
              PolicyPrinters.runtimeClasses(),
              PolicyPrinters.flowSchemas(),
              PolicyPrinters.priorityLevels(),
              PolicyPrinters.validatingWebhooks(),
              PolicyPrinters.mutatingWebhooks(),
              PolicyPrinters.validatingPolicies(),
              PolicyPrinters.mutatingPolicies(),
              PolicyPrinters.validatingPolicyBindings(),
              PolicyPrinters.mutatingPolicyBindings(),
              NodePrinter.nodes(),
              namespaces(),
              configMaps(),
              secrets(),
              serviceAccounts(),
              EventPrinter.events(),
              EventPrinter.newEvents(),
              leases(),
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

  /// The name, and that it is the default where an annotation says so.
  static String withDefault(ObjectMeta meta, String annotation) {
    return meta.getAnnotationsOrDefault(annotation, "").equals("true")
        ? meta.getName() + " (default)"
        : meta.getName();
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
    return start(ServiceAccount.class).timed("Age", Printers::age);
  }

  private static Printer<Lease> leases() {
    return start(Lease.class)
        .text("Holder", lease -> lease.getSpec().getHolderIdentity())
        .timed("Age", Printers::age);
  }
}
