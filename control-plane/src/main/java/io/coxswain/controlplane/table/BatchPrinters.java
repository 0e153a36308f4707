package io.coxswain.controlplane.table;

import io.coxswain.api.batch.v1.CronJob;
import io.coxswain.api.batch.v1.Job;
import io.coxswain.client.codec.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The columns of work that ends.
final class BatchPrinters {

  /// What a job that is not over is called by, the first that holds.
  private static final List<String> UNDER_WAY =
      List.of("Suspended", "FailureTarget", "SuccessCriteriaMet");

  private BatchPrinters() {}

  static Printer<Job> jobs() {
    return Printers.start(Job.class)
        .text("Status", BatchPrinters::status)
        .text("Completions", BatchPrinters::completions)
        .timed("Duration", BatchPrinters::duration)
        .timed("Age", Printers::age)
        .wideContainers(j -> j.getSpec().getTemplate().getSpec())
        .wide("Selector", j -> Words.selector(j.getSpec().getSelector()));
  }

  private static String status(Job job) {
    if (is(job, "Complete")) {
      return "Complete";
    }
    if (is(job, "Failed")) {
      return "Failed";
    }
    if (job.getMetadata().hasDeletionTimestamp()) {
      return "Terminating";
    }
    return UNDER_WAY.stream().filter(type -> is(job, type)).findFirst().orElse("Running");
  }

  private static boolean is(Job job, String type) {
    return job.getStatus().getConditionsList().stream()
        .anyMatch(
            condition -> condition.getType().equals(type) && condition.getStatus().equals("True"));
  }

  private static String completions(Job job) {
    int succeeded = job.getStatus().getSucceeded();
    if (job.getSpec().hasCompletions()) {
      return succeeded + "/" + job.getSpec().getCompletions();
    }
    int parallelism = job.getSpec().getParallelism();
    return succeeded + (parallelism > 1 ? "/1 of " + parallelism : "/1");
  }

  private static String duration(Job job, Instant now) {
    if (!job.getStatus().hasStartTime()) {
      return "";
    }
    Instant end =
        job.getStatus().hasCompletionTime()
            ? Times.instant(job.getStatus().getCompletionTime())
            : now;
    return Ages.human(Duration.between(Times.instant(job.getStatus().getStartTime()), end));
  }

  static Printer<CronJob> cronJobs() {
    return Printers.start(CronJob.class)
        .text("Schedule", c -> c.getSpec().getSchedule())
        .text("Timezone", c -> c.getSpec().hasTimeZone() ? c.getSpec().getTimeZone() : Words.NONE)
        .flag("Suspend", c -> c.getSpec().getSuspend())
        .number("Active", c -> c.getStatus().getActiveCount())
        .timed(
            "Last Schedule",
            (c, now) ->
                c.getStatus().hasLastScheduleTime()
                    ? Ages.since(c.getStatus().getLastScheduleTime(), now)
                    : Words.NONE)
        .timed("Age", Printers::age)
        .wideContainers(c -> c.getSpec().getJobTemplate().getSpec().getTemplate().getSpec())
        .wide(
            "Selector", c -> Words.selector(c.getSpec().getJobTemplate().getSpec().getSelector()));
  }
}
