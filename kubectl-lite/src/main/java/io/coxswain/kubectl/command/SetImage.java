package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// `set image`.
final class SetImage extends SetCommand {

  @Override
  public String name() {
    return "set image";
  }

  @Override
  public String summary() {
    return "set the images of containers";
  }

  @Override
  public String examples() {
    return "kubectl-lite set image deployment/web nginx=nginx:1.27\n"
        + "kubectl-lite set image deployments --all '*=nginx:1.27'";
  }

  @Override
  public int run(Session session) {
    Map<String, String> images = pairs(session, "image");
    if (images.isEmpty()) {
      throw new Failure("error: at least one image update is required, as: CONTAINER=IMAGE");
    }
    return Targets.change(
        session, objects(session), "image updated", object -> set(object, images));
  }

  private static void set(ObjectNode object, Map<String, String> images) {
    ObjectNode pod = Targets.podSpec(object);
    images.forEach((name, image) -> {
      List<ObjectNode> containers = Targets.containers(pod, name);
      if (containers.isEmpty()) {
        throw new Failure("error: unable to find container named \"" + name + "\"");
      }
      containers.forEach(container -> container.put("image", image));
    });
  }
}
