package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.EndpointAddress;
import io.coxswain.api.core.v1.EndpointSubset;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.codec.LabelSyntax;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What holds for namespaces and nodes, and for what Services lead to.
final class ClusterRules {

  private static final int MOST_ENDPOINTS = 1000;

  private ClusterRules() {}

  static void check(Namespace namespace, Problems problems) {
    for (String finalizer : namespace.getSpec().getFinalizersList()) {
      MetadataRules.finalizer(finalizer, "spec.finalizers", false, problems);
    }
  }

  /// What is written through `finalize`.
  static void checkFinalizers(Namespace namespace, Problems problems) {
    for (int i = 0; i < namespace.getSpec().getFinalizersCount(); i++) {
      MetadataRules.finalizer(
          namespace.getSpec().getFinalizers(i), "spec.finalizers[" + i + "]", false, problems);
    }
  }

  /// The phase tells whether it ends, and no more.
  static void checkStatus(Namespace namespace, Problems problems) {
    String phase = namespace.getStatus().getPhase();
    if (namespace.getMetadata().hasDeletionTimestamp()) {
      if (!phase.equals("Terminating")) {
        problems.invalid(
            "status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
      }
    } else if (!phase.equals("Active")) {
      problems.invalid(
          "status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
    }
  }

  static void check(Node node, Problems problems) {
    Set<String> taints = new HashSet<>();
    for (int i = 0; i < node.getSpec().getTaintsCount(); i++) {
      Taint taint = node.getSpec().getTaints(i);
      String at = "spec.taints[" + i + "]";
      LabelSyntax.keyProblem(taint.getKey())
          .ifPresent(detail -> problems.invalid(at + ".key", taint.getKey(), detail));
      LabelSyntax.valueProblem(taint.getValue())
          .ifPresent(detail -> problems.invalid(at + ".value", taint.getValue(), detail));
      if (!taints.add(taint.getKey() + ":" + taint.getEffect())) {
        problems.duplicate(at, taint.getKey() + ":" + taint.getEffect());
      }
    }
  }

  static void check(Node before, Node after, Problems problems) {
    String had = before.getSpec().getPodCIDR();
    if (!had.isEmpty() && !had.equals(after.getSpec().getPodCIDR())) {
      problems.forbidden(
          "spec.podCIDR", "node updates may not change podCIDR except from \"\" to valid");
    }
    String provider = before.getSpec().getProviderID();
    if (!provider.isEmpty() && !provider.equals(after.getSpec().getProviderID())) {
      problems.forbidden(
          "spec.providerID", "node updates may not change providerID except from \"\" to valid");
    }
  }

  static void check(Endpoints endpoints, Problems problems) {
    for (int i = 0; i < endpoints.getSubsetsCount(); i++) {
      EndpointSubset subset = endpoints.getSubsets(i);
      String at = "subsets[" + i + "]";
      if (subset.getAddressesCount() == 0 && subset.getNotReadyAddressesCount() == 0) {
        problems.required(at, "must specify `addresses` or `notReadyAddresses`");
      }
      addresses(subset.getAddressesList(), at + ".addresses", problems);
      addresses(subset.getNotReadyAddressesList(), at + ".notReadyAddresses", problems);
    }
  }

  private static void addresses(List<EndpointAddress> addresses, String path, Problems problems) {
    for (int i = 0; i < addresses.size(); i++) {
      String ip = addresses.get(i).getIp();
      String at = path + "[" + i + "].ip";
      Names.address(ip).ifPresent(detail -> problems.invalid(at, ip, detail));
    }
  }

  static void check(EndpointSlice slice, Problems problems) {
    if (slice.getEndpointsCount() > MOST_ENDPOINTS) {
      problems.tooMany("endpoints", slice.getEndpointsCount(), MOST_ENDPOINTS);
    }
    for (int i = 0; i < slice.getEndpointsCount(); i++) {
      Endpoint endpoint = slice.getEndpoints(i);
      String at = "endpoints[" + i + "].addresses";
      if (endpoint.getAddressesCount() == 0) {
        problems.required(at, "must contain at least 1 address");
      }
      for (int j = 0; j < endpoint.getAddressesCount(); j++) {
        String address = endpoint.getAddresses(j);
        String where = at + "[" + j + "]";
        addressProblem(slice.getAddressType(), address)
            .ifPresent(detail -> problems.invalid(where, address, detail));
      }
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < slice.getPortsCount(); i++) {
      String name = slice.getPorts(i).getName();
      String at = "ports[" + i + "].name";
      if (!name.isEmpty()) {
        Names.label(name).ifPresent(detail -> problems.invalid(at, name, detail));
      }
      if (!names.add(name)) {
        problems.duplicate(at, name);
      }
    }
  }

  private static Optional<String> addressProblem(String type, String address) {
    return switch (type) {
      case "IPv4" ->
          Names.isIpv4(address) ? Optional.empty() : Optional.of("must be a valid IPv4 address");
      case "IPv6" ->
          Names.isIpv6(address) ? Optional.empty() : Optional.of("must be a valid IPv6 address");
      case "FQDN" -> Names.subdomain(address);
      default -> Optional.empty();
    };
  }
}
