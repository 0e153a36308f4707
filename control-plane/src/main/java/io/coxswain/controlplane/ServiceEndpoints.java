package io.coxswain.controlplane;

import io.coxswain.api.apiextensions.v1.ServiceReference;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.proxy.ServicePlaces;
import io.coxswain.controlplane.stream.Dialer;
import io.coxswain.controlplane.stream.PodPort;
import io.coxswain.controlplane.webhook.WebhookPlace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds out where the webhooks of a Service answer.
final class ServiceEndpoints {

  private static final int HTTPS = 443;
  private static final int MOST = 3;

  private ServiceEndpoints() {}

  /// @throws IOException when there is no such Service, or nothing behind it
  static WebhookPlace of(ServicePlaces services, Dialer dialer, ServiceReference wanted)
      throws IOException {
    String name = wanted.getName() + "." + wanted.getNamespace() + ".svc";
    int port = wanted.hasPort() ? wanted.getPort() : HTTPS;
    try {
      Service service = services.service(wanted.getNamespace(), wanted.getName());
      ServicePort found =
          service.getSpec().getPortsList().stream()
              .filter(one -> one.getPort() == port)
              .findFirst()
              .orElseThrow(() -> new IOException("no service port " + port + " found for " + name));
      Map<InetSocketAddress, Optional<PodPort>> addresses = new LinkedHashMap<>();
      ServicePlaces.ready(services.slices(wanted.getNamespace(), wanted.getName()), found.getName())
          .stream()
          .limit(MOST)
          .forEach(place ->
              addresses.put(
                  InetSocketAddress.createUnresolved(place.address(), place.port()), place.pod()));
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
}
