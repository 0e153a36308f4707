package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ObjectNode;

/// `create priorityclass`.
final class PriorityClassMaker implements Maker {

  @Override
  public String summary() {
    return "make a class of priority for pods";
  }

  @Override
  public String examples() {
    return "priorityclass urgent --value=1000 --description='what people wait for'";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("value", ' ', "0", "the priority; the higher, the sooner")
        .toggle("global-default", ' ', "of pods that name no class")
        .value("description", ' ', "", "what it is for")
        .value("preemption-policy", ' ', "PreemptLowerPriority", "PreemptLowerPriority or Never");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    ObjectNode object = Makers.named("scheduling.k8s.io/v1", "PriorityClass", name);
    options.find("description").ifPresent(text -> object.put("description", text));
    if (options.isSet("global-default")) {
      object.put("globalDefault", true);
    }
    return object
        .put("preemptionPolicy", options.text("preemption-policy"))
        .put("value", options.number("value"));
  }
}
