package io.coxswain.node.dns;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.Optional;

/// What the zone is made from, at this moment. Reads never block.
public interface ClusterNames {

  /// False until everything was read once: before that nothing is said of what does not exist.
  boolean complete();

  Optional<Service> service(String namespace, String name);

  /// Whether a Service is in the namespace.
  boolean namespaceHasServices(String namespace);

  /// Those of one Service.
  Collection<EndpointSlice> slices(String namespace, String service);

  /// Services with this address of their own.
  Collection<Service> servicesAt(String address);

  /// Slices in which the address is an endpoint.
  Collection<EndpointSlice> slicesAt(String address);
}
