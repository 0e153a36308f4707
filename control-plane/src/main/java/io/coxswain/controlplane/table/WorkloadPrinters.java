package io.coxswain.controlplane.table;

import io.coxswain.api.apps.v1.ControllerRevision;
import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.core.v1.PodTemplate;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import java.util.Locale;

/// The columns of what makes pods and keeps them.
final class WorkloadPrinters {

  private WorkloadPrinters() {}

  static Printer<Deployment> deployments() {
    return Printers.start(Deployment.class)
        .text("Ready", d -> d.getStatus().getReadyReplicas() + "/" + d.getSpec().getReplicas())
        .number("Up-to-date", d -> d.getStatus().getUpdatedReplicas())
        .number("Available", d -> d.getStatus().getAvailableReplicas())
        .timed("Age", Printers::age)
        .wideContainers(d -> d.getSpec().getTemplate().getSpec())
        .wide("Selector", d -> Words.selector(d.getSpec().getSelector()));
  }

  static Printer<ReplicaSet> replicaSets() {
    return Printers.start(ReplicaSet.class)
        .number("Desired", r -> r.getSpec().getReplicas())
        .number("Current", r -> r.getStatus().getReplicas())
        .number("Ready", r -> r.getStatus().getReadyReplicas())
        .timed("Age", Printers::age)
        .wideContainers(r -> r.getSpec().getTemplate().getSpec())
        .wide("Selector", r -> Words.selector(r.getSpec().getSelector()));
  }

  static Printer<ReplicationController> replicationControllers() {
    return Printers.start(ReplicationController.class)
        .number("Desired", r -> r.getSpec().getReplicas())
        .number("Current", r -> r.getStatus().getReplicas())
        .number("Ready", r -> r.getStatus().getReadyReplicas())
        .timed("Age", Printers::age)
        .wideContainers(r -> r.getSpec().getTemplate().getSpec())
        .wide("Selector", r -> Words.labels(r.getSpec().getSelectorMap()));
  }

  static Printer<StatefulSet> statefulSets() {
    return Printers.start(StatefulSet.class)
        .text("Ready", s -> s.getStatus().getReadyReplicas() + "/" + s.getSpec().getReplicas())
        .timed("Age", Printers::age)
        .wideContainers(s -> s.getSpec().getTemplate().getSpec());
  }

  static Printer<DaemonSet> daemonSets() {
    return Printers.start(DaemonSet.class)
        .number("Desired", d -> d.getStatus().getDesiredNumberScheduled())
        .number("Current", d -> d.getStatus().getCurrentNumberScheduled())
        .number("Ready", d -> d.getStatus().getNumberReady())
        .number("Up-to-date", d -> d.getStatus().getUpdatedNumberScheduled())
        .number("Available", d -> d.getStatus().getNumberAvailable())
        .text(
            "Node Selector",
            d -> Words.labels(d.getSpec().getTemplate().getSpec().getNodeSelectorMap()))
        .timed("Age", Printers::age)
        .wideContainers(d -> d.getSpec().getTemplate().getSpec())
        .wide("Selector", d -> Words.selector(d.getSpec().getSelector()));
  }

  static Printer<ControllerRevision> controllerRevisions() {
    return Printers.start(ControllerRevision.class)
        .text(
            "Controller",
            revision ->
                revision.getMetadata().getOwnerReferencesList().stream()
                    .filter(OwnerReference::getController)
                    .map(WorkloadPrinters::controller)
                    .findFirst()
                    .orElse(Words.NONE))
        .number("Revision", ControllerRevision::getRevision)
        .timed("Age", Printers::age);
  }

  private static String controller(OwnerReference owner) {
    String version = owner.getApiVersion();
    int slash = version.indexOf('/');
    String group = slash < 0 ? "" : "." + version.substring(0, slash);
    return (owner.getKind() + group).toLowerCase(Locale.ROOT) + "/" + owner.getName();
  }

  static Printer<PodTemplate> podTemplates() {
    return Printers.start(PodTemplate.class)
        .text("Containers", t -> Words.names(t.getTemplate().getSpec()))
        .text("Images", t -> Words.images(t.getTemplate().getSpec()))
        .text("Pod Labels", t -> Words.labels(t.getTemplate().getMetadata().getLabelsMap()));
  }

  static Printer<PodDisruptionBudget> podDisruptionBudgets() {
    return Printers.start(PodDisruptionBudget.class)
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
