package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `create service`, of each type.
final class ServiceMaker implements Maker {

  private final String type;

  ServiceMaker(String type) {
    this.type = type;
  }

  @Override
  public String summary() {
    return "make a service of type " + type;
  }

  @Override
  public String examples() {
    return "service "
        + type.toLowerCase(Locale.ROOT)
        + " web "
        + (type.equals("ExternalName") ? "--external-name=web.example" : "--tcp=80:8080");
  }

  @Override
  public Options declare(Options options) {
    options.repeated("tcp", ' ', "PORT[:TARGET], more than once for several");
    return switch (type) {
      case "ClusterIP" -> options.value("clusterip", ' ', "", "an address, or None for none");
      case "NodePort" -> options.value("node-port", ' ', "", "the port on every node");
      case "ExternalName" -> options.value("external-name", ' ', "", "the name that it stands for");
      default -> options;
    };
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    ObjectNode object = Makers.named("v1", "Service", name);
    object.withObject("/metadata/labels").put("app", name);
    ObjectNode spec = object.putObject("spec").put("type", type);
    spec.putObject("selector").put("app", name);
    boolean headless = type.equals("ClusterIP") && options.text("clusterip").equals("None");
    if (type.equals("ClusterIP")) {
      options.find("clusterip").ifPresent(address -> spec.put("clusterIP", address));
    }
    if (type.equals("ExternalName")) {
      spec.put("externalName", Makers.required(options, "external-name"));
    }
    List<String> ports = options.list("tcp");
    if (headless && !ports.isEmpty()) {
      throw new Failure("error: can not map ports with clusterip=None");
    }
    if (!ports.isEmpty()) {
      ports(options, ports, spec.putArray("ports"));
    } else if (!headless && !type.equals("ExternalName")) {
      throw new Failure("error: at least one tcp port specifier must be provided");
    }
    return object;
  }

  private void ports(Options options, List<String> given, ArrayNode ports) {
    for (String tcp : given) {
      int colon = tcp.indexOf(':');
      String target = tcp.substring(colon + 1);
      ObjectNode entry =
          ports
              .addObject()
              .put("name", tcp.replace(':', '-'))
              .put("port", port(tcp, colon < 0 ? tcp : tcp.substring(0, colon)))
              .put("protocol", "TCP");
      if (target.chars().allMatch(Character::isDigit)) {
        entry.put("targetPort", port(tcp, target));
      } else {
        entry.put("targetPort", target);
      }
      if (type.equals("NodePort") && options.find("node-port").isPresent()) {
        entry.put("nodePort", options.number("node-port"));
      }
    }
  }

  private static int port(String whole, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new Failure(
        "error: invalid port format in --tcp \""
            + whole
            + "\": it is PORT or PORT:TARGET, with ports from 1 to 65535");
  }
}
