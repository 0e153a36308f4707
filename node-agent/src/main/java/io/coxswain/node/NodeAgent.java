package io.coxswain.node;

import io.coxswain.client.ApiClient;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.lifecycle.HealthServer;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.node.allocation.Allocations;
import io.coxswain.node.allocation.Share;
import io.coxswain.node.cdi.CdiFolders;
import io.coxswain.node.device.Devices;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.HugePages;
import io.coxswain.node.host.Machine;
import io.coxswain.node.host.ProcessNumbers;
import io.coxswain.node.image.CollectOptions;
import io.coxswain.node.image.ImageUpkeep;
import io.coxswain.node.image.Images;
import io.coxswain.node.network.PodNetwork;
import io.coxswain.node.plugin.PluginFolder;
import io.coxswain.node.plugin.PluginKind;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.node.podsource.ApiHandlers;
import io.coxswain.node.podsource.ConfigObjects;
import io.coxswain.node.podsource.PodSource;
import io.coxswain.node.podworker.AgentMetrics;
import io.coxswain.node.podworker.AppArmorAdmission;
import io.coxswain.node.podworker.ClaimAdmission;
import io.coxswain.node.podworker.PodParts;
import io.coxswain.node.podworker.PodWorkers;
import io.coxswain.node.podworker.Variables;
import io.coxswain.node.pressure.LinuxSignals;
import io.coxswain.node.pressure.PressureMonitor;
import io.coxswain.node.pressure.PressureOptions;
import io.coxswain.node.pressure.Pressures;
import io.coxswain.node.pressure.UnusedFiles;
import io.coxswain.node.probe.NetworkProber;
import io.coxswain.node.probe.ProbeLoops;
import io.coxswain.node.probe.Prober;
import io.coxswain.node.probe.Probes;
import io.coxswain.node.runtime.AppArmor;
import io.coxswain.node.runtime.LogRotation;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.node.runtime.PodRuntimes;
import io.coxswain.node.staticpod.MirrorStatuses;
import io.coxswain.node.staticpod.NodesOwnPods;
import io.coxswain.node.status.NodeHeartbeat;
import io.coxswain.node.status.NodeOptions;
import io.coxswain.node.status.NodeResources;
import io.coxswain.node.status.StatusWriter;
import io.coxswain.node.stream.FolderWatch;
import io.coxswain.node.stream.NodeLink;
import io.coxswain.node.stream.NodePages;
import io.coxswain.node.stream.StatsSummary;
import io.coxswain.node.stream.Streams;
import io.coxswain.node.usage.ClaimCollector;
import io.coxswain.node.usage.HostPodMeter;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.PodMeter;
import io.coxswain.node.usage.VolumeRounds;
import io.coxswain.node.volume.Volumes;
import io.grpc.Channel;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the pods of one node. Closing it, or killing it, leaves their containers running; the next
/// agent on the same folders takes them over.
public final class NodeAgent implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NodeAgent.class);

  private static final String GOING_DOWN = "node is shutting down";

  /// How long the API may need to hear how containers ended.
  private static final Duration TELLING = Duration.ofSeconds(5);

  private final Lifecycle lifecycle = new Lifecycle("node agent");
  private final NodeAgentOptions options;
  private final Streams streams;
  private final NodeHeartbeat heartbeat;
  private final PodWorkers workers;
  private final StatusWriter written;
  private volatile boolean halting;

  /// What others provide.
  public record Providers(
      Images images,
      Volumes volumes,
      PodNetwork network,
      ConfigObjects objects,
      Plugins plugins,
      PodRuntimes.Host host) {}

  /// What vendors' programs provide beside devices.
  ///
  /// @param sockets by which they are spoken to
  /// @param kinds of plugins
  /// @param volumesInUse that must not be detached from this node
  public record Plugins(
      UnixSockets sockets, List<PluginKind> kinds, Supplier<Set<String>> volumesInUse) {
    public Plugins {
      kinds = List.copyOf(kinds);
    }
  }

  /// @throws IOException when something that the agent needs is not installed
  public NodeAgent(
      NodeAgentOptions options,
      ApiClient client,
      EventRecorder events,
      Providers providers,
      MeterRegistry metrics,
      Clock clock)
      throws IOException {
    this.options = options;
    Machine machine = providers.host().machine();
    NodeResources resources = resources(options.node(), options.pressure(), machine);
    PodRuntime runtime =
        PodRuntimes.of(
            options.folders(),
            providers.host(),
            providers.images(),
            providers.network(),
            new ApiHandlers(providers.objects()),
            options.runtime(),
            clock);
    UnixSockets sockets = providers.plugins().sockets();
    Devices devices =
        new Devices(
            options.plugins().kubelet(),
            new CdiFolders(options.plugins().cdi()),
            sockets,
            machine.bootId(),
            clock);
    List<PluginKind> kinds = new ArrayList<>(providers.plugins().kinds());
    kinds.add(devices.kind());
    PluginFolder plugins =
        new PluginFolder(options.plugins().kubelet().resolve("plugins_registry"), sockets, kinds);
    Prober prober = new NetworkProber(runtime);
    Probes probes = lifecycle.own("probes", new ProbeLoops(prober, RandomGenerator.getDefault()));
    written = lifecycle.own("pod status", new StatusWriter(client));
    MirrorStatuses statuses = new MirrorStatuses(written);
    Variables variables =
        new Variables(
            providers.objects(),
            new Variables.NodeFacts(
                options.node().name(),
                options.node().addresses(),
                resources.cpu().allocatable(),
                resources.memory().allocatable(),
                resources.storage().allocatable(),
                options.environment()));
    Pressures pressures = new Pressures();
    workers =
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
                new Allocations(
                    new Share(resources.cpu().allocatable(), resources.memory().allocatable()),
                    clock),
                options
                    .sysctls()
                    .and(new AppArmorAdmission(AppArmor.isEnabled()))
                    .and(new ClaimAdmission())
                    .and(pressures),
                resources.askable(),
                devices,
                new AgentMetrics(metrics),
                options.volumesEvery(),
                clock));
    heartbeat =
        new NodeHeartbeat(
            options.node(),
            machine,
            client,
            new NodeHeartbeat.Facts(
                resources,
                runtime.version(),
                runtime.handlers(),
                providers.images()::list,
                devices::counts,
                providers.plugins().volumesInUse(),
                () -> halting ? GOING_DOWN : providers.network().unreadyReason(),
                pressures::now),
            clock);
    devices.serves(
        workers::pods,
        uids -> {
          heartbeat.look();
          uids.forEach(workers::wake);
        });
    NodesOwnPods own =
        new NodesOwnPods(
            options.manifests(), options.node().name(), runtime, workers, statuses, client, clock);
    PodSource source = new PodSource(client, options.node().name(), workers, own::mirrorsChanged);
    FolderWatch folders = lifecycle.own("folder watch", new FolderWatch());
    ControlGroups groups = providers.host().controlGroups();
    Path data = options.folders().data();
    NodeDisks disks = new NodeDisks(data, data.resolve("images"));
    PodMeter meter =
        new HostPodMeter(runtime, providers.images(), providers.volumes(), groups, clock);
    VolumeRounds rounds =
        lifecycle.own(
            "volume figures",
            new VolumeRounds(
                providers.volumes(), workers::active, clock, RandomGenerator.getDefault()));
    if (metrics instanceof PrometheusMeterRegistry prometheus) {
      ClaimCollector claims = new ClaimCollector(rounds);
      lifecycle.add(
          "figures of claims",
          () -> prometheus.getPrometheusRegistry().register(claims),
          () -> prometheus.getPrometheusRegistry().unregister(claims));
    }
    StatsSummary stats =
        new StatsSummary(
            options.node().name(),
            new StatsSummary.Parts(runtime, providers.images(), groups, meter, rounds, disks),
            clock);
    UnusedFiles unused = new UnusedFiles(runtime, providers.images(), workers);
    PressureMonitor monitor =
        new PressureMonitor(
            options.pressure(),
            new PressureMonitor.Node(
                options.node().name(),
                new LinuxSignals(
                    machine.memoryBytes(),
                    resources.memory().bound(),
                    groups,
                    options.runtime().cgroupParent(),
                    disks),
                disks,
                meter,
                unused),
            workers,
            pressures,
            events,
            metrics,
            clock);
    Supplier<String> figures =
        () -> metrics instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "";
    streams =
        new Streams(
            runtime,
            providers.host().namespaces(),
            folders,
            stats,
            new NodePages(
                runtime, stats, figures, providers.network()::unreadyReason, NodePages.LOGS),
            providers.images());
    LogRotation rotation = new LogRotation(runtime, options.logBytes(), options.logFiles(), clock);
    Gauge.builder("kubelet.running.pods", workers, one -> one.uids().size())
        .description("Pods that this agent works on")
        .register(metrics);
    if (options.healthPort() > 0) {
      HealthServer health =
          new HealthServer(options.healthPort(), figures, providers.network()::unreadyReason);
      lifecycle.add("health", health::start, health);
    }
    ImageUpkeep upkeep = new ImageUpkeep(providers.images(), CollectOptions.DEFAULT);
    PodsBound bound =
        new PodsBound(
            options.node().name(),
            options.runtime().cgroupParent(),
            resources,
            options.node().enforced(),
            groups,
            events);
    lifecycle.add("pods' bounds", bound::start, bound);
    lifecycle.add("devices on disk", devices::restore, () -> {});
    lifecycle.add("devices", () -> {}, devices);
    lifecycle.add("heartbeat", heartbeat::start, heartbeat);
    lifecycle.add("image upkeep", upkeep::start, upkeep);
    lifecycle.add("log rotation", rotation::start, rotation);
    lifecycle.add("own pods", own::adopt, () -> {});
    lifecycle.add("pods", workers::adopt, workers);
    lifecycle.add("device plugins", devices::start, () -> {});
    lifecycle.add("plugins", plugins::start, plugins);
    lifecycle.add("pod source", source::start, source);
    lifecycle.add("rounds of volumes", rounds::start, () -> {});
    lifecycle.add("reclaim", () -> {}, unused);
    lifecycle.add("pressure", monitor::start, monitor);
    own.startWith(lifecycle, source);
    LeftLogs left = new LeftLogs(runtime, () -> allPods(workers, own, source));
    lifecycle.add("left logs", left::start, left);
  }

  /// Uids of all pods that this node has or is to have, once all are known.
  private static Optional<Set<String>> allPods(
      PodWorkers workers, NodesOwnPods own, PodSource source) {
    Optional<Set<String>> working = workers.all();
    Optional<Set<String>> described = own.all();
    if (working.isEmpty() || described.isEmpty()) {
      return Optional.empty();
    }
    Set<String> all = new HashSet<>(working.get());
    all.addAll(described.get());
    source.list().forEach(pod -> all.add(pod.getMetadata().getUid()));
    return Optional.of(all);
  }

  /// What a node with these options has.
  ///
  /// @throws IOException when more is reserved than the machine has
  public static NodeResources resources(NodeOptions node, PressureOptions pressure, Machine machine)
      throws IOException {
    try {
      return NodeResources.of(
          node,
          machine,
          ProcessNumbers.read().most(),
          HugePages.read(HugePages.SYSTEM),
          pressure.thresholds());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// Something that the node's status tells has changed.
  public void changed() {
    heartbeat.look();
  }

  /// Has people's streams come over this connection to the control plane. Comes before [#start].
  public void link(Channel channel) {
    NodeLink link = new NodeLink(channel, options.node().name(), options.node().version(), streams);
    lifecycle.add("node link", link::start, link);
  }

  /// Takes over what runs and begins to work. Needs no API: that is waited for meanwhile.
  public void start() {
    lifecycle.start();
  }

  /// Ends the containers of all pods, each with the grace of its pod but no more than this, and
  /// starts none any more; the node says that it goes down. For when the machine does, and not only
  /// the agent. The pods stay this node's: the next agent on the same folders runs them again.
  /// Comes before [#close]. Blocks until nothing runs and the API knows, if it answers; for some
  /// seconds longer than `grace` at the most.
  public void halt(Duration grace) throws InterruptedException {
    halting = true;
    heartbeat.look();
    log.info("containers end, within {} s", grace.toSeconds());
    long running = workers.halt(grace);
    if (running > 0) {
      log.warn("{} pods still have containers that do not end", running);
    }
    if (heartbeat.isHeard()) {
      written.awaitWritten(TELLING);
    }
  }

  @Override
  public void close() {
    lifecycle.close();
  }
}
