package io.coxswain.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a cluster costs that has nothing to do, empty and with pods that sleep.
final class IdleBenchmark implements Benchmark {

  private static final Duration SETTLE = Duration.ofSeconds(30);
  private static final Duration WATCH = Duration.ofSeconds(60);
  private static final int PODS = PodsBenchmark.MOST;

  /// @param core part of one processor, 1 for all of it
  private record Cost(
      String who, Map<String, ProcessGroup.Memory> memory, double core, long podMemory) {

    ProcessGroup.Memory sum() {
      return ProcessGroup.sum(memory);
    }
  }

  /// One whose processes are looked at.
  private record Idler(String who, ProcessGroup programs, ProcessGroup containers) {}

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public void run(Contenders contenders, Report report) throws IOException, InterruptedException {
    List<Idler> idlers = new ArrayList<>();
    CoxswainCluster cluster = contenders.cluster();
    idlers.add(new Idler("Coxswain", cluster.programs(), cluster.pods()));
    Optional<DockerEngine> engine = contenders.engine();
    engine.ifPresent(
        docker -> idlers.add(new Idler("Docker Swarm", docker.programs(), docker.containers())));
    report.text(
        """
        ## Idle: a cluster of one node that has nothing to do

        Over %d s, after %d s of rest, all contenders at once. Memory is that of all processes of a \
        contender (of Coxswain: etcd, control plane, scheduler and agent, their supervisor, the pods' \
        monitors) but not of what runs in the containers: proportional, so that shared pages count once, \
        and resident, where they count for each process.\
        """
            .formatted(WATCH.toSeconds(), SETTLE.toSeconds()));
    Report.say("idle, empty");
    List<Cost> empty = watch(idlers);
    List<Contender> runners =
        contenders.all().stream().filter(one -> !(one instanceof BareContainers)).toList();
    for (Contender runner : runners) {
      Contender.Round _ = runner.start(PODS);
    }
    Report.say("idle, with " + PODS + " pods");
    List<Cost> full = watch(idlers);
    for (Contender runner : runners) {
      runner.clear();
    }
    write(empty, full, report);
    report.text("Load after: %s.".formatted(MachineFacts.load()));
  }

  private static List<Cost> watch(List<Idler> idlers) throws IOException, InterruptedException {
    Thread.sleep(SETTLE);
    List<Double> before = new ArrayList<>();
    for (Idler idler : idlers) {
      before.add(idler.programs().cpuSeconds());
    }
    long begin = System.nanoTime();
    Thread.sleep(WATCH);
    List<Cost> costs = new ArrayList<>();
    double seconds = (System.nanoTime() - begin) / 1e9;
    for (int i = 0; i < idlers.size(); i++) {
      Idler idler = idlers.get(i);
      double core = (idler.programs().cpuSeconds() - before.get(i)) / seconds;
      long pods = ProcessGroup.sum(idler.containers().memory()).proportional();
      costs.add(new Cost(idler.who(), idler.programs().memory(), core, pods));
    }
    return costs;
  }

  private static void write(List<Cost> empty, List<Cost> full, Report report) throws IOException {
    Report.Table table =
        new Report.Table(
            "idle",
            "memory, proportional MB",
            "resident MB",
            "CPU, % of a core",
            "with " + PODS + " pods: MB a pod more",
            "CPU, % of a core");
    Report.Table parts = new Report.Table("program", "of", "processes", "proportional MB");
    for (int i = 0; i < empty.size(); i++) {
      Cost before = empty.get(i);
      Cost after = full.get(i);
      long more = after.sum().proportional() - before.sum().proportional();
      table.row(
          before.who(),
          megabytes(before.sum().proportional()),
          megabytes(before.sum().resident()),
          percent(before.core()),
          Figures.text(more / (double) PODS / (1 << 20)),
          percent(after.core()));
      parts(parts, before, "empty");
      parts(parts, after, PODS + " pods");
    }
    report.table(table);
    report.table(parts);
  }

  private static void parts(Report.Table table, Cost cost, String when) {
    cost.memory()
        .forEach((program, memory) ->
            table.row(
                program,
                cost.who() + ", " + when,
                Integer.toString(memory.processes()),
                megabytes(memory.proportional())));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / (double) (1 << 20));
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.2f", part * 100);
  }
}
