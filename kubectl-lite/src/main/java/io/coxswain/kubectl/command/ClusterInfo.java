package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `cluster-info`: where the control plane and the cluster's own services are.
final class ClusterInfo implements Command {

  @Override
  public String name() {
    return "cluster-info";
  }

  @Override
  public String summary() {
    return "show where the control plane is; dump: all that helps to find a fault";
  }

  @Override
  public String examples() {
    return "kubectl-lite cluster-info\nkubectl-lite cluster-info dump --output-directory=/tmp/cluster";
  }

  @Override
  public Options declare(Options options) {
    return options;
  }

  @Override
  public List<String> words() {
    return List.of("dump");
  }

  @Override
  public Optional<Command> part(String word) {
    return word.equals("dump") ? Optional.of(new ClusterInfoDump()) : Optional.empty();
  }

  @Override
  public int run(Session session) {
    Kind services = session.discovery().kind("v1", "Service");
    String namespace = session.options().find("namespace").orElse("kube-system");
    JsonNode list =
        session
            .api()
            .get(
                services.path(
                    namespace, Map.of("labelSelector", "kubernetes.io/cluster-service=true")));
    String server = session.api().target().server();
    session.out().println("Kubernetes control plane is running at " + server);
    for (JsonNode service : Json.at(list, "items")) {
      String name = Json.text(service, "metadata", "labels", "kubernetes.io/name");
      session
          .out()
          .println(
              (name.isEmpty() ? Json.name(service) : name)
                  + " is running at "
                  + link(server, service));
    }
    session
        .out()
        .println(
            "\nTo further debug and diagnose cluster problems, use 'kubectl-lite cluster-info"
                + " dump'.");
    return 0;
  }

  private static String link(String server, JsonNode service) {
    JsonNode ports = Json.at(service, "spec", "ports");
    JsonNode ingress = Json.at(service, "status", "loadBalancer", "ingress");
    if (!ingress.isEmpty()) {
      String address = Json.text(ingress.get(0), "ip");
      String host = address.isEmpty() ? Json.text(ingress.get(0), "hostname") : address;
      StringBuilder links = new StringBuilder();
      ports.forEach(port -> links.append("http://" + host + ":" + Json.text(port, "port") + " "));
      return links.toString();
    }
    String name = Json.name(service);
    if (!ports.isEmpty()) {
      String port = Json.text(ports.get(0), "name");
      boolean secure = port.equals("https") || Json.number(ports.get(0), "port") == 443;
      if (secure) {
        name = "https:" + name + ":" + port;
      } else if (!port.isEmpty()) {
        name = name + ":" + port;
      }
    }
    return server
        + "/api/v1/namespaces/"
        + Json.namespace(service)
        + "/services/"
        + name
        + "/proxy";
  }
}
