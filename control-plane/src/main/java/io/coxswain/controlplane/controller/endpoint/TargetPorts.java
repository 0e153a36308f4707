package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerPort;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.EndpointPort;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Where a Service's ports lead in one pod.
final class TargetPorts {

  private static final long NAMED = 1;

  private TargetPorts() {}

  /// A port whose name the pod does not have is left out.
  static List<EndpointPort> of(Service service, Pod pod) {
    List<EndpointPort> ports = new ArrayList<>();
    for (ServicePort port : service.getSpec().getPortsList()) {
      OptionalInt number = number(port, pod);
      if (number.isPresent()) {
        EndpointPort.Builder target =
            EndpointPort.newBuilder()
                .setName(port.getName())
                .setProtocol(protocol(port.getProtocol()))
                .setPort(number.getAsInt());
        if (!port.getAppProtocol().isEmpty()) {
          target.setAppProtocol(port.getAppProtocol());
        }
        ports.add(target.build());
      }
    }
    return List.copyOf(ports);
  }

  private static OptionalInt number(ServicePort port, Pod pod) {
    if (port.getTargetPort().getType() == NAMED) {
      return named(port.getTargetPort().getStrVal(), protocol(port.getProtocol()), pod);
    }
    int target = port.getTargetPort().getIntVal();
    return OptionalInt.of(target == 0 ? port.getPort() : target);
  }

  private static OptionalInt named(String name, String protocol, Pod pod) {
    // Init containers that go on running beside the others serve too.
    Stream<Container> sidecars =
        pod.getSpec().getInitContainersList().stream()
            .filter(c -> c.getRestartPolicy().equals("Always"));
    return Stream.concat(pod.getSpec().getContainersList().stream(), sidecars)
        .flatMap(container -> container.getPortsList().stream())
        .filter(port -> port.getName().equals(name))
        .filter(port -> protocol(port.getProtocol()).equals(protocol))
        .mapToInt(ContainerPort::getContainerPort)
        .findFirst();
  }

  static String protocol(String protocol) {
    return protocol.isEmpty() ? "TCP" : protocol;
  }
}
