package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How fast an image of some hundred megabytes is pulled and unpacked: a pod of it, from its
/// binding until it runs, beside `docker pull`, each from a registry on its own loopback. Docker
/// makes the image, so without it there is none.
final class PullBenchmark {

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final CoxswainCluster cluster;
  private final BoundPods pods;

  PullBenchmark(CoxswainCluster cluster, BoundPods pods) {
    this.cluster = cluster;
    this.pods = pods;
  }

  void run(Contenders contenders, Report report) throws IOException, InterruptedException {
    Optional<DockerEngine> docker = contenders.engine();
    if (docker.isEmpty() || !Registry.isInstalled()) {
      report.text(
          "Pulling was not measured: it takes `apt-get install docker.io docker-registry`.");
      return;
    }
    Setting setting = contenders.setting();
    DockerEngine engine = docker.get();
    String name = Registry.ADDRESS + "/large:1";
    Path folder = setting.root().resolve("image");
    Report.say("making a large image");
    long unpacked = LargeImage.make(folder, setting.rootfs());
    engine.docker(PATIENCE, "build", "--quiet", "--tag", name, folder.toString());
    Registry store = new Registry(setting);
    double theirs;
    try (Registry.Server _ = store.serve(engine.networkNamespace())) {
      engine.docker(PATIENCE, "push", "--quiet", name);
      engine.docker(PATIENCE, "rmi", name);
      engine.docker(PATIENCE, "system", "prune", "--all", "--force");
      Report.say("pulling: Docker");
      long begin = System.nanoTime();
      engine.docker(PATIENCE, "pull", "--quiet", name);
      theirs = (System.nanoTime() - begin) / 1e9;
    }
    double ours;
    try (Registry.Server _ = store.serve(cluster.networkNamespace())) {
      Report.say("pulling: Coxswain");
      ours = pods.start(1, name, BoundPods.Kind.SLEEPING).allRunning();
      List<Double> _ = pods.end();
    }
    report.text(
        """
        An image of %d MB in %d layers, %d MB as they are sent; once each.\
        """
            .formatted(unpacked >> 20, LargeImage.LAYERS, store.bytes() >> 20));
    Report.Table table = new Report.Table("pull and unpack", "s", "MB/s, unpacked");
    row(table, "Coxswain, from binding until the pod runs", ours, unpacked);
    row(table, "`docker pull`", theirs, unpacked);
    report.table(table);
  }

  private static void row(Report.Table table, String who, double seconds, long bytes) {
    table.row(who, Figures.text(seconds), Figures.text(bytes / (double) (1 << 20) / seconds));
  }
}
