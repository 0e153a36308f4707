package io.coxswain.simulation;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentSpec;
import io.coxswain.api.apps.v1.DeploymentStrategy;
import io.coxswain.api.apps.v1.RollingUpdateDeployment;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.rpc.TransportClient;
import io.coxswain.client.testing.InMemoryApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// One run: a small cluster, a person who changes things, and chance.
public final class Simulation {

  private static final String NAMESPACE = "default";
  private static final int NODES = 3;
  private static final int CALM_STEPS = 200_000;

  private final long seed;
  private final boolean steady;
  private final Random random;
  private final VirtualClock clock = new VirtualClock();
  private final InMemoryApi api = new InMemoryApi(clock);
  private final Machines machines = new Machines(api);
  private final Invariants invariants = new Invariants(api);
  private final List<SimulatedProcess> processes = new ArrayList<>();
  private final List<NodeProcess> nodes = new ArrayList<>();
  private Faults faults = Faults.MANY;
  private final Trace trace = new Trace();
  private int images;

  /// @param steady without containers that break and pods that people delete: then rollouts must
  ///   keep what they promise
  public Simulation(long seed, boolean steady) {
    this.seed = seed;
    this.steady = steady;
    this.random = new Random(seed);
    processes.add(new ControllersProcess(client("controllers"), clock, random));
    processes.add(new SchedulerProcess(client("scheduler"), clock, random));
    for (int i = 0; i < NODES; i++) {
      NodeProcess node = new NodeProcess("n" + i, client("n" + i), clock, random, machines);
      nodes.add(node);
      processes.add(node);
      Node ignored = api.seed(node("n" + i));
    }
  }

  /// So many steps with faults, then without until all is as asked for.
  ///
  /// @throws AssertionError naming the seed, the step and what does not hold
  public void run(int steps) {
    int step = 0;
    try {
      Deployment ignored = deployments().create(deployment());
      for (; step < steps; step++) {
        stir();
        step();
        invariants.check(steady);
      }
      faults = Faults.NONE;
      for (int calm = 0; !converged(); calm++, step++) {
        step();
        invariants.check(steady);
        Invariants.require(calm < CALM_STEPS, "not converged: %s", state());
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed "
              + seed
              + (steady ? " (steady)" : "")
              + ", step "
              + step
              + ": "
              + e.getMessage()
              + "\nthe last writes:\n  "
              + trace,
          e);
    }
  }

  /// For comparing two runs of one seed.
  public long revision() {
    return api.revision();
  }

  private void step() {
    // As servers send them now and then, so that a watcher knows how far it has heard.
    if (random.nextInt(200) == 0) {
      api.bookmark();
    }
    SimulatedProcess process = processes.get(random.nextInt(processes.size()));
    if (!process.step() || random.nextInt(20) == 0) {
      clock.advance(Duration.ofMillis(random.nextInt(400)));
    }
  }

  // What people and misfortune do now and then.
  private void stir() {
    if (random.nextDouble() < faults.expired()) {
      api.expireWatches();
    }
    if (random.nextInt(500) == 0) {
      processes.get(random.nextInt(processes.size())).kill();
    }
    if (random.nextInt(700) == 0) {
      changeImage();
    }
    if (!steady && random.nextInt(300) == 0) {
      boolean ignored = nodes.get(random.nextInt(nodes.size())).breakOne();
    }
    if (!steady && random.nextInt(400) == 0) {
      deleteOne();
    }
    if (!steady && random.nextInt(900) == 0) {
      api.disconnectWatches();
    }
  }

  private void changeImage() {
    Deployment.Builder next = deployments().read(NAMESPACE, "web").toBuilder();
    images = (images + 1) % 3;
    next.getSpecBuilder()
        .getTemplateBuilder()
        .getSpecBuilder()
        .getContainersBuilder(0)
        .setImage("image:" + images);
    Deployment ignored = deployments().update(next.build());
    trace.note("a person: image:" + images);
  }

  private void deleteOne() {
    List<Pod> pods = api.client().resources(Pod.class).list(ListOptions.ALL).items();
    if (!pods.isEmpty()) {
      Pod pod = pods.get(random.nextInt(pods.size()));
      api.client()
          .resources(Pod.class)
          .delete(NAMESPACE, pod.getMetadata().getName(), DeletePolicy.DEFAULT);
    }
  }

  private boolean converged() {
    Deployment deployment = deployments().read(NAMESPACE, "web");
    int replicas = deployment.getSpec().getReplicas();
    List<Pod> pods = api.client().resources(Pod.class).list(ListOptions.ALL).items();
    String image = deployment.getSpec().getTemplate().getSpec().getContainers(0).getImage();
    return pods.size() == replicas
        && machines.size() == replicas
        && pods.stream().allMatch(Invariants::ready)
        && pods.stream().allMatch(p -> p.getSpec().getContainers(0).getImage().equals(image))
        && deployment.getStatus().getUpdatedReplicas() == replicas
        && deployment.getStatus().getAvailableReplicas() == replicas
        && deployment.getStatus().getReplicas() == replicas
        && deployment.getStatus().getObservedGeneration()
            == deployment.getMetadata().getGeneration();
  }

  private String state() {
    StringBuilder state = new StringBuilder("containers running: " + machines.size());
    for (Pod pod : api.client().resources(Pod.class).list(ListOptions.ALL).items()) {
      state
          .append("; ")
          .append(pod.getMetadata().getName())
          .append(' ')
          .append(pod.getStatus().getPhase())
          .append(" on ")
          .append(pod.getSpec().getNodeName())
          .append(pod.getMetadata().hasDeletionTimestamp() ? " ending" : "");
    }
    return state + "; " + deployments().read(NAMESPACE, "web").getStatus();
  }

  private ApiClient client(String caller) {
    return new TransportClient(new FaultyTransport(api, random, () -> faults, trace, caller));
  }

  private Resources<Deployment> deployments() {
    return api.client().resources(Deployment.class);
  }

  private static Node node(String name) {
    return Node.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder().setName(name).putLabels("kubernetes.io/hostname", name))
        .setStatus(
            NodeStatus.newBuilder()
                .putAllocatable("cpu", Quantities.of("2"))
                .putAllocatable("memory", Quantities.of("4Gi"))
                .putAllocatable("pods", Quantities.of("10")))
        .build();
  }

  // Two fit on each node, so that a rollout of four with one more has little room.
  private static Deployment deployment() {
    return Deployment.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setNamespace(NAMESPACE).setName("web"))
        .setSpec(
            DeploymentSpec.newBuilder()
                .setReplicas(4)
                .setRevisionHistoryLimit(10)
                .setProgressDeadlineSeconds(600)
                .setSelector(LabelSelector.newBuilder().putMatchLabels("app", "web"))
                .setStrategy(
                    DeploymentStrategy.newBuilder()
                        .setType("RollingUpdate")
                        .setRollingUpdate(
                            RollingUpdateDeployment.newBuilder()
                                .setMaxSurge(IntOrString.newBuilder().setIntVal(1))
                                .setMaxUnavailable(IntOrString.newBuilder().setIntVal(1))))
                .setTemplate(template()))
        .build();
  }

  private static PodTemplateSpec template() {
    return PodTemplateSpec.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().putLabels("app", "web"))
        .setSpec(
            PodSpec.newBuilder()
                .setRestartPolicy("Always")
                .setTerminationGracePeriodSeconds(3)
                .addContainers(
                    Container.newBuilder()
                        .setName("web")
                        .setImage("image:0")
                        .setResources(
                            ResourceRequirements.newBuilder()
                                .putRequests("cpu", Quantities.of("900m")))))
        .build();
  }
}
