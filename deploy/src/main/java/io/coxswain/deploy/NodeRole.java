package io.coxswain.deploy;

import io.coxswain.api.core.v1.Service;
import io.coxswain.client.ApiClient;
import io.coxswain.client.codec.Times;
import io.coxswain.client.events.ApiEventRecorder;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.node.NodeAgent;
import io.coxswain.node.NodeAgentOptions;
import io.coxswain.node.PluginOptions;
import io.coxswain.node.csi.CsiDrivers;
import io.coxswain.node.csi.CsiSecrets;
import io.coxswain.node.csi.CsiVolumes;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.HostProcesses;
import io.coxswain.node.host.LinuxControlGroups;
import io.coxswain.node.host.LinuxDaemons;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.LinuxNamespaces;
import io.coxswain.node.host.Machine;
import io.coxswain.node.host.PidfdWatch;
import io.coxswain.node.image.OverlayImages;
import io.coxswain.node.image.Registries;
import io.coxswain.node.network.NodeNetwork;
import io.coxswain.node.network.NodeNetworkOptions;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.node.podsource.ApiConfigObjects;
import io.coxswain.node.podsource.ApiDriverObjects;
import io.coxswain.node.podsource.ApiStorageObjects;
import io.coxswain.node.podsource.ApiTokens;
import io.coxswain.node.podworker.AllowedSysctls;
import io.coxswain.node.pressure.PressureOptions;
import io.coxswain.node.pressure.Thresholds;
import io.coxswain.node.runtime.PodFolders;
import io.coxswain.node.runtime.PodRuntimes;
import io.coxswain.node.runtime.RuntimeOptions;
import io.coxswain.node.status.NodeOptions;
import io.coxswain.node.status.NodeResources;
import io.coxswain.node.status.Reserved;
import io.coxswain.node.volume.BlockDevices;
import io.coxswain.node.volume.ClaimVolumes;
import io.coxswain.node.volume.HostVolumes;
import io.coxswain.node.volume.LocalFolders;
import io.coxswain.node.volume.LocalVolumes;
import io.coxswain.node.volume.NfsMounts;
import io.coxswain.node.volume.NodeCapacity;
import io.grpc.Channel;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Puts a node's agent together from its parts.
final class NodeRole {

  private static final Duration LEASE_EVERY = Duration.ofSeconds(3);
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final Duration STATUS_EVERY = Duration.ofMinutes(5);
  private static final Duration VOLUMES_EVERY = Duration.ofSeconds(15);
  private static final Duration CONFIG_FRESH = Duration.ofSeconds(10);
  private static final long LOG_BYTES = 10L << 20;
  private static final int LOG_FILES = 5;
  private static final long POD_PROCESSES = 4096;

  /// The agent's own, and the server's beside it.
  private static final String KUBE_RESERVED = "memory=100Mi";

  private static final int HEALTH_PORT = 10250;

  /// @param pods most pods on the node
  record Settings(
      String node,
      InetAddress address,
      int pods,
      String runtime,
      Path registries,
      String manifests,
      String kubelet,
      List<Path> cdi,
      Map<String, Path> handlers,
      PressureOptions pressure,
      Reserved reserved,
      boolean enforced,
      AllowedSysctls sysctls,
      Duration shutdownGrace) {

    static Flags declare(Flags flags) {
      return flags
          .value("node", "NAME", "", "this node's name; the machine's when not given")
          .value("address", "IP", "", "the address under which other nodes reach this one")
          .value("pods", "N", "110", "most pods on this node")
          .value(
              "runtime",
              "NAME|PATH",
              "",
              "runc, crun or the path of either; what fits the machine when not given")
          .value(
              "runtime-handlers",
              "NAME=PATH,...",
              "",
              "programs that RuntimeClasses may choose, beside runc and crun")
          .value(
              "manifests",
              "FOLDER",
              "",
              "pods that the node runs by itself; `manifests` in its data when not given")
          .value(
              "kubelet-dir",
              "FOLDER",
              "",
              "where plugins of vendors look for this node, and seccomp profiles lie; /var/lib/kubelet of"
                  + " an instance that has no other name, else `kubelet` in its data")
          .value(
              "cdi",
              "FOLDER,...",
              "/etc/cdi,/var/run/cdi",
              "folders of CDI files, the one that counts most last")
          .value(
              "kube-reserved",
              "RESOURCE=QUANTITY,...",
              KUBE_RESERVED,
              "what this program keeps from pods: of cpu, memory, ephemeral-storage and pid")
          .value(
              "system-reserved",
              "RESOURCE=QUANTITY,...",
              "",
              "what the machine's own programs keep from pods")
          .value(
              "enforce-node-allocatable",
              "pods|none",
              "pods",
              "whether the kernel holds all pods together to what is not reserved")
          .value(
              "eviction-hard",
              "SIGNAL<VALUE,...",
              Thresholds.DEFAULT_HARD,
              "when pods are ended at once; all of them are replaced")
          .value("eviction-soft", "SIGNAL<VALUE,...", "", "when pods are ended after a grace")
          .value(
              "eviction-soft-grace-period",
              "SIGNAL=DURATION,...",
              "",
              "that grace, for each soft threshold, as memory.available=1m30s")
          .value(
              "eviction-minimum-reclaim",
              "SIGNAL=VALUE,...",
              "",
              "how much more is to be available before it is enough")
          .value(
              "eviction-pressure-transition-period",
              "DURATION",
              "5m",
              "how long the node still says that it is short of something")
          .value(
              "eviction-max-pod-grace-period",
              "SECONDS",
              "0",
              "what pods get at the most that are ended for a soft threshold")
          .value(
              "allowed-unsafe-sysctls",
              "NAME|PREFIX*,...",
              "",
              "settings of the kernel that pods may have otherwise, beside those that are safe")
          .value(
              "shutdown-grace-period",
              "DURATION",
              "30s",
              "what pods get at the most to end in, when the machine goes down")
          .value(
              "registries",
              "FILE",
              "/etc/coxswain/registries.yaml",
              "mirrors, authorities and plain-HTTP hosts of registries");
    }

    static Settings of(Flags flags) {
      return new Settings(
          flags.find("node").orElseGet(Addresses::hostName),
          flags.find("address").map(InetAddress::ofLiteral).orElseGet(Addresses::own),
          flags.number("pods", 1, 5000),
          flags.text("runtime"),
          Path.of(flags.text("registries")),
          flags.text("manifests"),
          flags.text("kubelet-dir"),
          Stream.of(flags.text("cdi").split(",", -1))
              .filter(text -> !text.isBlank())
              .map(text -> Path.of(text.strip()))
              .toList(),
          handlers(flags.text("runtime-handlers")),
          pressure(flags),
          reserved(flags, "kube-reserved").plus(reserved(flags, "system-reserved")),
          enforced(flags.text("enforce-node-allocatable")),
          sysctls(flags),
          duration(flags, "shutdown-grace-period"));
    }

    private static AllowedSysctls sysctls(Flags flags) {
      try {
        return AllowedSysctls.and(flags.text("allowed-unsafe-sysctls"));
      } catch (IllegalArgumentException e) {
        throw new Flags.UsageException("--allowed-unsafe-sysctls: " + e.getMessage());
      }
    }

    private static Reserved reserved(Flags flags, String name) {
      try {
        return Reserved.parse("--" + name, flags.text(name));
      } catch (IllegalArgumentException e) {
        throw new Flags.UsageException(String.valueOf(e.getMessage()));
      }
    }

    private static boolean enforced(String text) {
      return switch (text) {
        case "pods" -> true;
        case "none", "" -> false;
        default ->
            throw new Flags.UsageException(
                "--enforce-node-allocatable takes pods or none, not: %s. Groups of the system's own programs are not bounded by this program"
                    .formatted(text));
      };
    }

    private static Duration duration(Flags flags, String name) {
      String text = flags.text(name);
      return Times.parseDuration(text)
          .filter(period -> !period.isNegative())
          .orElseThrow(() ->
              new Flags.UsageException(
                  "--%s: \"%s\" is no duration, as 1m30s".formatted(name, text)));
    }

    private static PressureOptions pressure(Flags flags) {
      try {
        return new PressureOptions(
            Thresholds.parse(
                flags.text("eviction-hard"),
                flags.text("eviction-soft"),
                flags.text("eviction-soft-grace-period"),
                flags.text("eviction-minimum-reclaim")),
            duration(flags, "eviction-pressure-transition-period"),
            Duration.ofSeconds(flags.number("eviction-max-pod-grace-period", 0, Integer.MAX_VALUE)),
            PressureOptions.DEFAULT.every());
      } catch (IllegalArgumentException e) {
        throw new Flags.UsageException(String.valueOf(e.getMessage()));
      }
    }

    /// Vendors' plugins look in one place of a machine: only one node can have it.
    Path kubelet(Places places) {
      if (!kubelet.isEmpty()) {
        return Path.of(kubelet).toAbsolutePath();
      }
      return places.name().equals("coxswain")
          ? Path.of("/var/lib/kubelet")
          : places.data().resolve("kubelet");
    }

    private static Map<String, Path> handlers(String text) {
      Map<String, Path> handlers = new LinkedHashMap<>();
      for (String pair : text.isEmpty() ? new String[0] : text.split(",", -1)) {
        String[] parts = pair.split("=", 2);
        if (parts.length < 2 || parts[0].isBlank() || !parts[1].startsWith("/")) {
          throw new Flags.UsageException(
              "--runtime-handlers: \"%s\" is not NAME=PATH, as kata=/usr/bin/kata-runtime"
                  .formatted(pair));
        }
        handlers.put(parts[0].strip(), Path.of(parts[1].strip()));
      }
      return handlers;
    }
  }

  /// What containers are made by, and accounted for.
  ///
  /// @param conmon the monitor's program
  record Containers(ControlGroups controlGroups, Path conmon, String runtime) {

    /// @throws IOException when the machine has no control groups
    static Containers ofMachine(Settings settings) throws IOException {
      return new Containers(
          LinuxControlGroups.find(new LinuxMounts()),
          Path.of("/usr/bin/conmon"),
          settings.runtime());
    }
  }

  private NodeRole() {}

  /// Adds the agent's parts to a lifecycle that the caller starts.
  static void assemble(
      Lifecycle lifecycle,
      Places places,
      Settings settings,
      Containers containers,
      ApiClient client,
      Channel link,
      PrometheusMeterRegistry metrics)
      throws IOException {
    Clock clock = Clock.systemUTC();
    LinuxMounts mounts = new LinuxMounts();
    LinuxNamespaces namespaces = new LinuxNamespaces(mounts);
    Machine machine = Machine.read(places.data());
    PidfdWatch watch = lifecycle.own("process watch", new PidfdWatch());
    OverlayImages images =
        lifecycle.own(
            "images",
            OverlayImages.open(
                places.data().resolve("images"),
                places.run(),
                places.data(),
                Registries.read(settings.registries()),
                mounts,
                clock,
                metrics));
    LocalFolders folders = new LocalFolders(places.data().resolve("local-volumes"));
    NodeOptions node =
        new NodeOptions(
            settings.node(),
            List.of(settings.address()),
            Map.of(),
            Map.of(VolumeMarks.LOCAL_FOLDER, folders.root().toString()),
            List.of(),
            settings.pods(),
            0,
            0,
            settings.reserved(),
            settings.enforced(),
            LEASE_EVERY,
            LEASE,
            STATUS_EVERY,
            "v1.36.0+coxswain");
    NodeResources resources = NodeAgent.resources(node, settings.pressure(), machine);
    InformerFactory informers = lifecycle.own("informers", new InformerFactory(client));
    ApiConfigObjects objects =
        new ApiConfigObjects(client, informers.informer(Service.class), CONFIG_FRESH, clock);
    HostProcesses processes = new HostProcesses();
    UnixSockets sockets = lifecycle.own("plugins' sockets", new UnixSockets());
    ApiDriverObjects driverObjects = new ApiDriverObjects(client, settings.node());
    CsiDrivers drivers = lifecycle.own("storage drivers", new CsiDrivers(sockets, driverObjects));
    CsiVolumes driverVolumes =
        new CsiVolumes(
            settings.kubelet(places),
            settings.node(),
            drivers,
            driverObjects,
            new CsiSecrets(objects, new ApiTokens(client, clock)),
            mounts,
            clock);
    ApiEventRecorder events =
        lifecycle.own("events", new ApiEventRecorder(client, "kubelet", settings.node()));
    HostVolumes volumes =
        new HostVolumes(
            places.data().resolve("volumes"),
            objects,
            new ApiTokens(client, clock),
            new ClaimVolumes(
                new ApiStorageObjects(client, settings.node()),
                new NfsMounts(Path.of("/sbin/mount.nfs"), processes, mounts),
                new BlockDevices(processes, mounts),
                driverVolumes,
                events,
                settings.node(),
                clock),
            mounts,
            new NodeCapacity(
                resources.cpu().allocatable(),
                resources.memory().allocatable(),
                resources.storage().allocatable()),
            clock);
    NodeNetwork network =
        lifecycle.own(
            "network",
            new NodeNetwork(
                NodeNetworkOptions.of(
                    settings.node(), settings.address(), places.run().resolve("network")),
                informers,
                namespaces,
                metrics));
    LocalVolumes directories =
        new LocalVolumes(client, settings.node(), folders, volumes::isUsed, events);
    RuntimeOptions runtime =
        new RuntimeOptions(
            "/" + places.name(),
            POD_PROCESSES,
            List.of(settings.address()),
            "cluster.local",
            true,
            settings.kubelet(places).resolve("seccomp"),
            machine.cpus() + 2,
            containers.conmon(),
            settings.handlers(),
            containers.runtime());
    NodeAgent agent =
        new NodeAgent(
            new NodeAgentOptions(
                node,
                new PodFolders(places.data(), places.run(), places.logs().resolve("pods")),
                runtime,
                new PluginOptions(settings.kubelet(places), settings.cdi()),
                Map.of(
                    "KUBERNETES_SERVICE_HOST", "10.96.0.1",
                    "KUBERNETES_SERVICE_PORT", "443",
                    "KUBERNETES_SERVICE_PORT_HTTPS", "443"),
                VOLUMES_EVERY,
                LOG_BYTES,
                LOG_FILES,
                settings.manifests().isEmpty()
                    ? places.data().resolve("manifests")
                    : Path.of(settings.manifests()),
                HEALTH_PORT,
                settings.pressure(),
                settings.sysctls()),
            client,
            events,
            new NodeAgent.Providers(
                images,
                volumes,
                network,
                objects,
                new NodeAgent.Plugins(sockets, List.of(drivers), driverVolumes::inUse),
                new PodRuntimes.Host(
                    machine,
                    containers.controlGroups(),
                    namespaces,
                    mounts,
                    processes,
                    new LinuxDaemons(watch),
                    watch)),
            metrics,
            clock);
    driverVolumes.whenOthersAreUsed(agent::changed);
    agent.link(link);
    lifecycle.add("node network", network::start, () -> {});
    lifecycle.add(
        "plugins' folder",
        () -> SharedFolder.make(settings.kubelet(places), places.run(), mounts),
        () -> {});
    lifecycle.add("driven volumes", driverVolumes::start, driverVolumes);
    lifecycle.add("node agent", agent::start, agent);
    PodShutdown shutdown = PodShutdown.ofMachine(places.run(), processes);
    lifecycle.add(
        "pods' shutdown",
        shutdown::forget,
        () -> {
          if (shutdown.isDue()) {
            agent.halt(settings.shutdownGrace());
          }
        });
    lifecycle.add("local volumes", directories::start, directories);
  }
}
