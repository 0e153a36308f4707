package io.coxswain.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// From asking for 1, 20 and 100 pods until they run.
final class PodsBenchmark implements Benchmark {

  static final int MOST = 100;

  private static final List<Integer> SIZES = List.of(1, 20, MOST);

  private final int rounds;

  PodsBenchmark(int rounds) {
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "pods";
  }

  @Override
  public void run(Contenders contenders, Report report) throws IOException, InterruptedException {
    List<Contender> all = contenders.all();
    report.text(
        """
        ## Pods: from asking for them until they run

        One container each, the same root file system (busybox), one node. Medians of %d rounds, in \
        which the contenders take turns; each had one round of 20 before that does not count. CPU is that of all \
        processes of a contender, its containers' included, until the last one runs. Coxswain and \
        Swarm give each an address and a network device, the bare runtime gives loopback alone.\
        """
            .formatted(rounds));
    for (Contender contender : all) {
      Report.say("warming up: " + contender.name());
      Contender.Round _ = contender.start(20);
      contender.clear();
    }
    for (int size : SIZES) {
      Map<Contender, List<Contender.Round>> results = new LinkedHashMap<>();
      String load = MachineFacts.load();
      for (int round = 0; round < rounds; round++) {
        for (Contender contender : all) {
          Report.say("%d pods, round %d: %s".formatted(size, round + 1, contender.name()));
          Contender.Round result = contender.start(size);
          results.computeIfAbsent(contender, key -> new ArrayList<>()).add(result);
          contender.clear();
          // so that what one still tidies up is not the next one's cost
          Thread.sleep(1000);
        }
      }
      write(size, load, results, report);
    }
    if (all.stream().noneMatch(SwarmTasks.class::isInstance)) {
      report.text("Docker is not installed (`apt-get install docker.io`): Swarm was not measured.");
    }
  }

  private static void write(
      int size, String load, Map<Contender, List<Contender.Round>> results, Report report)
      throws IOException {
    Report.Table table =
        new Report.Table(
            size + (size == 1 ? " pod" : " pods"),
            "p50 s",
            "p99 s",
            "pods/s",
            "Coxswain's, times",
            "CPU ms a pod",
            "of Coxswain's");
    double ourRate = 0;
    double ourCpu = 0;
    for (Map.Entry<Contender, List<Contender.Round>> entry : results.entrySet()) {
      List<Contender.Round> rounds = entry.getValue();
      double rate = Figures.median(rounds.stream().map(Contender.Round::rate).toList());
      double cpu =
          Figures.median(rounds.stream().map(one -> one.cpuSeconds() * 1000 / size).toList());
      if (entry.getKey() instanceof CoxswainPods) {
        ourRate = rate;
        ourCpu = cpu;
      }
      table.row(
          entry.getKey().name(),
          Figures.text(percentile(rounds, 50)),
          Figures.text(percentile(rounds, 99)),
          Figures.text(rate),
          Figures.text(ourRate / rate),
          Figures.text(cpu),
          Figures.text(cpu / ourCpu));
    }
    report.table(table);
    report.text("Load before: %s.".formatted(load));
  }

  private static double percentile(List<Contender.Round> rounds, double percent) {
    return Figures.median(
        rounds.stream().map(one -> Figures.percentile(one.seconds(), percent)).toList());
  }
}
