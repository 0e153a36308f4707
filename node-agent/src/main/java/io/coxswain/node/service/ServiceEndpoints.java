package io.coxswain.node.service;

import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Where the connections to one port of a Service go.
///
/// @param usable what new connections are spread over: the ready ones, or where there is none,
///   those that still serve while they end
/// @param local the same among the endpoints on this node
record ServiceEndpoints(List<Target> usable, List<Target> local) {

  /// A pod's address and port.
  record Target(String address, int port) implements Comparable<Target> {
    @Override
    public int compareTo(Target other) {
      int byAddress = address.compareTo(other.address);
      return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }

    @Override
    public String toString() {
      return address + " . " + port;
    }
  }

  private record Candidate(Target target, EndpointConditions conditions, boolean local) {

    /// Not said means ready.
    boolean ready() {
      return !conditions.hasReady() || conditions.getReady();
    }

    boolean servesToTheEnd() {
      boolean serving = conditions.hasServing() ? conditions.getServing() : ready();
      return serving && conditions.getTerminating();
    }
  }

  ServiceEndpoints {
    usable = List.copyOf(usable);
    local = List.copyOf(local);
  }

  static ServiceEndpoints of(ServicePort port, Collection<EndpointSlice> slices, String nodeName) {
    List<Candidate> all =
        slices.stream()
            .filter(slice -> slice.getAddressType().equals("IPv4"))
            .flatMap(slice ->
                slice.getPortsList().stream()
                    .filter(offered -> matches(port, offered))
                    .flatMap(offered ->
                        slice.getEndpointsList().stream()
                            .filter(endpoint -> endpoint.getAddressesCount() > 0)
                            .map(endpoint -> candidate(endpoint, offered, nodeName))))
            .toList();
    return new ServiceEndpoints(
        choose(all), choose(all.stream().filter(Candidate::local).toList()));
  }

  private static boolean matches(ServicePort port, EndpointPort offered) {
    return offered.getPort() > 0
        && offered.getName().equals(port.getName())
        && Protocols.nft(offered.getProtocol()).equals(Protocols.nft(port.getProtocol()));
  }

  /// Of several addresses, the first: they are the same endpoint's, and callers expect one.
  private static Candidate candidate(Endpoint endpoint, EndpointPort port, String nodeName) {
    return new Candidate(
        new Target(endpoint.getAddresses(0), port.getPort()),
        endpoint.getConditions(),
        endpoint.getNodeName().equals(nodeName));
  }

  private static List<Target> choose(List<Candidate> candidates) {
    List<Target> ready = those(candidates, Candidate::ready);
    return ready.isEmpty() ? those(candidates, Candidate::servesToTheEnd) : ready;
  }

  private static List<Target> those(List<Candidate> candidates, Predicate<Candidate> wanted) {
    NavigableSet<Target> targets = new TreeSet<>();
    candidates.stream().filter(wanted).map(Candidate::target).forEach(targets::add);
    return List.copyOf(targets);
  }
}
