package io.coxswain.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The cluster and its peers, each started when first asked for and shared by the benchmarks of one
/// run.
final class Contenders implements AutoCloseable {

  private final Setting setting;
  private Optional<CoxswainCluster> cluster = Optional.empty();
  private Optional<DockerEngine> engine = Optional.empty();
  private final List<Contender> open = new ArrayList<>();

  Contenders(Setting setting) {
    this.setting = setting;
  }

  Setting setting() {
    return setting;
  }

  CoxswainCluster cluster() throws IOException, InterruptedException {
    if (cluster.isEmpty()) {
      Report.say("starting a cluster");
      CoxswainCluster started = new CoxswainCluster(setting);
      cluster = Optional.of(started);
      double _ = started.up();
    }
    return cluster.get();
  }

  /// Nothing when Docker is not installed.
  Optional<DockerEngine> engine() throws IOException, InterruptedException {
    if (engine.isEmpty() && DockerEngine.isInstalled()) {
      Report.say("starting Docker");
      DockerEngine started = new DockerEngine(setting);
      engine = Optional.of(started);
      double _ = started.up();
      started.importImage();
    }
    return engine;
  }

  /// Who makes pods here: the cluster first. Shared; closed with this.
  List<Contender> all() throws IOException, InterruptedException {
    if (open.isEmpty()) {
      open.add(new CoxswainPods(cluster(), setting));
      Optional<DockerEngine> docker = engine();
      if (docker.isPresent()) {
        open.add(new SwarmTasks(docker.get()));
      }
      for (String runtime : List.of("runc", "crun")) {
        if (MachineFacts.find(runtime).isPresent()) {
          BareContainers bare = new BareContainers(runtime, setting);
          open.add(bare);
          if (!bare.works()) {
            Report.say(runtime + " does not work on this machine and is left out");
            open.remove(bare);
            bare.close();
          }
        }
      }
    }
    return List.copyOf(open);
  }

  @Override
  public void close() throws IOException {
    for (Contender contender : open) {
      contender.close();
    }
    if (engine.isPresent()) {
      engine.get().close();
    }
    if (cluster.isPresent()) {
      cluster.get().close();
    }
  }
}
