package io.coxswain.controlplane;

import io.coxswain.api.apiextensions.v1.ServiceReference;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.Registry;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.stream.Dialer;
import io.coxswain.controlplane.stream.PodPort;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.webhook.WebhookPlace;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds out where a Service answers: at the endpoints that are ready now.
final class ServiceEndpoints {

  private static final int HTTPS = 443;
  private static final int MOST = 3;

  private ServiceEndpoints() {}

  /// @throws IOException when there is no such Service, or nothing behind it
  static WebhookPlace of(Registry registry, Dialer dialer, ServiceReference wanted)
      throws IOException {
    String name = wanted.getName() + "." + wanted.getNamespace() + ".svc";
    int port = wanted.hasPort() ? wanted.getPort() : HTTPS;
    try {
      Service service =
          (Service)
              registry
                  .read(
                      Target.of(
                          ResourceType.of(Service.class), wanted.getNamespace(), wanted.getName()),
                      "0")
                  .message();
      ServicePort found =
          service.getSpec().getPortsList().stream()
              .filter(one -> one.getPort() == port)
              .findFirst()
              .orElseThrow(() -> new IOException("no service port " + port + " found for " + name));
      Map<InetSocketAddress, Optional<PodPort>> addresses =
          addresses(registry, wanted, found.getName());
      if (addresses.isEmpty()) {
        throw new IOException("no endpoints available for service \"" + wanted.getName() + "\"");
      }
      return new WebhookPlace(
          name,
          port,
          path(wanted),
          List.copyOf(addresses.keySet()),
          address ->
              addresses
                  .getOrDefault(address, Optional.empty())
                  .map(dialer::socket)
                  .orElseGet(Socket::new));
    } catch (ApiException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static String path(ServiceReference wanted) {
    String path = wanted.getPath();
    return path.startsWith("/") ? path : "/" + path;
  }

  private static Map<InetSocketAddress, Optional<PodPort>> addresses(
      Registry registry, ServiceReference wanted, String port) {
    ListQuery query =
        new ListQuery(
            ResourceType.of(EndpointSlice.class),
            wanted.getNamespace(),
            "kubernetes.io/service-name=" + wanted.getName(),
            "",
            "0",
            "",
            0,
            "");
    Map<InetSocketAddress, Optional<PodPort>> addresses = new LinkedHashMap<>();
    for (CachedObject object : registry.list(query).items()) {
      EndpointSlice slice = (EndpointSlice) object.message();
      for (EndpointPort one : slice.getPortsList()) {
        if (!one.getName().equals(port)) {
          continue;
        }
        for (Endpoint endpoint : slice.getEndpointsList()) {
          boolean ready =
              !endpoint.getConditions().hasReady() || endpoint.getConditions().getReady();
          if (ready && endpoint.getAddressesCount() > 0 && addresses.size() < MOST) {
            addresses.put(
                InetSocketAddress.createUnresolved(endpoint.getAddresses(0), one.getPort()),
                pod(endpoint, one.getPort()));
          }
        }
      }
    }
    return addresses;
  }

  private static Optional<PodPort> pod(Endpoint endpoint, int port) {
    ObjectReference target = endpoint.getTargetRef();
    if (!target.getKind().equals("Pod") || endpoint.getNodeName().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new PodPort(
            endpoint.getNodeName(),
            target.getNamespace(),
            target.getName(),
            target.getUid(),
            endpoint.getAddresses(0),
            port));
  }
}
