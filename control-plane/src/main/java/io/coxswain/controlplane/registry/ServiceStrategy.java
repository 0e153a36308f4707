package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.client.ApiError;
import java.util.ArrayList;
import java.util.List;

/// Services own addresses and node ports: taken when one is made or becomes a kind that needs them,
/// kept while it does.
final class ServiceStrategy implements Strategy {

  private static final String NONE = "None";

  private final ServiceAddresses addresses;

  ServiceStrategy(ServiceAddresses addresses) {
    this.addresses = addresses;
  }

  static boolean needsAddress(ServiceSpec spec) {
    return !spec.getType().equals("ExternalName");
  }

  static boolean needsNodePorts(ServiceSpec spec) {
    return spec.getType().equals("NodePort")
        || (spec.getType().equals("LoadBalancer")
            && (!spec.hasAllocateLoadBalancerNodePorts()
                || spec.getAllocateLoadBalancerNodePorts()));
  }

  static boolean isHeadless(ServiceSpec spec) {
    return spec.getClusterIP().equals(NONE);
  }

  @Override
  public Message prepareCreate(Message object) {
    Service service = (Service) object;
    return service.toBuilder().setSpec(aligned(service.getSpec())).build();
  }

  /// Who replaces a Service without naming its addresses means to keep them.
  @Override
  public Message prepareUpdate(Message before, Message after) {
    ServiceSpec old = ((Service) before).getSpec();
    Service service = (Service) after;
    ServiceSpec.Builder spec = service.getSpec().toBuilder();
    if (needsAddress(old) && needsAddress(spec.build()) && spec.getClusterIP().isEmpty()) {
      spec.setClusterIP(old.getClusterIP());
      if (spec.getClusterIPsCount() == 0) {
        spec.addAllClusterIPs(old.getClusterIPsList());
      }
    }
    if (needsNodePorts(spec.build())) {
      keepNodePorts(old, spec);
    } else if (needsNodePorts(old)) {
      dropNodePorts(old, spec);
    }
    if (!needsAddress(spec.build()) && spec.getClusterIP().equals(old.getClusterIP())) {
      spec.clearClusterIP().clearClusterIPs().clearIpFamilies().clearIpFamilyPolicy();
    }
    return service.toBuilder().setSpec(aligned(spec.build())).build();
  }

  private static void keepNodePorts(ServiceSpec old, ServiceSpec.Builder spec) {
    for (ServicePort.Builder port : spec.getPortsBuilderList()) {
      if (port.getNodePort() == 0) {
        old.getPortsList().stream()
            .filter(was -> samePort(was, port))
            .map(ServicePort::getNodePort)
            .filter(number -> number != 0)
            .filter(number ->
                spec.getPortsList().stream().noneMatch(taken -> clashes(taken, port, number)))
            .findFirst()
            .ifPresent(port::setNodePort);
      }
    }
  }

  private static boolean samePort(ServicePort was, ServicePort.Builder port) {
    return was.getPort() == port.getPort() && protocol(was).equals(protocol(port.build()));
  }

  private static boolean clashes(ServicePort taken, ServicePort.Builder port, int number) {
    return taken.getNodePort() == number && protocol(taken).equals(protocol(port.build()));
  }

  private static void dropNodePorts(ServiceSpec old, ServiceSpec.Builder spec) {
    List<Integer> had = old.getPortsList().stream().map(ServicePort::getNodePort).toList();
    for (ServicePort.Builder port : spec.getPortsBuilderList()) {
      if (had.contains(port.getNodePort())) {
        port.clearNodePort();
      }
    }
    spec.clearHealthCheckNodePort();
  }

  static String protocol(ServicePort port) {
    return port.getProtocol().isEmpty() ? "TCP" : port.getProtocol();
  }

  /// `clusterIP` and the first of `clusterIPs` are one.
  private static ServiceSpec aligned(ServiceSpec spec) {
    if (!needsAddress(spec)) {
      return spec;
    }
    ServiceSpec.Builder aligned = spec.toBuilder();
    if (spec.getClusterIP().isEmpty() && spec.getClusterIPsCount() > 0) {
      aligned.setClusterIP(spec.getClusterIPs(0));
    } else if (!spec.getClusterIP().isEmpty() && spec.getClusterIPsCount() == 0) {
      aligned.addClusterIPs(spec.getClusterIP());
    }
    if (spec.getIpFamiliesCount() == 0) {
      aligned.addIpFamilies("IPv4");
    }
    if (spec.getIpFamilyPolicy().isEmpty()) {
      aligned.setIpFamilyPolicy("SingleStack");
    }
    return aligned.build();
  }

  @Override
  public Prepared claimCreate(Message object, boolean dryRun) {
    return addresses.claim(Service.getDefaultInstance(), (Service) object, dryRun);
  }

  @Override
  public boolean claimsOnUpdate() {
    return true;
  }

  @Override
  public Prepared claimUpdate(Message before, Message after, boolean dryRun) {
    return addresses.claim((Service) before, (Service) after, dryRun);
  }

  @Override
  public List<ApiError.Cause> onUpdate(Message before, Message after) {
    ServiceSpec old = ((Service) before).getSpec();
    ServiceSpec spec = ((Service) after).getSpec();
    List<ApiError.Cause> causes = new ArrayList<>();
    boolean stays = needsAddress(old) && needsAddress(spec) && !old.getClusterIP().isEmpty();
    if (stays && !spec.getClusterIP().equals(old.getClusterIP())) {
      causes.add(
          new ApiError.Cause(
              "FieldValueInvalid",
              "spec.clusterIPs[0]",
              "Invalid value: \"" + spec.getClusterIP() + "\": may not change once set"));
    }
    return causes;
  }

  @Override
  public boolean countsGenerations() {
    return false;
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }
}
