package io.coxswain.node;

import io.coxswain.client.ApiClient;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.node.host.Machine;
import io.coxswain.node.image.Images;
import io.coxswain.node.network.PodNetwork;
import io.coxswain.node.podsource.ConfigObjects;
import io.coxswain.node.podsource.PodSource;
import io.coxswain.node.podworker.AgentMetrics;
import io.coxswain.node.podworker.PodParts;
import io.coxswain.node.podworker.PodWorkers;
import io.coxswain.node.podworker.Variables;
import io.coxswain.node.probe.NetworkProber;
import io.coxswain.node.probe.ProbeLoops;
import io.coxswain.node.probe.Prober;
import io.coxswain.node.probe.Probes;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.node.runtime.PodRuntimes;
import io.coxswain.node.status.NodeHeartbeat;
import io.coxswain.node.status.StatusWriter;
import io.coxswain.node.volume.Volumes;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.random.RandomGenerator;

/// Runs the pods of one node. Closing it, or killing it, leaves their containers running; the next
/// agent on the same folders takes them over.
public final class NodeAgent implements AutoCloseable {

  private final Lifecycle lifecycle = new Lifecycle("node agent");

  /// What others provide.
  public record Providers(
      Images images,
      Volumes volumes,
      PodNetwork network,
      ConfigObjects objects,
      PodRuntimes.Host host) {}

  /// @throws IOException when something that the agent needs is not installed
  public NodeAgent(
      NodeAgentOptions options,
      ApiClient client,
      EventRecorder events,
      Providers providers,
      MeterRegistry metrics,
      Clock clock)
      throws IOException {
    Machine machine = providers.host().machine();
    PodRuntime runtime =
        PodRuntimes.of(
            options.folders(),
            providers.host(),
            providers.images(),
            providers.network(),
            options.runtime(),
            clock);
    Prober prober = new NetworkProber(runtime);
    Probes probes = lifecycle.own("probes", new ProbeLoops(prober, RandomGenerator.getDefault()));
    StatusWriter statuses = lifecycle.own("pod status", new StatusWriter(client));
    Variables variables =
        new Variables(
            providers.objects(),
            new Variables.NodeFacts(
                options.node().name(),
                options.node().addresses(),
                machine.cpus() * 1000L,
                machine.memoryBytes(),
                machine.diskBytes(),
                options.environment()));
    PodWorkers workers =
        new PodWorkers(
            new PodParts(
                runtime,
                providers.images(),
                providers.volumes(),
                providers.objects(),
                probes,
                prober,
                statuses,
                events,
                variables,
                new AgentMetrics(metrics),
                options.volumesEvery(),
                clock));
    NodeHeartbeat heartbeat =
        new NodeHeartbeat(
            options.node(),
            machine,
            client,
            new NodeHeartbeat.Facts(
                runtime.version(), providers.images()::list, providers.network()::unreadyReason),
            clock);
    PodSource source = new PodSource(client, options.node().name(), workers);
    lifecycle.add("heartbeat", heartbeat::start, heartbeat);
    lifecycle.add("pods", workers::adopt, workers);
    lifecycle.add("pod source", source::start, source);
  }

  /// Takes over what runs and begins to work. Needs no API: that is waited for meanwhile.
  public void start() {
    lifecycle.start();
  }

  @Override
  public void close() {
    lifecycle.close();
  }
}
