package io.coxswain.bench;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Patch;
import io.coxswain.client.Resources;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.rpc.GrpcConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A Deployment that is scaled; a watch tells when its pods run.
final class CoxswainPods implements Contender {

  private static final String NAMESPACE = "default";
  private static final String NAME = "bench";
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final CoxswainCluster cluster;
  private final GrpcConnection connection;
  private final ApiClient client;
  private final Resources<Pod> pods;
  private final Resources<Deployment> deployments;

  CoxswainPods(CoxswainCluster cluster, Setting setting) throws IOException {
    this.cluster = cluster;
    this.connection = cluster.connect();
    this.client = CoxswainCluster.client(connection);
    this.pods = client.resources(Pod.class);
    this.deployments = client.resources(Deployment.class);
    if (deployments.find(NAMESPACE, NAME).isEmpty()) {
      Deployment _ = deployments.create(deployment("host://" + setting.rootfs()));
    }
  }

  private static Deployment deployment(String image) {
    Deployment.Builder deployment = Deployment.newBuilder();
    deployment.getMetadataBuilder().setNamespace(NAMESPACE).setName(NAME);
    deployment.getSpecBuilder().setReplicas(0);
    deployment.getSpecBuilder().getSelectorBuilder().putMatchLabels("app", NAME);
    var template = deployment.getSpecBuilder().getTemplateBuilder();
    template.getMetadataBuilder().putLabels("app", NAME);
    template.getSpecBuilder().setTerminationGracePeriodSeconds(0);
    template
        .getSpecBuilder()
        .addContainersBuilder()
        .setName("main")
        .setImage(image)
        .addAllCommand(List.of("/bin/sleep", "100000"));
    return deployment.build();
  }

  @Override
  public String name() {
    return "Coxswain, Deployment";
  }

  @Override
  public Round start(int containers) throws IOException, InterruptedException {
    ListOptions all = ListOptions.in(NAMESPACE).withLabels("app=" + NAME);
    ObjectList<Pod> before = pods.list(all);
    double cpu = cpuSeconds();
    Map<String, Double> running = new HashMap<>();
    try (Watch<Pod> watch = pods.watch(all.from(before.resourceVersion()))) {
      long begin = System.nanoTime();
      scale(containers);
      while (running.size() < containers) {
        WatchEvent<Pod> event = next(watch);
        if (event.object().getStatus().getPhase().equals("Running")) {
          running.putIfAbsent(
              event.object().getMetadata().getUid(), (System.nanoTime() - begin) / 1e9);
        }
      }
    }
    return new Round(List.copyOf(running.values()), cpuSeconds() - cpu);
  }

  private static WatchEvent<Pod> next(Watch<Pod> watch) throws IOException, InterruptedException {
    Optional<WatchEvent<Pod>> event = watch.next(PATIENCE);
    return event.orElseThrow(() -> new IOException("coxswain: nothing more within " + PATIENCE));
  }

  private void scale(int replicas) {
    Deployment _ =
        deployments.patch(
            NAMESPACE, NAME, Patch.merge("{\"spec\": {\"replicas\": %d}}".formatted(replicas)));
  }

  private double cpuSeconds() throws IOException {
    return cluster.programs().cpuSeconds() + cluster.pods().cpuSeconds();
  }

  @Override
  public void clear() throws IOException, InterruptedException {
    scale(0);
    ListOptions all = ListOptions.in(NAMESPACE).withLabels("app=" + NAME);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!pods.list(all).items().isEmpty() || !cluster.pods().processes().isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("coxswain: pods do not go within " + PATIENCE);
      }
      Thread.sleep(200);
    }
  }

  @Override
  public void close() {
    client.close();
    connection.close();
  }
}
