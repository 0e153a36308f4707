package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodIP;
import io.coxswain.api.core.v1.Service;
import java.util.ArrayList;
import java.util.List;

/// Address families: `IPv4` and `IPv6`.
final class Families {

  static final String IPV4 = "IPv4";
  static final String IPV6 = "IPv6";

  private Families() {}

  static String of(String address) {
    return address.indexOf(':') >= 0 ? IPV6 : IPV4;
  }

  /// The families that the Service is in; IPv4 when it does not say.
  static List<String> of(Service service) {
    if (service.getSpec().getIpFamiliesCount() > 0) {
      return List.copyOf(service.getSpec().getIpFamiliesList());
    }
    String clusterIp = service.getSpec().getClusterIP();
    return List.of(clusterIp.isEmpty() || clusterIp.equals("None") ? IPV4 : of(clusterIp));
  }

  static boolean hasAddress(Pod pod) {
    return pod.getStatus().getPodIPsCount() > 0 || !pod.getStatus().getPodIP().isEmpty();
  }

  static List<String> addresses(Pod pod, String family) {
    List<String> addresses = new ArrayList<>();
    for (PodIP ip : pod.getStatus().getPodIPsList()) {
      addresses.add(ip.getIp());
    }
    if (addresses.isEmpty() && !pod.getStatus().getPodIP().isEmpty()) {
      addresses.add(pod.getStatus().getPodIP());
    }
    addresses.removeIf(address -> !of(address).equals(family));
    return addresses;
  }
}
