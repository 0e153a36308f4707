package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Labels;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `expose`: makes a Service of what selects pods.
final class Expose implements Command {

  @Override
  public String name() {
    return "expose";
  }

  @Override
  public String summary() {
    return "make a service of a deployment, pod or other service";
  }

  @Override
  public String examples() {
    return "kubectl-lite expose deployment web --port=80 --target-port=8080\n"
        + "kubectl-lite expose pod web-1 --port=80 --name=web --type=NodePort";
  }

  @Override
  public Options declare(Options options) {
    return Overrides.declare(Changes.declare(Targets.declare(options), "kubectl-expose"))
        .value("port", ' ', "", "the service's port; the containers' ports when it is not given")
        .value("target-port", ' ', "", "the containers' port, as a number or a name")
        .value("protocol", ' ', "", "TCP, UDP or SCTP")
        .value("name", ' ', "", "the service's name; that of the object when it is not given")
        .value("type", ' ', "", "ClusterIP, NodePort, LoadBalancer or ExternalName")
        .value("selector", ' ', "", "the pods' labels, instead of the object's selector")
        .value("labels", 'l', "", "the service's labels")
        .value("cluster-ip", ' ', "", "the service's address, or None")
        .value("external-ip", ' ', "", "a further address that it is reached by")
        .value("load-balancer-ip", ' ', "", "the load balancer's address")
        .value("external-name", ' ', "", "the name that it stands for")
        .value("session-affinity", ' ', "", "None or ClientIP")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public int run(Session session) {
    if (session.options().words().isEmpty()
        && session.options().all("filename").isEmpty()
        && session.options().all("kustomize").isEmpty()) {
      throw new Failure("error: name what to expose, as: deployment/web");
    }
    for (Targets.Target target : Targets.of(session, session.options().words())) {
      one(session, target.object());
    }
    return 0;
  }

  private static void one(Session session, JsonNode object) {
    ObjectNode service = Overrides.apply(session.options(), service(session.options(), object));
    String namespace = Json.namespace(object);
    JsonNode made = service;
    if (session.options().isSet("save-config")) {
      LastApplied.remember(service);
    }
    if (!DryRun.of(session.options()).equals("client")) {
      Kind kind = session.discovery().kind("v1", "Service");
      made = session.api().post(kind.path(namespace) + Changes.query(session), service);
    }
    if (session.options().find("output").isPresent()) {
      Changes.told(session, made, "");
    } else {
      Changes.told(session, made, "exposed");
    }
  }

  private static ObjectNode service(Options options, JsonNode object) {
    String name = options.find("name").orElseGet(() -> Json.name(object));
    if (name.length() > 63) {
      name = name.substring(0, 63);
    }
    ObjectNode service = Json.object().put("apiVersion", "v1").put("kind", "Service");
    ObjectNode metadata = service.putObject("metadata").put("name", name);
    JsonNode labels =
        options.find("labels").isPresent()
            ? Labels.plain(options.text("labels"))
            : Json.at(object, "metadata", "labels");
    if (!labels.isEmpty()) {
      metadata.set("labels", labels);
    }
    ObjectNode spec = service.putObject("spec");
    ports(options, object, spec.putArray("ports"));
    spec.set("selector", selector(options, object));
    options.find("type").ifPresent(type -> spec.put("type", type));
    options.find("cluster-ip").ifPresent(address -> spec.put("clusterIP", address));
    options.find("load-balancer-ip").ifPresent(address -> spec.put("loadBalancerIP", address));
    options.find("external-name").ifPresent(other -> spec.put("externalName", other));
    options.find("session-affinity").ifPresent(each -> spec.put("sessionAffinity", each));
    options.find("external-ip").ifPresent(ip -> spec.putArray("externalIPs").add(ip));
    return service;
  }

  private static JsonNode selector(Options options, JsonNode object) {
    if (options.isGiven("selector")) {
      return Labels.plain(options.text("selector"));
    }
    String kind = Json.text(object, "kind");
    JsonNode found =
        switch (kind) {
          case "Pod" -> Json.at(object, "metadata", "labels");
          case "Service", "ReplicationController" -> Json.at(object, "spec", "selector");
          case "Deployment", "ReplicaSet" -> {
            if (!Json.at(object, "spec", "selector", "matchExpressions").isEmpty()) {
              throw new Failure(
                  "error: couldn't retrieve selectors via --selector flag or introspection: cannot"
                      + " convert expressions to a map of labels: give --selector");
            }
            yield Json.at(object, "spec", "selector", "matchLabels");
          }
          default -> throw new Failure("error: cannot expose a " + kind);
        };
    if (found.isEmpty()) {
      throw new Failure(
          "error: couldn't retrieve selectors via --selector flag or introspection: "
              + Changes.reference(object)
              + " has no labels and cannot be exposed");
    }
    return found;
  }

  private static void ports(Options options, JsonNode object, ArrayNode ports) {
    List<ObjectNode> wanted = new ArrayList<>();
    if (options.find("port").isPresent()) {
      for (String port : options.text("port").split(",", -1)) {
        wanted.add(Json.object().put("port", number(port)));
      }
    } else {
      boolean service = Json.text(object, "kind").equals("Service");
      if (service) {
        for (JsonNode port : Json.at(object, "spec", "ports")) {
          wanted.add(port(Json.number(port, "port"), Json.text(port, "protocol")));
        }
      } else {
        for (JsonNode container :
            Json.at(Targets.podSpec((ObjectNode) object.deepCopy()), "containers")) {
          for (JsonNode port : Json.at(container, "ports")) {
            wanted.add(port(Json.number(port, "containerPort"), Json.text(port, "protocol")));
          }
        }
      }
    }
    if (wanted.isEmpty()) {
      throw new Failure("error: couldn't find port via --port flag or introspection");
    }
    int count = 0;
    for (ObjectNode port : wanted) {
      count++;
      ObjectNode entry = ports.addObject();
      if (wanted.size() > 1) {
        entry.put("name", "port-" + count);
      }
      entry.set("port", Json.at(port, "port"));
      String protocol = Json.text(port, "protocol");
      entry.put("protocol", options.find("protocol").orElse(protocol.isEmpty() ? "TCP" : protocol));
      String target = options.text("target-port");
      if (target.isEmpty()) {
        entry.set("targetPort", Json.at(port, "port"));
      } else if (target.chars().allMatch(Character::isDigit)) {
        entry.put("targetPort", number(target));
      } else {
        entry.put("targetPort", target);
      }
    }
  }

  private static ObjectNode port(long number, String protocol) {
    return Json.object().put("port", (int) number).put("protocol", protocol);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new Failure("error: \"" + text + "\" is no port: it is a number from 1 to 65535");
    }
  }
}
