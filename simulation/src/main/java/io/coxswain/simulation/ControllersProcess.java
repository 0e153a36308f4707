package io.coxswain.simulation;

import io.coxswain.client.ApiClient;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.controlplane.controller.deployment.DeploymentController;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.ReplicaSetIndexes;
import io.coxswain.controlplane.controller.replicaset.ReplicaController;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.random.RandomGenerator;

/// The production controllers of Deployments and ReplicaSets.
final class ControllersProcess extends SimulatedProcess {

  private final ApiClient client;
  private final VirtualClock clock;
  private DrivenLoops loops;
  private List<Controller> controllers = List.of();

  ControllersProcess(ApiClient client, VirtualClock clock, RandomGenerator random) {
    super(random, InformerFactory.driven(client));
    this.client = client;
    this.clock = clock;
    this.loops = new DrivenLoops(clock, random);
  }

  @Override
  protected InformerFactory boot() {
    InformerFactory informers = InformerFactory.driven(client);
    loops = new DrivenLoops(clock, random);
    ControllerContext context =
        new ControllerContext(
            client, informers, EventRecorder.NONE, clock, new SimpleMeterRegistry(), loops);
    PodIndexes pods = new PodIndexes(informers);
    ReplicaSetIndexes sets = new ReplicaSetIndexes(informers);
    controllers =
        List.of(
            ReplicaController.ofSets(context, sets, pods),
            new DeploymentController(context, sets, pods));
    return informers;
  }

  @Override
  protected void synced() {
    controllers.forEach(Controller::start);
  }

  @Override
  protected boolean work() {
    return loops.step();
  }
}
