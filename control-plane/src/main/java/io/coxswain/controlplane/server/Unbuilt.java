package io.coxswain.controlplane.server;

import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.Set;

/// Kinds that are stored and served but that nothing acts upon here: whoever creates one is told.
final class Unbuilt {

  private static final Set<String> BUILT =
      Set.of(
          "namespaces",
          "nodes",
          "pods",
          "services",
          "endpoints",
          "configmaps",
          "secrets",
          "serviceaccounts",
          "persistentvolumes",
          "persistentvolumeclaims",
          "storageclasses.storage.k8s.io",
          "csidrivers.storage.k8s.io",
          "csinodes.storage.k8s.io",
          "csistoragecapacities.storage.k8s.io",
          "volumeattachments.storage.k8s.io",
          "events",
          "bindings",
          "endpointslices.discovery.k8s.io",
          "events.events.k8s.io",
          "leases.coordination.k8s.io",
          "certificatesigningrequests.certificates.k8s.io",
          "deployments.apps",
          "replicasets.apps",
          "poddisruptionbudgets.policy",
          "apiservices.apiregistration.k8s.io",
          "customresourcedefinitions.apiextensions.k8s.io",
          "validatingwebhookconfigurations.admissionregistration.k8s.io",
          "mutatingwebhookconfigurations.admissionregistration.k8s.io",
          "validatingadmissionpolicies.admissionregistration.k8s.io",
          "validatingadmissionpolicybindings.admissionregistration.k8s.io",
          "mutatingadmissionpolicies.admissionregistration.k8s.io",
          "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
          "limitranges",
          "resourcequotas",
          "replicationcontrollers",
          "priorityclasses.scheduling.k8s.io",
          "runtimeclasses.node.k8s.io",
          "flowschemas.flowcontrol.apiserver.k8s.io",
          "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
          "roles.rbac.authorization.k8s.io",
          "rolebindings.rbac.authorization.k8s.io",
          "clusterroles.rbac.authorization.k8s.io",
          "clusterrolebindings.rbac.authorization.k8s.io");

  private Unbuilt() {}

  static List<String> warnings(ResourceType<?> type) {
    return type.prototype() instanceof CustomObject || BUILT.contains(type.qualifiedPlural())
        ? List.of()
        : List.of(
            type.kind()
                + " "
                + type.apiVersion()
                + " is stored, but nothing acts upon it in this version of Coxswain");
  }
}
