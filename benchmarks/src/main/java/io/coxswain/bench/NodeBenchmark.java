package io.coxswain.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One node's agent, a process of its own: from a pod's binding until it runs and is ready, until
/// it is gone, what the agent costs that has nothing to do, and how fast an image comes.
final class NodeBenchmark implements Benchmark {

  private static final List<Integer> SIZES = List.of(1, 20, PodsBenchmark.MOST);
  private static final int PORT = 7443;
  private static final Duration SETTLE = Duration.ofSeconds(20);
  private static final Duration WATCH = Duration.ofSeconds(60);

  private final int rounds;

  NodeBenchmark(int rounds) {
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "node";
  }

  @Override
  public void run(Contenders contenders, Report report) throws IOException, InterruptedException {
    Setting setting = contenders.setting();
    String image = "host://" + setting.rootfs();
    Optional<Contender> swarm =
        contenders.all().stream().filter(SwarmTasks.class::isInstance).findFirst();
    try (CoxswainCluster cluster = new CoxswainCluster(setting, "n", 2, PORT)) {
      Report.say("starting two nodes with agents of their own");
      double _ = cluster.up();
      try (BoundPods pods = new BoundPods(cluster)) {
        AgentProcess agent = AgentProcess.of(cluster);
        Report.say("the agent, empty");
        AgentProcess.Cost empty = agent.watch(SETTLE, WATCH);
        report.text(
            """
            ## Node: from a pod's binding until it runs, is ready, and is gone

            The agent is a process of its own on the second of two nodes; pods are made for that node, one container \
            each, the same root file system (busybox). Medians of %d rounds, after one of 20 that does not count. \
            Ready is of pods that serve HTTP and are asked each second; Swarm's tasks are counted from when they were \
            asked for.\
            """
                .formatted(rounds));
        warmUp(pods, image, swarm);
        for (int size : SIZES) {
          measure(size, image, pods, swarm, report);
        }
        Report.say("the agent, with " + PodsBenchmark.MOST + " pods");
        BoundPods.Started _ = pods.start(PodsBenchmark.MOST, image, BoundPods.Kind.SLEEPING);
        AgentProcess.Cost full = agent.watch(SETTLE, WATCH);
        List<Double> _ = pods.end();
        costs(empty, full, report);
        new PullBenchmark(cluster, pods).run(contenders, report);
      }
    }
  }

  private static void warmUp(BoundPods pods, String image, Optional<Contender> swarm)
      throws IOException, InterruptedException {
    Report.say("warming up");
    for (BoundPods.Kind kind : BoundPods.Kind.values()) {
      BoundPods.Started _ = pods.start(20, image, kind);
      List<Double> _ = pods.end();
    }
    if (swarm.isPresent()) {
      Contender.Round _ = swarm.get().start(20);
      swarm.get().clear();
    }
  }

  /// What one round took, in seconds.
  private record Round(double p50, double p99, double rate, double ended) {}

  private void measure(
      int size, String image, BoundPods pods, Optional<Contender> swarm, Report report)
      throws IOException, InterruptedException {
    List<Round> ours = new ArrayList<>();
    List<Double> ready50 = new ArrayList<>();
    List<Double> ready99 = new ArrayList<>();
    List<Round> theirs = new ArrayList<>();
    String load = MachineFacts.load();
    for (int round = 0; round < rounds; round++) {
      Report.say("%d pods, round %d".formatted(size, round + 1));
      BoundPods.Started sleeping = pods.start(size, image, BoundPods.Kind.SLEEPING);
      ours.add(
          new Round(
              Figures.percentile(sleeping.running(), 50),
              Figures.percentile(sleeping.running(), 99),
              size / sleeping.allRunning(),
              Figures.percentile(pods.end(), 100)));
      List<Double> ready = pods.start(size, image, BoundPods.Kind.SERVING).ready();
      ready50.add(Figures.percentile(ready, 50));
      ready99.add(Figures.percentile(ready, 99));
      List<Double> _ = pods.end();
      if (swarm.isPresent()) {
        Contender.Round tasks = swarm.get().start(size);
        long begin = System.nanoTime();
        swarm.get().clear();
        theirs.add(
            new Round(
                Figures.percentile(tasks.seconds(), 50),
                Figures.percentile(tasks.seconds(), 99),
                tasks.rate(),
                (System.nanoTime() - begin) / 1e9));
      }
    }
    Report.Table table =
        new Report.Table(
            size + (size == 1 ? " pod" : " pods"),
            "runs: p50 s",
            "p99 s",
            "pods/s",
            "ready: p50 s",
            "p99 s",
            "all gone s");
    row(
        table,
        "Coxswain",
        ours,
        Figures.text(Figures.median(ready50)),
        Figures.text(Figures.median(ready99)));
    if (!theirs.isEmpty()) {
      row(table, "Docker Swarm", theirs, "", "");
    }
    report.table(table);
    report.text("Load before: %s.".formatted(load));
  }

  private static void row(
      Report.Table table, String who, List<Round> rounds, String ready50, String ready99) {
    table.row(
        who,
        Figures.text(Figures.median(rounds.stream().map(Round::p50).toList())),
        Figures.text(Figures.median(rounds.stream().map(Round::p99).toList())),
        Figures.text(Figures.median(rounds.stream().map(Round::rate).toList())),
        ready50,
        ready99,
        Figures.text(Figures.median(rounds.stream().map(Round::ended).toList())));
  }

  private static void costs(AgentProcess.Cost empty, AgentProcess.Cost full, Report report)
      throws IOException {
    report.text(
        """
        The agent alone, over %d s after %d s of rest. Monitors are what keeps each container's terminal and exit status \
        (conmon).\
        """
            .formatted(WATCH.toSeconds(), SETTLE.toSeconds()));
    Report.Table table =
        new Report.Table(
            "agent", "resident MB", "proportional MB", "CPU, % of a core", "monitors: MB a pod");
    cost(table, "empty", empty, 1);
    cost(table, "with " + PodsBenchmark.MOST + " pods", full, PodsBenchmark.MOST);
    report.table(table);
  }

  private static void cost(Report.Table table, String when, AgentProcess.Cost cost, int pods) {
    table.row(
        when,
        megabytes(cost.memory().resident()),
        megabytes(cost.memory().proportional()),
        String.format(Locale.ROOT, "%.2f", cost.core() * 100),
        megabytes(cost.monitors().proportional() / pods));
  }

  private static String megabytes(long bytes) {
    return Figures.text(bytes / (double) (1 << 20));
  }
}
