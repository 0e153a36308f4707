package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ObjectNode;

/// `create cronjob`.
final class CronJobMaker implements Maker {

  @Override
  public String summary() {
    return "make a job that runs by the clock";
  }

  @Override
  public String examples() {
    return "cronjob backup --image=host:/// --schedule='0 3 * * *' -- /opt/backup";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("image", ' ', "", "the container's image")
        .value("schedule", ' ', "", "minute, hour, day, month, weekday, as in cron")
        .value("restart", ' ', "OnFailure", "OnFailure or Never");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    ObjectNode object = Makers.named("batch/v1", "CronJob", name);
    ObjectNode spec = object.putObject("spec");
    spec.withObject("/jobTemplate/metadata").put("name", name);
    ObjectNode pod = spec.withObject("/jobTemplate/spec/template/spec");
    ObjectNode container = pod.putArray("containers").addObject();
    container.put("name", name).put("image", Makers.required(options, "image"));
    Containers.command(container, options);
    pod.put("restartPolicy", options.text("restart"));
    spec.put("schedule", Makers.required(options, "schedule"));
    return object;
  }
}
