package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.resource.Labels;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// `set resources`.
final class SetResources extends SetCommand {

  @Override
  public String name() {
    return "set resources";
  }

  @Override
  public String summary() {
    return "set what containers need and may use";
  }

  @Override
  public String examples() {
    return "kubectl-lite set resources deployment/web -c=nginx --limits=cpu=200m,memory=512Mi";
  }

  @Override
  public Options declare(Options options) {
    return super.declare(options)
        .value("containers", 'c', "*", "the containers' names; * stands for any letters")
        .value("limits", ' ', "", "what they may use, as cpu=1,memory=1Gi")
        .value("requests", ' ', "", "what they need, as cpu=100m,memory=256Mi");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    if (options.find("limits").isEmpty() && options.find("requests").isEmpty()) {
      throw new Failure(
          "error: you must specify an update to requests or limits (in the form of --requests/--limits)");
    }
    return Targets.change(
        session, options.words(), "resource requirements updated", object -> set(object, options));
  }

  private static void set(ObjectNode object, Options options) {
    List<ObjectNode> containers =
        Targets.containers(Targets.podSpec(object), options.text("containers"));
    if (containers.isEmpty()) {
      throw new Failure("error: unable to find container named " + options.text("containers"));
    }
    for (ObjectNode container : containers) {
      for (String which : List.of("limits", "requests")) {
        options
            .find(which)
            .map(Labels::plain)
            .ifPresent(given ->
                container.withObjectProperty("resources").withObjectProperty(which).setAll(given));
      }
    }
  }
}
