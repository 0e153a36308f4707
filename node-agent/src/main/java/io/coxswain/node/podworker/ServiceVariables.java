package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Where Services are, as variables of a container: `NAME_SERVICE_HOST` and the like, and the older
/// form that Docker's links had. Names and values are Kubernetes's ("Accessing the Service" in its
/// documentation).
final class ServiceVariables {

  private ServiceVariables() {}

  /// Services without an address of their own (headless, or names of something outside) give
  /// nothing.
  static Map<String, String> of(Collection<Service> services) {
    Map<String, String> values = new LinkedHashMap<>();
    List<Service> addressed =
        services.stream()
            .filter(service -> hasAddress(service.getSpec().getClusterIP()))
            .filter(service -> service.getSpec().getPortsCount() > 0)
            // what two would both be called has one value whatever the order they came in
            .sorted(Comparator.comparing(service -> service.getMetadata().getName()))
            .toList();
    addressed.forEach(service -> add(values, service));
    return values;
  }

  private static boolean hasAddress(String clusterIp) {
    return !clusterIp.isEmpty() && !clusterIp.equals("None");
  }

  private static void add(Map<String, String> values, Service service) {
    String name = variable(service.getMetadata().getName());
    String address = service.getSpec().getClusterIP();
    // as in a URL
    String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
    List<ServicePort> ports = service.getSpec().getPortsList();
    values.put(name + "_SERVICE_HOST", address);
    values.put(name + "_SERVICE_PORT", Integer.toString(ports.getFirst().getPort()));
    for (ServicePort port : ports) {
      if (!port.getName().isEmpty()) {
        values.put(
            name + "_SERVICE_PORT_" + variable(port.getName()), Integer.toString(port.getPort()));
      }
    }
    for (int i = 0; i < ports.size(); i++) {
      ServicePort port = ports.get(i);
      String protocol = port.getProtocol().isEmpty() ? "TCP" : port.getProtocol();
      String lower = protocol.toLowerCase(Locale.ROOT);
      String url = "%s://%s:%d".formatted(lower, host, port.getPort());
      if (i == 0) {
        values.put(name + "_PORT", url);
      }
      String prefix = "%s_PORT_%d_%s".formatted(name, port.getPort(), protocol);
      values.put(prefix, url);
      values.put(prefix + "_PROTO", lower);
      values.put(prefix + "_PORT", Integer.toString(port.getPort()));
      values.put(prefix + "_ADDR", address);
    }
  }

  private static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
