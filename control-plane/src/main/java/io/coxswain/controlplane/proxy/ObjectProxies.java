package io.coxswain.controlplane.proxy;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.registry.Registry;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.server.ProxyConnections;
import io.coxswain.controlplane.stream.Dialer;
import io.coxswain.controlplane.stream.PodPort;
import io.coxswain.schema.ResourceType;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/// Answers the `proxy` subresource: of pods at their own address, of Services at one of their ready
/// pods, of nodes by what their agents tell.
public final class ObjectProxies implements ProxyConnections {

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /// A program in a pod may think for as long as a terminal may be silent.
  private static final Duration SILENCE = Duration.ofHours(4);

  /// Endpoints that are tried before the answer is that nobody answers.
  private static final int MOST_TRIED = 3;

  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final SSLContext ANY_SERVER = AnyServer.context();

  private final Registry registry;
  private final Dialer dialer;
  private final ServicePlaces services;
  private final NodeProxy nodes;
  private final ReverseProxy proxy;

  public ObjectProxies(
      Registry registry,
      Dialer dialer,
      ServicePlaces services,
      NodeProxy nodes,
      ReverseProxy proxy) {
    this.registry = registry;
    this.dialer = dialer;
    this.services = services;
    this.nodes = nodes;
    this.proxy = proxy;
  }

  @Override
  public void serve(Exchange exchange, Request request) throws IOException {
    if (!METHODS.contains(exchange.method())) {
      throw new ApiException(
          new ApiError.MethodNotAllowed(
              "the server does not allow this method on the requested resource"));
    }
    String kind = request.type().singular();
    ProxyId id = ProxyId.parse(request.id(), kind);
    switch (kind) {
      case "pod" -> pass(exchange, request, pod(request.namespace(), id));
      case "service" -> pass(exchange, request, service(request.namespace(), id));
      default -> {
        var _ = registry.read(Target.of(ResourceType.of(Node.class), "", id.name()), "");
        nodes.serve(exchange, id, request);
      }
    }
  }

  private Upstream pod(String namespace, ProxyId id) {
    Pod pod = readPod(namespace, id.name(), "");
    String address = pod.getStatus().getPodIP();
    if (!isProxied(address)) {
      throw new ApiException(new ApiError.BadRequest("address not allowed"));
    }
    int port = id.port().isEmpty() ? firstPort(pod, id) : portNumber(id, "pod");
    return upstream(id, address, port, List.of(way(pod, address, port)));
  }

  /// The first that the pod says it has, or else the one that its scheme has.
  private static int firstPort(Pod pod, ProxyId id) {
    return pod.getSpec().getContainersList().stream()
        .map(Container::getPortsList)
        .filter(ports -> !ports.isEmpty())
        .map(ports -> ports.getFirst().getContainerPort())
        .findFirst()
        .orElse(id.secure() ? HTTPS : HTTP);
  }

  private static int portNumber(ProxyId id, String kind) {
    int port = id.hasPortNumber() ? Integer.parseInt(id.port()) : 0;
    if (port < 1 || port > 65535) {
      throw new ApiException(
          new ApiError.BadRequest(
              "the port of a "
                  + kind
                  + " must be a number from 1 to 65535, and is \""
                  + id.port()
                  + "\""));
    }
    return port;
  }

  private Upstream service(String namespace, ProxyId id) {
    Service service = services.service(namespace, id.name());
    String port =
        id.hasPortNumber() ? ServicePlaces.portName(service, Long.parseLong(id.port())) : id.port();
    List<ServicePlaces.Place> ready =
        new ArrayList<>(ServicePlaces.ready(services.slices(namespace, id.name()), port));
    Collections.shuffle(ready);
    List<Upstream.Way> ways =
        ready.stream().flatMap(place -> way(place).stream()).limit(MOST_TRIED).toList();
    if (ways.isEmpty()) {
      throw new ApiException(
          new ApiError.Unavailable("no endpoints available for service \"" + id.name() + "\""));
    }
    return upstream(id, ways.getFirst().address(), ways.getFirst().port(), ways);
  }

  /// Only to what is a pod's own address: whoever may write endpoints is not to reach through this
  /// server what they cannot reach themselves.
  private Optional<Upstream.Way> way(ServicePlaces.Place place) {
    if (place.pod().isEmpty() || !isProxied(place.address())) {
      return Optional.empty();
    }
    PodPort claimed = place.pod().get();
    try {
      Pod pod = readPod(claimed.namespace(), claimed.pod(), "0");
      boolean own =
          pod.getStatus().getPodIP().equals(place.address())
              || pod.getStatus().getPodIPsList().stream()
                  .anyMatch(ip -> ip.getIp().equals(place.address()));
      return own ? Optional.of(way(pod, place.address(), place.port())) : Optional.empty();
    } catch (ApiException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Pod readPod(String namespace, String name, String resourceVersion) {
    return (Pod)
        registry
            .read(Target.of(ResourceType.of(Pod.class), namespace, name), resourceVersion)
            .message();
  }

  private Upstream.Way way(Pod pod, String address, int port) {
    PodPort place =
        new PodPort(
            pod.getSpec().getNodeName(),
            pod.getMetadata().getNamespace(),
            pod.getMetadata().getName(),
            pod.getMetadata().getUid(),
            address,
            port);
    return new Upstream.Way(address, port, () -> dialer.socket(place));
  }

  private static Upstream upstream(ProxyId id, String address, int port, List<Upstream.Way> ways) {
    String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
    return new Upstream(
        host + ":" + port,
        ways,
        id.secure()
            ? Optional.of(new Upstream.TlsClient(ANY_SERVER, address, false))
            : Optional.empty());
  }

  /// Whether it can be somebody else's address: not this machine's own, nor one of its link.
  private static boolean isProxied(String address) {
    try {
      InetAddress parsed = InetAddress.ofLiteral(address);
      return !parsed.isLoopbackAddress()
          && !parsed.isAnyLocalAddress()
          && !parsed.isLinkLocalAddress()
          && !parsed.isMulticastAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void pass(Exchange exchange, Request request, Upstream upstream) throws IOException {
    String method = exchange.method();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (request.rest().isEmpty() && reads && !HopHeaders.asksUpgrade(exchange.headers())) {
      // Links that are relative would lead beside the server otherwise.
      exchange.respond(
          301, Map.of("location", request.prefix() + "/" + query(exchange)), new byte[0]);
      return;
    }
    String path = request.rest().isEmpty() ? "/" : request.rest();
    HttpHeaders headers = Outgoing.headers(exchange);
    headers.set("X-Forwarded-Uri", request.prefix() + request.rest());
    if (exchange.header("accept").contains("text/html")) {
      headers.remove("accept-encoding"); // the links in a page are to be read
    }
    proxy.pass(
        exchange,
        upstream,
        new Passage(
            path + query(exchange),
            headers,
            Optional.of(new Links(request.prefix(), upstream.authority(), exchange.header("host"))),
            true,
            SILENCE,
            request.added()));
  }

  private static String query(Exchange exchange) {
    return exchange.rawQuery().isEmpty() ? "" : "?" + exchange.rawQuery();
  }
}
