package io.coxswain.node.network;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.node.dns.ClusterNames;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// The Services, endpoints and nodes that this node's network is made from, as the informers know
/// them.
final class ClusterView implements ClusterNames {

  private static final String ADDRESS = "network.address";
  private static final String SERVICE = "network.service";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private volatile boolean stopped;
  private final Informer<Service> services;
  private final Informer<EndpointSlice> slices;
  private final Informer<Node> nodes;

  /// Adds indexes: so before the informers start.
  ClusterView(InformerFactory informers) {
    services = informers.informer(Service.class).addIndex(ADDRESS, ClusterView::addresses);
    slices =
        informers
            .informer(EndpointSlice.class)
            .addIndex(ADDRESS, ClusterView::addresses)
            .addIndex(SERVICE, slice -> List.of(serviceOf(slice)));
    nodes = informers.informer(Node.class);
  }

  private static Collection<String> addresses(Service service) {
    Collection<String> addresses = new TreeSet<>(service.getSpec().getClusterIPsList());
    addresses.add(service.getSpec().getClusterIP());
    addresses.remove("");
    addresses.remove("None");
    return addresses;
  }

  private static Collection<String> addresses(EndpointSlice slice) {
    Collection<String> addresses = new TreeSet<>();
    slice.getEndpointsList().forEach(endpoint -> addresses.addAll(endpoint.getAddressesList()));
    return addresses;
  }

  private static String serviceOf(EndpointSlice slice) {
    return slice.getMetadata().getNamespace()
        + "/"
        + slice.getMetadata().getLabelsOrDefault("kubernetes.io/service-name", "");
  }

  /// Starts listening; the actions are called on every change, in the informers' threads.
  void start(Runnable serviceChanged, Runnable nodeChanged) {
    services.addHandler(Handler.each(any -> serviceChanged.run())).start();
    slices.addHandler(Handler.each(any -> serviceChanged.run())).start();
    nodes.addHandler(Handler.each(any -> nodeChanged.run())).start();
    // Lists may be empty: then nobody is told of anything, but that they are complete.
    Thread.ofVirtual()
        .name("network-first-lists")
        .start(() -> {
          if (awaitFirstLists()) {
            serviceChanged.run();
            nodeChanged.run();
          }
        });
  }

  private boolean awaitFirstLists() {
    try {
      while (!stopped) {
        if (services.awaitSync(PATIENCE)
            && slices.awaitSync(PATIENCE)
            && nodes.awaitSync(PATIENCE)) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  void stop() {
    stopped = true;
  }

  @Override
  public boolean complete() {
    return services.synced() && slices.synced();
  }

  boolean nodesComplete() {
    return nodes.synced();
  }

  Collection<Service> services() {
    return services.list();
  }

  Collection<EndpointSlice> slices() {
    return slices.list();
  }

  Collection<Node> nodes() {
    return nodes.list();
  }

  Optional<Node> node(String name) {
    return nodes.find("", name);
  }

  @Override
  public Optional<Service> service(String namespace, String name) {
    return services.find(namespace, name);
  }

  @Override
  public boolean namespaceHasServices(String namespace) {
    return !services.listIn(namespace).isEmpty();
  }

  @Override
  public Collection<EndpointSlice> slices(String namespace, String service) {
    return slices.byIndex(SERVICE, namespace + "/" + service);
  }

  @Override
  public Collection<Service> servicesAt(String address) {
    return services.byIndex(ADDRESS, address);
  }

  @Override
  public Collection<EndpointSlice> slicesAt(String address) {
    return slices.byIndex(ADDRESS, address);
  }
}
