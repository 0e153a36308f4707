package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import java.util.HashSet;
import java.util.Set;

/// What holds for a Service. Which addresses and ports are still free the registry knows.
final class ServiceRules {

  private ServiceRules() {}

  static void check(Service service, Problems problems) {
    ServiceSpec spec = service.getSpec();
    boolean headless = spec.getClusterIP().equals("None");
    boolean external = spec.getType().equals("ExternalName");
    if (spec.getPortsCount() == 0 && !headless && !external) {
      problems.required("spec.ports");
    }
    checkPorts(spec, headless, problems);
    MetadataRules.labels(spec.getSelectorMap(), "spec.selector", problems);
    checkType(spec, headless, problems);
    checkAddresses(spec, problems);
    if (spec.getSessionAffinity().equals("ClientIP") && external) {
      problems.invalid(
          "spec.sessionAffinity", "ClientIP", "may not be set when `type` is 'ExternalName'");
    }
  }

  private static void checkPorts(ServiceSpec spec, boolean headless, Problems problems) {
    Set<String> names = new HashSet<>();
    Set<String> numbers = new HashSet<>();
    Set<String> nodePorts = new HashSet<>();
    boolean outside = spec.getType().equals("NodePort") || spec.getType().equals("LoadBalancer");
    for (int i = 0; i < spec.getPortsCount(); i++) {
      ServicePort port = spec.getPorts(i);
      String at = "spec.ports[" + i + "]";
      String name = port.getName();
      if (name.isEmpty()) {
        if (spec.getPortsCount() > 1) {
          problems.required(at + ".name");
        }
      } else {
        Names.label(name).ifPresent(detail -> problems.invalid(at + ".name", name, detail));
        if (!names.add(name)) {
          problems.duplicate(at + ".name", name);
        }
      }
      if (!numbers.add(port.getPort() + "/" + port.getProtocol())) {
        problems.duplicate(at, port.getPort() + "/" + port.getProtocol());
      }
      if (port.hasTargetPort() && !headless) {
        ProbeRules.port(port.getTargetPort(), at + ".targetPort", problems);
      }
      if (port.getNodePort() != 0) {
        if (!outside) {
          problems.forbidden(
              at + ".nodePort", "may not be used when `type` is '" + spec.getType() + "'");
        } else if (!nodePorts.add(port.getNodePort() + "/" + port.getProtocol())) {
          problems.duplicate(at + ".nodePort", String.valueOf(port.getNodePort()));
        }
      }
    }
  }

  private static void checkType(ServiceSpec spec, boolean headless, Problems problems) {
    switch (spec.getType()) {
      case "ExternalName" -> {
        if (!spec.getClusterIP().isEmpty()) {
          problems.forbidden("spec.clusterIPs[0]", "may not be set when `type` is 'ExternalName'");
        }
        if (spec.getExternalName().isEmpty()) {
          problems.required("spec.externalName");
        } else {
          String name = spec.getExternalName().replaceAll("\\.$", "");
          Names.subdomain(name)
              .ifPresent(d -> problems.invalid("spec.externalName", spec.getExternalName(), d));
        }
      }
      case "NodePort", "LoadBalancer" -> {
        if (headless) {
          problems.invalid(
              "spec.clusterIPs[0]",
              "None",
              "may not be set to 'None' for " + spec.getType() + " services");
        }
      }
      default -> {
        if (!spec.getExternalTrafficPolicy().isEmpty() && spec.getExternalIPsCount() == 0) {
          problems.invalid(
              "spec.externalTrafficPolicy",
              spec.getExternalTrafficPolicy(),
              "may only be set for externally-accessible services");
        }
      }
    }
  }

  private static void checkAddresses(ServiceSpec spec, Problems problems) {
    String address = spec.getClusterIP();
    if (!address.isEmpty() && !address.equals("None") && Names.address(address).isPresent()) {
      problems.invalid("spec.clusterIP", address, "must be empty, 'None', or a valid IP address");
    }
    if (spec.getClusterIPsCount() > 0
        && !address.isEmpty()
        && !spec.getClusterIPs(0).equals(address)) {
      problems.invalid(
          "spec.clusterIPs", spec.getClusterIPs(0), "first value must match `clusterIP`");
    }
    for (int i = 0; i < spec.getExternalIPsCount(); i++) {
      String external = spec.getExternalIPs(i);
      String at = "spec.externalIPs[" + i + "]";
      Names.address(external)
          .or(() -> Names.special(external))
          .ifPresent(detail -> problems.invalid(at, external, detail));
    }
  }
}
