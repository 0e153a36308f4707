package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `create job`, of an image or of what a CronJob would start.
final class JobMaker implements Maker {

  @Override
  public String summary() {
    return "make a job of an image or a cronjob";
  }

  @Override
  public String examples() {
    return "job once --image=host:/// -- date\njob now --from=cronjob/backup";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("image", ' ', "", "the container's image")
        .value("from", ' ', "", "cronjob/NAME whose job is started now");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    String image = options.text("image");
    String from = options.text("from");
    if (image.isEmpty() == from.isEmpty()) {
      throw new Failure("error: either --image or --from must be specified");
    }
    if (!from.isEmpty()) {
      if (!options.afterDashes().isEmpty()) {
        throw new Failure("error: cannot specify --from and command");
      }
      return ofCronJob(session, name, from);
    }
    ObjectNode object = Makers.named("batch/v1", "Job", name);
    ObjectNode pod = object.withObject("/spec/template/spec");
    Containers.command(
        pod.putArray("containers").addObject().put("name", name).put("image", image), options);
    pod.put("restartPolicy", "Never");
    return object;
  }

  private static ObjectNode ofCronJob(Session session, String name, String from) {
    Selection selection = Selection.single(session.discovery(), List.of(from));
    Kind kind = selection.kind();
    if (!kind.kind().equals("CronJob")) {
      throw new Failure("error: from must be an existing cronjob, not a " + kind.kind());
    }
    JsonNode cronJob = session.api().get(kind.path(session.namespace(), selection.name()));
    ObjectNode object = Makers.named("batch/v1", "Job", name);
    ObjectNode metadata = (ObjectNode) Json.at(object, "metadata");
    JsonNode template = Json.at(cronJob, "spec", "jobTemplate");
    ObjectNode annotations = metadata.putObject("annotations");
    Json.at(template, "metadata", "annotations")
        .properties()
        .forEach(entry -> annotations.set(entry.getKey(), entry.getValue()));
    annotations.put("cronjob.kubernetes.io/instantiate", "manual");
    if (!Json.at(template, "metadata", "labels").isEmpty()) {
      metadata.set("labels", Json.at(template, "metadata", "labels"));
    }
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", "batch/v1")
        .put("kind", "CronJob")
        .put("name", selection.name())
        .put("uid", Json.text(cronJob, "metadata", "uid"))
        .put("controller", true);
    object.set("spec", Json.at(template, "spec"));
    return object;
  }
}
