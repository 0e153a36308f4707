package io.coxswain.controlplane.proxy;

import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.Registry;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.stream.PodPort;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds out where Services answer: at the endpoints that are ready now.
public final class ServicePlaces {

  /// One endpoint of a Service.
  ///
  /// @param pod that it is, by which it is reached; nothing for what is not of the cluster
  public record Place(String address, int port, Optional<PodPort> pod) {}

  private final Registry registry;

  public ServicePlaces(Registry registry) {
    this.registry = registry;
  }

  /// @throws ApiException with NotFound when there is none
  public Service service(String namespace, String name) {
    return (Service)
        registry.read(Target.of(ResourceType.of(Service.class), namespace, name), "0").message();
  }

  /// The name of the port of a number.
  ///
  /// @throws ApiException with Unavailable when the Service has no such port
  public static String portName(Service service, long number) {
    return service.getSpec().getPortsList().stream()
        .filter(port -> port.getPort() == number)
        .map(ServicePort::getName)
        .findFirst()
        .orElseThrow(() ->
            new ApiException(
                new ApiError.Unavailable(
                    "no service port %d found for service \"%s\""
                        .formatted(number, service.getMetadata().getName()))));
  }

  /// The Service's slices.
  public List<EndpointSlice> slices(String namespace, String name) {
    ListQuery query =
        new ListQuery(
            ResourceType.of(EndpointSlice.class),
            namespace,
            "kubernetes.io/service-name=" + name,
            "",
            "0",
            "",
            0,
            "");
    return registry.list(query).items().stream()
        .map(CachedObject::message)
        .map(EndpointSlice.class::cast)
        .toList();
  }

  /// Where a port is answered, in no order that means anything.
  ///
  /// @param port its name, which is empty for a Service's only one
  public static List<Place> ready(List<EndpointSlice> slices, String port) {
    Set<Place> places = new LinkedHashSet<>();
    for (EndpointSlice slice : slices) {
      for (EndpointPort one : slice.getPortsList()) {
        if (one.getName().equals(port)) {
          slice.getEndpointsList().stream()
              .filter(ServicePlaces::isReady)
              .forEach(endpoint -> places.add(place(endpoint, one.getPort())));
        }
      }
    }
    return List.copyOf(places);
  }

  private static boolean isReady(Endpoint endpoint) {
    boolean ready = !endpoint.getConditions().hasReady() || endpoint.getConditions().getReady();
    return ready && endpoint.getAddressesCount() > 0;
  }

  private static Place place(Endpoint endpoint, int port) {
    ObjectReference target = endpoint.getTargetRef();
    String address = endpoint.getAddresses(0);
    return target.getKind().equals("Pod") && !endpoint.getNodeName().isEmpty()
        ? new Place(
            address,
            port,
            Optional.of(
                new PodPort(
                    endpoint.getNodeName(),
                    target.getNamespace(),
                    target.getName(),
                    target.getUid(),
                    address,
                    port)))
        : new Place(address, port, Optional.empty());
  }
}
