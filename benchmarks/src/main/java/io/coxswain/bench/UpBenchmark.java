package io.coxswain.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// From the command that starts a cluster until its node is ready.
final class UpBenchmark implements Benchmark {

  private final int rounds;

  UpBenchmark(int rounds) {
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "up";
  }

  @Override
  public void run(Contenders contenders, Report report) throws IOException, InterruptedException {
    List<Double> first = new ArrayList<>();
    List<Double> again = new ArrayList<>();
    List<Double> swarm = new ArrayList<>();
    CoxswainCluster cluster = new CoxswainCluster(contenders.setting());
    for (int round = 0; round < rounds; round++) {
      Report.say("up, round " + (round + 1));
      first.add(cluster.up());
      cluster.down();
      again.add(cluster.up());
      cluster.purge();
      if (DockerEngine.isInstalled()) {
        try (DockerEngine engine = new DockerEngine(contenders.setting())) {
          swarm.add(engine.up());
        }
      }
    }
    report.text(
        """
        ## Up: from the command until the node is ready

        The program is built. Medians of %d rounds, in turns.\
        """
            .formatted(rounds));
    Report.Table table = new Report.Table("start", "seconds", "of the first");
    row(table, "`coxswain up`, new cluster", first, first);
    row(table, "`coxswain up` after `down`", again, first);
    if (swarm.isEmpty()) {
      table.row("Docker Swarm", "not installed", "");
    } else {
      row(table, "`dockerd` and `docker swarm init`", swarm, first);
    }
    report.table(table);
  }

  private static void row(
      Report.Table table, String what, List<Double> seconds, List<Double> first) {
    double median = Figures.median(seconds);
    table.row(what, Figures.text(median), Figures.text(median / Figures.median(first)));
  }
}
