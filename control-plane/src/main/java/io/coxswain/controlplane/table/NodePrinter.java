package io.coxswain.controlplane.table;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeAddress;
import io.coxswain.api.core.v1.NodeCondition;
import java.util.Set;
import java.util.TreeSet;

/// The columns of nodes.
final class NodePrinter {

  private static final String ROLE = "node-role.kubernetes.io/";

  private NodePrinter() {}

  static Printer<Node> nodes() {
    return Printers.start(Node.class)
        .text("Status", NodePrinter::status)
        .text("Roles", NodePrinter::roles)
        .timed("Age", Printers::age)
        .text("Version", n -> n.getStatus().getNodeInfo().getKubeletVersion())
        .wide("Internal-IP", n -> address(n, "InternalIP"))
        .wide("External-IP", n -> address(n, "ExternalIP"))
        .wide("OS-Image", n -> orUnknown(n.getStatus().getNodeInfo().getOsImage()))
        .wide("Kernel-Version", n -> orUnknown(n.getStatus().getNodeInfo().getKernelVersion()))
        .wide(
            "Container-Runtime",
            n -> orUnknown(n.getStatus().getNodeInfo().getContainerRuntimeVersion()));
  }

  private static String status(Node node) {
    String ready =
        node.getStatus().getConditionsList().stream()
            .filter(condition -> condition.getType().equals("Ready"))
            .map(NodeCondition::getStatus)
            .map(status -> status.equals("True") ? "Ready" : "NotReady")
            .findFirst()
            .orElse("Unknown");
    return node.getSpec().getUnschedulable() ? ready + ",SchedulingDisabled" : ready;
  }

  private static String roles(Node node) {
    Set<String> roles = new TreeSet<>();
    node.getMetadata()
        .getLabelsMap()
        .forEach((label, value) -> {
          if (label.startsWith(ROLE) && label.length() > ROLE.length()) {
            roles.add(label.substring(ROLE.length()));
          } else if (label.equals("kubernetes.io/role") && !value.isEmpty()) {
            roles.add(value);
          }
        });
    return Words.orNone(String.join(",", roles));
  }

  private static String address(Node node, String type) {
    return Words.orNone(
        node.getStatus().getAddressesList().stream()
            .filter(address -> address.getType().equals(type))
            .map(NodeAddress::getAddress)
            .findFirst()
            .orElse(""));
  }

  private static String orUnknown(String text) {
    return text.isEmpty() ? "<unknown>" : text;
  }
}
