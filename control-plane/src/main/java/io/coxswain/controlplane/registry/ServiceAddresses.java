package io.coxswain.controlplane.registry;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.schema.ResourceType;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Gives Services their cluster IPs and node ports. What is free follows from the Services there
/// are and from what was taken a moment ago.
final class ServiceAddresses {

  private static final ResourceType<Service> SERVICES = ResourceType.of(Service.class);

  /// The first addresses are for those who name one, as DNS does: nobody gets them by chance.
  private static final long STATIC_BAND = 256;

  /// Tries at random before looking at each in turn.
  private static final int TRIES = 32;

  private final Supplier<List<Service>> existing;
  private final Taken taken;
  private final Ipv4Range range;
  private final int firstPort;
  private final int lastPort;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();

  /// @param existing every Service that was stored before the call
  ServiceAddresses(
      Supplier<List<Service>> existing,
      Taken taken,
      RegistryOptions options,
      RandomGenerator random) {
    this.existing = existing;
    this.taken = taken;
    this.range = options.serviceRange();
    this.firstPort = options.firstNodePort();
    this.lastPort = options.lastNodePort();
    this.random = random;
  }

  /// Takes what `after` needs and `before` did not have.
  ///
  /// @throws io.coxswain.client.ApiException with Invalid when what it names is taken, and with
  ///   Internal when nothing is left
  Strategy.Prepared claim(Service before, Service after, boolean dryRun) {
    if (!needsAnything(before.getSpec(), after.getSpec())) {
      return new Strategy.Prepared(after, Strategy.Claim.NOTHING);
    }
    lock.lock();
    try {
      taken.settle();
      Set<String> used = new HashSet<>();
      existing.get().forEach(service -> used.addAll(things(service.getSpec())));
      Set<String> own = things(before.getSpec());
      Set<String> claimed = new LinkedHashSet<>();
      ServiceSpec.Builder spec = after.getSpec().toBuilder();
      if (ServiceStrategy.needsAddress(spec.build()) && !ServiceStrategy.isHeadless(spec.build())) {
        address(after, spec, used, own, claimed);
      }
      if (ServiceStrategy.needsNodePorts(spec.build())) {
        nodePorts(after, spec, used, own, claimed);
      }
      Service served = after.toBuilder().setSpec(spec).build();
      return new Strategy.Prepared(
          served, dryRun ? Strategy.Claim.NOTHING : taken.claim(Set.copyOf(claimed)));
    } finally {
      lock.unlock();
    }
  }

  private static boolean needsAnything(ServiceSpec before, ServiceSpec after) {
    boolean noAddress = ServiceStrategy.needsAddress(after) && after.getClusterIP().isEmpty();
    boolean noPort =
        ServiceStrategy.needsNodePorts(after)
            && after.getPortsList().stream().anyMatch(port -> port.getNodePort() == 0);
    return noAddress || noPort || !things(before).containsAll(things(after));
  }

  private static Set<String> things(ServiceSpec spec) {
    Set<String> things = new HashSet<>();
    if (!spec.getClusterIP().isEmpty() && !ServiceStrategy.isHeadless(spec)) {
      things.add(spec.getClusterIP());
    }
    for (ServicePort port : spec.getPortsList()) {
      if (port.getNodePort() != 0) {
        things.add(portThing(port, port.getNodePort()));
      }
    }
    return things;
  }

  private static String portThing(ServicePort port, int number) {
    return ServiceStrategy.protocol(port) + "/" + number;
  }

  private void address(
      Service service,
      ServiceSpec.Builder spec,
      Set<String> used,
      Set<String> own,
      Set<String> claimed) {
    String wanted = spec.getClusterIP();
    if (own.contains(wanted)) {
      return;
    }
    if (wanted.isEmpty()) {
      wanted = freeAddress(used);
      spec.setClusterIP(wanted).clearClusterIPs().addClusterIPs(wanted);
    } else if (!range.usable(wanted)) {
      throw refused(
          service,
          "spec.clusterIPs",
          "[\"" + wanted + "\"]",
          "failed to allocate IP "
              + wanted
              + ": the provided IP is not in the valid range "
              + range);
    } else if (used.contains(wanted) || taken.holds(wanted)) {
      throw refused(
          service,
          "spec.clusterIPs",
          "[\"" + wanted + "\"]",
          "failed to allocate IP " + wanted + ": provided IP is already allocated");
    }
    claimed.add(wanted);
  }

  private String freeAddress(Set<String> used) {
    long last = range.size() - 2;
    long first = Math.min(STATIC_BAND, last / 2) + 1;
    for (int i = 0; i < TRIES; i++) {
      String address = range.address(random.nextLong(first, last + 1));
      if (isFree(address, used)) {
        return address;
      }
    }
    for (long n = last; n >= 1; n--) {
      String address = range.address(n);
      if (isFree(address, used)) {
        return address;
      }
    }
    throw new ApiException(
        new ApiError.Internal(
            "failed to allocate a serviceIP: range " + range + " is full; delete a Service"));
  }

  private void nodePorts(
      Service service,
      ServiceSpec.Builder spec,
      Set<String> used,
      Set<String> own,
      Set<String> claimed) {
    for (int i = 0; i < spec.getPortsCount(); i++) {
      ServicePort port = spec.getPorts(i);
      int wanted = port.getNodePort();
      if (wanted != 0 && own.contains(portThing(port, wanted))) {
        continue;
      }
      if (wanted == 0) {
        wanted = freePort(port, used, claimed, spec);
        spec.getPortsBuilder(i).setNodePort(wanted);
      } else {
        checkPort(service, i, port, used);
      }
      claimed.add(portThing(port, wanted));
    }
  }

  private void checkPort(Service service, int index, ServicePort port, Set<String> used) {
    String field = "spec.ports[" + index + "].nodePort";
    int wanted = port.getNodePort();
    if (wanted < firstPort || wanted > lastPort) {
      throw refused(
          service,
          field,
          Integer.toString(wanted),
          "provided port is not in the valid range. The range of valid ports is "
              + firstPort
              + "-"
              + lastPort);
    }
    if (!isFree(portThing(port, wanted), used)) {
      throw refused(service, field, Integer.toString(wanted), "provided port is already allocated");
    }
  }

  /// A port that no other protocol uses either; one of the Service's own ports may share its number
  /// with another protocol.
  private int freePort(
      ServicePort port, Set<String> used, Set<String> claimed, ServiceSpec.Builder spec) {
    for (ServicePort other : spec.getPortsList()) {
      int number = other.getNodePort();
      boolean shareable =
          number != 0
              && other.getPort() == port.getPort()
              && !ServiceStrategy.protocol(other).equals(ServiceStrategy.protocol(port));
      String thing = portThing(port, number);
      if (shareable && isFree(thing, used) && !claimed.contains(thing)) {
        return number;
      }
    }
    for (int i = 0; i < TRIES; i++) {
      int number = random.nextInt(firstPort, lastPort + 1);
      if (isUnused(number, used, claimed)) {
        return number;
      }
    }
    for (int number = firstPort; number <= lastPort; number++) {
      if (isUnused(number, used, claimed)) {
        return number;
      }
    }
    throw new ApiException(
        new ApiError.Internal(
            "failed to allocate a nodePort: "
                + firstPort
                + "-"
                + lastPort
                + " is full; delete a Service of type NodePort"));
  }

  private boolean isUnused(int number, Set<String> used, Set<String> claimed) {
    for (String protocol : List.of("TCP", "UDP", "SCTP")) {
      String thing = protocol + "/" + number;
      if (!isFree(thing, used) || claimed.contains(thing)) {
        return false;
      }
    }
    return true;
  }

  private boolean isFree(String thing, Set<String> used) {
    return !used.contains(thing) && !taken.holds(thing);
  }

  private static ApiException refused(Service service, String field, String value, String why) {
    return Refusals.invalid(
        SERVICES,
        service.getMetadata().getName(),
        List.of(
            new ApiError.Cause(
                "FieldValueInvalid", field, "Invalid value: " + value + ": " + why)));
  }
}
