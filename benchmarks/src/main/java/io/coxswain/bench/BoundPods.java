package io.coxswain.bench;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.ApiClient;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Resources;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.rpc.GrpcConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Pods that are made for one node, so that no scheduler has a part in them. A watch tells how far
/// each is.
final class BoundPods implements AutoCloseable {

  /// What the pods do.
  enum Kind {
    /// They sleep: ready as soon as they run.
    SLEEPING,
    /// They serve HTTP, and are ready when that answers.
    SERVING
  }

  /// Seconds from a pod's binding until the watch told of it.
  ///
  /// @param allRunning from the first pod that was asked for
  record Started(List<Double> running, List<Double> ready, double allRunning) {
    Started {
      running = List.copyOf(running);
      ready = List.copyOf(ready);
    }
  }

  private static final String NAMESPACE = "default";
  private static final String NAME = "bound";
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final String node;
  private final GrpcConnection connection;
  private final ApiClient client;
  private final Resources<Pod> pods;

  BoundPods(CoxswainCluster cluster) throws IOException {
    this.node = cluster.node();
    this.connection = cluster.connect();
    this.client = CoxswainCluster.client(connection);
    this.pods = client.resources(Pod.class);
  }

  Started start(int count, String image, Kind kind) throws IOException, InterruptedException {
    Map<String, Long> bound = new HashMap<>();
    Map<String, Double> running = new HashMap<>();
    Map<String, Double> ready = new HashMap<>();
    double last = 0;
    try (Watch<Pod> watch = pods.watch(all().from(pods.list(all()).resourceVersion()))) {
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        bound.put(NAME + "-" + i, System.nanoTime());
        Pod _ = pods.create(pod(NAME + "-" + i, image, kind));
      }
      while (ready.size() < count) {
        Pod pod = next(watch).object();
        long now = System.nanoTime();
        String name = pod.getMetadata().getName();
        double seconds = (now - bound.getOrDefault(name, begin)) / 1e9;
        if (pod.getStatus().getPhase().equals("Running")
            && running.putIfAbsent(name, seconds) == null) {
          last = (now - begin) / 1e9;
        }
        if (isReady(pod)) {
          ready.putIfAbsent(name, seconds);
        }
      }
    }
    return new Started(List.copyOf(running.values()), List.copyOf(ready.values()), last);
  }

  /// Deletes all.
  ///
  /// @return seconds from the first that was told to go until each was gone
  List<Double> end() throws IOException, InterruptedException {
    ObjectList<Pod> there = pods.list(all());
    List<Double> gone = new ArrayList<>();
    try (Watch<Pod> watch = pods.watch(all().from(there.resourceVersion()))) {
      long begin = System.nanoTime();
      for (Pod pod : there.items()) {
        pods.delete(NAMESPACE, pod.getMetadata().getName(), DeletePolicy.DEFAULT);
      }
      while (gone.size() < there.items().size()) {
        if (next(watch).type() == WatchEvent.Type.DELETED) {
          gone.add((System.nanoTime() - begin) / 1e9);
        }
      }
    }
    return gone;
  }

  private static ListOptions all() {
    return ListOptions.in(NAMESPACE).withLabels("app=" + NAME);
  }

  private static WatchEvent<Pod> next(Watch<Pod> watch) throws IOException, InterruptedException {
    return watch
        .next(PATIENCE)
        .orElseThrow(() -> new IOException("coxswain: nothing more within " + PATIENCE));
  }

  private static boolean isReady(Pod pod) {
    for (PodCondition condition : pod.getStatus().getConditionsList()) {
      if (condition.getType().equals("Ready")) {
        return condition.getStatus().equals("True");
      }
    }
    return false;
  }

  private Pod pod(String name, String image, Kind kind) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setNamespace(NAMESPACE).setName(name).putLabels("app", NAME);
    pod.getSpecBuilder().setNodeName(node).setTerminationGracePeriodSeconds(0);
    var container = pod.getSpecBuilder().addContainersBuilder().setName("main").setImage(image);
    switch (kind) {
      case SLEEPING -> container.addAllCommand(List.of("/bin/sleep", "100000"));
      case SERVING -> {
        container.addAllCommand(List.of("/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"));
        var probe = container.getReadinessProbeBuilder().setPeriodSeconds(1);
        probe.getHandlerBuilder().getHttpGetBuilder().setPath("/").getPortBuilder().setIntVal(8080);
      }
    }
    return pod.build();
  }

  @Override
  public void close() {
    client.close();
    connection.close();
  }
}
