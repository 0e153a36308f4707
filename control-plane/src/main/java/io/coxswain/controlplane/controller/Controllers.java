package io.coxswain.controlplane.controller;

import io.coxswain.client.ApiClient;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.leader.LeaderElection;
import io.coxswain.client.leader.LeaderElector;
import io.coxswain.client.leader.Leadership;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.controlplane.controller.apiservice.ApiServiceController;
import io.coxswain.controlplane.controller.bootstrap.TokenCleaner;
import io.coxswain.controlplane.controller.certificate.ApprovalController;
import io.coxswain.controlplane.controller.certificate.CleaningController;
import io.coxswain.controlplane.controller.certificate.SigningController;
import io.coxswain.controlplane.controller.deployment.DeploymentController;
import io.coxswain.controlplane.controller.disruption.DisruptionController;
import io.coxswain.controlplane.controller.endpoint.EndpointSliceController;
import io.coxswain.controlplane.controller.endpoint.MirrorController;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.ReplicaSetIndexes;
import io.coxswain.controlplane.controller.garbage.GarbageController;
import io.coxswain.controlplane.controller.namespace.NamespaceController;
import io.coxswain.controlplane.controller.node.NodeHealthController;
import io.coxswain.controlplane.controller.node.PodCidrController;
import io.coxswain.controlplane.controller.node.TaintEvictionController;
import io.coxswain.controlplane.controller.podgc.PodGarbageController;
import io.coxswain.controlplane.controller.quota.ResourceQuotaController;
import io.coxswain.controlplane.controller.replicaset.ReplicaController;
import io.coxswain.controlplane.controller.role.AggregationController;
import io.coxswain.controlplane.controller.serviceaccount.NamespaceDefaultsController;
import io.coxswain.controlplane.controller.volume.AttachController;
import io.coxswain.controlplane.controller.volume.BindingController;
import io.coxswain.controlplane.controller.volume.EphemeralVolumeController;
import io.coxswain.controlplane.controller.volume.LocalProvisioner;
import io.coxswain.controlplane.controller.volume.ProtectionController;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every controller of the cluster. They work while this process holds the Lease
/// `kube-system/kube-controller-manager`.
public final class Controllers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Controllers.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final InformerFactory informers;
  private static final String ONLY_SERVER = "only-server";

  private final List<Controller> controllers;
  private final GarbageController garbage;
  private final LeaderElector elector;
  private final TaskScope scope = new TaskScope("controllers");

  /// Registers with the informers; nothing runs before [#start].
  public Controllers(
      ApiClient client,
      InformerFactory informers,
      EventRecorder events,
      Clock clock,
      MeterRegistry metrics,
      ControllerOptions options) {
    this.informers = informers;
    ControllerContext context = new ControllerContext(client, informers, events, clock, metrics);
    this.garbage = new GarbageController(context, options.extensions());
    this.controllers = list(context, options, garbage);
    this.elector =
        new LeaderElector(
            client,
            election(options),
            new Leadership() {
              @Override
              public void gained(long term) {
                startAll();
              }

              @Override
              public void lost() {
                closeAll();
              }
            });
    Gauge.builder("coxswain.controllers.leading", elector, e -> e.leading() ? 1 : 0)
        .register(metrics);
  }

  private static LeaderElection election(ControllerOptions options) {
    // Whoever is alone is the same also after its address has changed, and need not wait for
    // itself.
    String identity = options.alone() ? ONLY_SERVER : options.identity();
    LeaderElection usual = LeaderElection.of("kube-system", "kube-controller-manager", identity);
    return options.alone() ? usual.unrivalled() : usual;
  }

  // A new controller is one line here.
  private static List<Controller> list(
      ControllerContext context, ControllerOptions options, GarbageController garbage) {
    PodIndexes pods = new PodIndexes(context.informers());
    ReplicaSetIndexes sets = new ReplicaSetIndexes(context.informers());
    List<Controller> all = new ArrayList<>();
    options.signer().ifPresent(signer -> all.add(new SigningController(context, signer)));
    all.addAll(
        List.of(
            new ApprovalController(context),
            new CleaningController(context),
            new PodCidrController(context, options.pods().cidr(), options.pods().nodePrefix()),
            new NodeHealthController(
                context, pods, options.times().lost(), options.times().notReady()),
            new TaintEvictionController(context, pods, options.times().tolerance()),
            ReplicaController.ofSets(context, sets, pods),
            ReplicaController.ofControllers(context, pods),
            new DeploymentController(context, sets, pods),
            new DisruptionController(context, sets, pods),
            new EndpointSliceController(context),
            new MirrorController(context),
            new NamespaceDefaultsController(context, options.rootCertificates()),
            new NamespaceController(context, options.extensions()),
            new ResourceQuotaController(context, pods),
            new TokenCleaner(context),
            new AggregationController(context),
            new ApiServiceController(context),
            new EphemeralVolumeController(context, pods),
            new BindingController(context, pods),
            new LocalProvisioner(context),
            new AttachController(context, pods),
            new ProtectionController(context, pods),
            new PodGarbageController(context, options.terminatedPodLimit()),
            garbage));
    return all;
  }

  /// Returns at once. The controllers begin when everything is listed and this process leads.
  public void start() {
    informers.start();
    scope.fork("campaign", this::campaign);
  }

  /// Whether this process is the one that works.
  public boolean leading() {
    return elector.leading();
  }

  /// Ends the work, gives the lease back, and leaves the informers to whoever made them.
  @Override
  public void close() {
    scope.close();
    elector.close();
    closeAll();
    garbage.closeInformers();
  }

  private void campaign() throws InterruptedException {
    while (!informers.awaitSync(PATIENCE)) {
      log.warn("controllers wait: the API has not listed everything within {}", PATIENCE);
    }
    elector.start();
  }

  private synchronized void startAll() {
    controllers.forEach(Controller::start);
  }

  private synchronized void closeAll() {
    for (Controller controller : controllers.reversed()) {
      controller.close();
    }
  }
}
