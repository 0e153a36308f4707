package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import java.util.HashMap;
import java.util.Map;

/// The labels by which slices are found.
final class SliceMetadata {

  static final String SERVICE_NAME = "kubernetes.io/service-name";
  static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
  static final String HEADLESS = "service.kubernetes.io/headless";
  static final String CONTROLLER = "endpointslice-controller.k8s.io";
  static final String MIRROR = "endpointslicemirroring-controller.k8s.io";

  private SliceMetadata() {}

  /// The Service's own labels, so that slices can be chosen by them, and the ones that find them.
  static Map<String, String> labels(Service service) {
    Map<String, String> labels = new HashMap<>(service.getMetadata().getLabelsMap());
    labels.remove(HEADLESS);
    if (service.getSpec().getClusterIP().equals("None")) {
      labels.put(HEADLESS, "");
    }
    labels.put(SERVICE_NAME, service.getMetadata().getName());
    labels.put(MANAGED_BY, CONTROLLER);
    return labels;
  }

  static boolean isManagedBy(ObjectMeta slice, String controller) {
    return slice.getLabelsMap().getOrDefault(MANAGED_BY, "").equals(controller);
  }

  /// Empty when the slice belongs to no Service.
  static String serviceName(ObjectMeta slice) {
    return slice.getLabelsMap().getOrDefault(SERVICE_NAME, "");
  }

  static ObjectMeta fresh(
      String namespace, String service, Map<String, String> labels, OwnerReference owner) {
    return ObjectMeta.newBuilder()
        .setGenerateName(service + "-")
        .setNamespace(namespace)
        .putAllLabels(labels)
        .addOwnerReferences(owner)
        .build();
  }
}
