package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;

/// Under which names a pod's processes know their machine.
final class PodNames {

  private static final int KERNEL_LIMIT = 63;

  private PodNames() {}

  /// `spec.hostname`, or the pod's name cut to what the kernel takes; the full name when
  /// `setHostnameAsFQDN` asks for it.
  static String hostname(Pod pod, String clusterDomain) {
    PodSpec spec = pod.getSpec();
    if (!spec.getHostnameOverride().isEmpty()) {
      return spec.getHostnameOverride();
    }
    String qualified = qualified(pod, clusterDomain);
    return spec.getSetHostnameAsFQDN() && !qualified.isEmpty() ? qualified : shortName(pod);
  }

  /// `hostname.subdomain.namespace.svc.DOMAIN`; empty without a subdomain.
  static String qualified(Pod pod, String clusterDomain) {
    String subdomain = pod.getSpec().getSubdomain();
    return subdomain.isEmpty()
        ? ""
        : "%s.%s.%s.svc.%s"
            .formatted(shortName(pod), subdomain, pod.getMetadata().getNamespace(), clusterDomain);
  }

  private static String shortName(Pod pod) {
    String name =
        pod.getSpec().getHostname().isEmpty()
            ? pod.getMetadata().getName()
            : pod.getSpec().getHostname();
    return name.length() <= KERNEL_LIMIT
        ? name
        : name.substring(0, KERNEL_LIMIT).replaceAll("[-.]+$", "");
  }
}
