package io.coxswain.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `get pods` of twenty pods, as a whole process.
final class CliBenchmark implements Benchmark {

  private static final int RUNS = 20;
  private static final int PODS = 20;

  @Override
  public String name() {
    return "cli";
  }

  @Override
  public void run(Contenders contenders, Report report) throws IOException, InterruptedException {
    Setting setting = contenders.setting();
    Map<String, String> programs = new LinkedHashMap<>();
    programs.put("kubectl-lite", setting.home().resolve("bin/kubectl-lite").toString());
    Optional<java.nio.file.Path> kubectl = MachineFacts.find("kubectl");
    kubectl.ifPresent(path -> programs.put("kubectl", path.toString()));
    Map<String, String> environment =
        Map.of(
            "KUBECONFIG",
            contenders.cluster().kubeconfig().toString(),
            "HOME",
            setting.root().toString());
    Contender pods = contenders.all().getFirst();
    Contender.Round _ = pods.start(PODS);
    ProcessGroup group = ProcessGroup.named(setting.id() + "-cli").create();
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    Map<String, List<Double>> cpu = new LinkedHashMap<>();
    try (Shell shell = new Shell(group, environment)) {
      for (String program : programs.values()) {
        double _ = shell.run(program + " get pods"); // kubectl keeps what it discovered
      }
      Report.say("get pods, " + RUNS + " times each");
      for (int run = 0; run < RUNS; run++) {
        for (Map.Entry<String, String> program : programs.entrySet()) {
          double before = group.cpuSeconds();
          double took = shell.run(program.getValue() + " get pods");
          seconds.computeIfAbsent(program.getKey(), key -> new ArrayList<>()).add(took);
          cpu.computeIfAbsent(program.getKey(), key -> new ArrayList<>())
              .add(group.cpuSeconds() - before);
        }
      }
    }
    pods.clear();
    report.text(
        """
        ## `get pods` of %d pods, as a whole process

        Medians of %d runs, in turns, each once before.\
        """
            .formatted(PODS, RUNS));
    Report.Table table = new Report.Table("client", "ms", "CPU ms", "of kubectl-lite's time");
    double own = Figures.median(seconds.getOrDefault("kubectl-lite", List.of()));
    for (String program : programs.keySet()) {
      double median = Figures.median(seconds.getOrDefault(program, List.of()));
      table.row(
          program,
          Figures.text(median * 1000),
          Figures.text(Figures.median(cpu.getOrDefault(program, List.of())) * 1000),
          Figures.text(median / own));
    }
    if (kubectl.isEmpty()) {
      table.row("kubectl", "not installed", "", "");
    }
    report.table(table);
  }
}
