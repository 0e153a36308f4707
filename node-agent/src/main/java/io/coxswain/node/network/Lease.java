package io.coxswain.node.network;

import io.coxswain.node.network.PodNetwork.HostPort;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a pod was given: written to disk before it is used, so that an agent that starts anew
/// knows.
record Lease(String podUid, InetAddress address, List<HostPort> hostPorts) {

  private static final String ANY = "*";

  Lease {
    hostPorts = List.copyOf(hostPorts);
  }

  /// One line each: `address 10.244.0.7`, then `port TCP * 8080 80`.
  String text() {
    StringBuilder text = new StringBuilder("address " + address.getHostAddress() + "\n");
    for (HostPort port : hostPorts) {
      String host = port.hostAddress().isEmpty() ? ANY : port.hostAddress();
      text.append(
          "port %s %s %d %d\n"
              .formatted(port.protocol(), host, port.hostPort(), port.containerPort()));
    }
    return text.append("end\n").toString();
  }

  /// Nothing when the text is not whole, as after a power cut: the pod's devices are gone then too.
  static Optional<Lease> parse(String podUid, String text) {
    if (!text.endsWith("end\n")) {
      return Optional.empty();
    }
    Optional<InetAddress> address = Optional.empty();
    List<HostPort> ports = new ArrayList<>();
    try {
      for (String line : text.lines().toList()) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("address")) {
          address = Optional.of(InetAddress.ofLiteral(words[1]));
        } else if (words[0].equals("port")) {
          String host = words[2].equals(ANY) ? "" : words[2];
          ports.add(
              new HostPort(host, Integer.parseInt(words[3]), Integer.parseInt(words[4]), words[1]));
        }
      }
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
    return address.map(found -> new Lease(podUid, found, ports));
  }
}
