package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.resource.Labels;
import tools.jackson.databind.node.ObjectNode;

/// `create poddisruptionbudget`.
final class BudgetMaker implements Maker {

  @Override
  public String summary() {
    return "make a budget for evictions";
  }

  @Override
  public String examples() {
    return "poddisruptionbudget web --selector=app=web --min-available=1";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("selector", ' ', "", "the pods that it is about, as app=web")
        .value("min-available", ' ', "", "how many stay, as 1 or 50%")
        .value("max-unavailable", ' ', "", "how many may be missing, as 1 or 50%");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    String least = options.text("min-available");
    String most = options.text("max-unavailable");
    if (options.find("selector").isEmpty()) {
      throw new Failure("error: a selector must be specified");
    }
    if (least.isEmpty() && most.isEmpty()) {
      throw new Failure("error: one of min-available or max-unavailable must be specified");
    }
    if (!least.isEmpty() && !most.isEmpty()) {
      throw new Failure("error: min-available and max-unavailable cannot be both specified");
    }
    ObjectNode object = Makers.named("policy/v1", "PodDisruptionBudget", name);
    ObjectNode spec = object.putObject("spec");
    String field = least.isEmpty() ? "maxUnavailable" : "minAvailable";
    String value = least.isEmpty() ? most : least;
    if (value.chars().allMatch(Character::isDigit)) {
      spec.put(field, Integer.parseInt(value));
    } else if (value.matches("\\d+%")) {
      spec.put(field, value);
    } else {
      throw new Failure(
          "error: invalid format specified for " + field + ": it takes 1 or 50%, not " + value);
    }
    spec.set("selector", Labels.selector(options.text("selector")));
    return object;
  }
}
