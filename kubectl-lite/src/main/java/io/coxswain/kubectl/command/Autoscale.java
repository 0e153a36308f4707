package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `autoscale`: makes a HorizontalPodAutoscaler of what can be scaled.
final class Autoscale implements Command {

  @Override
  public String name() {
    return "autoscale";
  }

  @Override
  public String summary() {
    return "let the number of copies follow the load";
  }

  @Override
  public String examples() {
    return "kubectl-lite autoscale deployment/web --min=2 --max=10 --cpu=80%\n"
        + "kubectl-lite autoscale deployment/web --max=5 --memory=500Mi";
  }

  @Override
  public Options declare(Options options) {
    return Changes.declare(Targets.declare(options), "kubectl-autoscale")
        .value("min", ' ', "-1", "the least number of copies; the server's choice when negative")
        .value("max", ' ', "-1", "the greatest number of copies")
        .value("cpu", ' ', "", "the cpu that a copy shall use, as 80% of what it asks for, or 500m")
        .value("cpu-percent", ' ', "-1", "the same in percent")
        .value("memory", ' ', "", "the memory that a copy shall use, as 80% or 500Mi")
        .value("name", ' ', "", "the autoscaler's name; that of the object when it is not given")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    long most = options.number("max");
    if (most < 1) {
      throw new Failure("error: --max=MAXPODS is required and must be at least 1, max: " + most);
    }
    if (most < options.number("min")) {
      throw new Failure(
          "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: "
              + most
              + ", min: "
              + options.number("min"));
    }
    for (Targets.Target target : Targets.of(session, options.words())) {
      if (!target.kind().subresources().contains("scale")) {
        throw new Failure(
            "error: cannot autoscale a " + target.kind().kind() + ": it has no copies");
      }
      ObjectNode made = autoscaler(options, target);
      if (options.isSet("save-config")) {
        LastApplied.remember(made);
      }
      JsonNode result = made;
      if (!DryRun.of(options).equals("client")) {
        Kind kind = session.discovery().kind("autoscaling/v2", "HorizontalPodAutoscaler");
        result =
            session
                .api()
                .post(kind.path(Json.namespace(target.object())) + Changes.query(session), made);
      }
      Changes.told(session, result, "autoscaled");
    }
    return 0;
  }

  private static ObjectNode autoscaler(Options options, Targets.Target target) {
    String name = Json.name(target.object());
    ObjectNode object =
        Json.object().put("apiVersion", "autoscaling/v2").put("kind", "HorizontalPodAutoscaler");
    object.putObject("metadata").put("name", options.find("name").orElse(name));
    ObjectNode spec = object.putObject("spec").put("maxReplicas", options.number("max"));
    if (options.number("min") > 0) {
      spec.put("minReplicas", options.number("min"));
    }
    spec.putObject("scaleTargetRef")
        .put("apiVersion", target.kind().apiVersion())
        .put("kind", target.kind().kind())
        .put("name", name);
    ArrayNode metrics = Json.object().putArray("metrics");
    long percent = options.number("cpu-percent");
    Optional<String> cpu = percent >= 0 ? Optional.of(percent + "%") : options.find("cpu");
    cpu.ifPresent(value -> metric(metrics.addObject(), "cpu", value));
    options.find("memory").ifPresent(value -> metric(metrics.addObject(), "memory", value));
    if (!metrics.isEmpty()) {
      spec.set("metrics", metrics);
    }
    return object;
  }

  private static void metric(ObjectNode metric, String resource, String value) {
    metric.put("type", "Resource");
    ObjectNode target = metric.putObject("resource").put("name", resource).putObject("target");
    if (value.matches("\\d+%?")) {
      target
          .put("averageUtilization", Integer.parseInt(value.replace("%", "")))
          .put("type", "Utilization");
    } else {
      target.put("averageValue", value).put("type", "AverageValue");
    }
  }
}
