package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `create deployment`.
final class DeploymentMaker implements Maker {

  @Override
  public String summary() {
    return "make a deployment of images";
  }

  @Override
  public String examples() {
    return "deployment web --image=host:/// --replicas=2 -- sleep 1000";
  }

  @Override
  public Options declare(Options options) {
    return options
        .repeated("image", ' ', "a container's image")
        .value("replicas", 'r', "1", "how many copies")
        .value("port", ' ', "", "the port that the containers listen on");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    List<String> images = options.list("image");
    if (images.isEmpty()) {
      throw new Failure("error: required flag(s) \"image\" not set");
    }
    ObjectNode object = Makers.named("apps/v1", "Deployment", name);
    object.withObject("/metadata/labels").put("app", name);
    ObjectNode spec = object.putObject("spec").put("replicas", options.number("replicas"));
    spec.withObject("/selector/matchLabels").put("app", name);
    spec.withObject("/template/metadata/labels").put("app", name);
    ArrayNode containers = spec.withObject("/template/spec").putArray("containers");
    Containers.ofImages(containers, images, options);
    if (options.find("port").isPresent()) {
      for (JsonNode container : containers) {
        if (container instanceof ObjectNode each && Json.at(each, "ports").isMissingNode()) {
          each.putArray("ports").addObject().put("containerPort", options.number("port"));
        }
      }
    }
    return object;
  }
}
