package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.intstr.IntOrString;

/// What follows from a Service's type. Addresses are the registry's to give.
final class ServiceDefaults {

  private static final int AFFINITY_SECONDS = 10_800;

  private ServiceDefaults() {}

  static void complete(ServiceSpec.Builder spec) {
    if (spec.getSessionAffinity().equals("ClientIP")) {
      var clientIp = spec.getSessionAffinityConfigBuilder().getClientIPBuilder();
      if (!clientIp.hasTimeoutSeconds()) {
        clientIp.setTimeoutSeconds(AFFINITY_SECONDS);
      }
    } else if (spec.getSessionAffinity().equals("None")) {
      spec.clearSessionAffinityConfig();
    }
    for (ServicePort.Builder port : spec.getPortsBuilderList()) {
      boolean none =
          port.getTargetPort().getIntVal() == 0 && port.getTargetPort().getStrVal().isEmpty();
      if (none) {
        port.setTargetPort(IntOrString.newBuilder().setIntVal(port.getPort()));
      }
    }
    boolean outside = spec.getType().equals("NodePort") || spec.getType().equals("LoadBalancer");
    if (outside && spec.getExternalTrafficPolicy().isEmpty()) {
      spec.setExternalTrafficPolicy("Cluster");
    }
    boolean inside = outside || spec.getType().equals("ClusterIP");
    if (inside && !spec.hasInternalTrafficPolicy()) {
      spec.setInternalTrafficPolicy("Cluster");
    }
    if (spec.getType().equals("LoadBalancer") && !spec.hasAllocateLoadBalancerNodePorts()) {
      spec.setAllocateLoadBalancerNodePorts(true);
    }
  }
}
