package io.coxswain.node.network;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.controller.ControllerLoop;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.queue.WorkQueue;
import io.coxswain.node.dns.DnsServer;
import io.coxswain.node.dns.HostResolvers;
import io.coxswain.node.dns.ResolvConf;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.netlink.NetworkEvents;
import io.coxswain.node.service.Conntrack.Flow;
import io.coxswain.node.service.NodeFacts;
import io.coxswain.node.service.NodeFacts.HostPortRule;
import io.coxswain.node.service.ProxyMetrics;
import io.coxswain.node.service.ServiceProxy;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The network of one node: pods' devices and addresses, ways to other nodes, Services and names.
///
/// It starts with what the API server says of this node: once the Node object has a range of pod
/// addresses (`spec.podCIDR`), its own device, the rules and the name service come up, and pods can
/// be connected. All of it stays when the agent ends, so that running pods notice nothing; the next
/// agent takes it over. [#purge] takes it away.
public final class NodeNetwork implements PodNetwork, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeNetwork.class);
  private static final Duration RULES_PATIENCE = Duration.ofSeconds(10);
  private static final ObjectKey ONLY = new ObjectKey("", "node");

  private final NodeNetworkOptions options;
  private final MeterRegistry metrics;
  private final Kernel kernel;
  private final ClusterView cluster;
  private final NodeLinks nodeLinks;
  private final PodLinks podLinks;
  private final PodLeases leases;
  private final HostResolvers host;
  private final ServiceProxy proxy;
  private final WorkQueue<ObjectKey> queue = new WorkQueue<>();
  private final ControllerLoop loop;
  private final NetworkEvents events;

  private volatile Optional<Ready> ready = Optional.empty();
  private volatile String unready = "the network has not started yet";

  /// What is known once the node has its address among the pods.
  private record Ready(Cidr pods, DnsServer dns) {}

  /// Opens sockets to the kernel, and adds indexes to informers: so before those start. Changes
  /// nothing yet.
  public NodeNetwork(
      NodeNetworkOptions options,
      InformerFactory informers,
      Namespaces namespaces,
      MeterRegistry metrics)
      throws IOException {
    this(options, informers, namespaces, OwnNamespace.PROCESS, metrics);
  }

  /// @param own where the node is, if not where the process is
  public NodeNetwork(
      NodeNetworkOptions options,
      InformerFactory informers,
      Namespaces namespaces,
      OwnNamespace own,
      MeterRegistry metrics)
      throws IOException {
    this.options = options;
    this.metrics = metrics;
    this.kernel = Kernel.open(own, namespaces);
    this.cluster = new ClusterView(informers);
    this.nodeLinks = new NodeLinks(kernel.netlink(), options);
    this.podLinks = new PodLinks(kernel.netlink(), kernel.pods());
    this.leases =
        new PodLeases(
            new LeaseFolder(options.stateFolder().resolve("leases")), InstantSource.system());
    this.host = new HostResolvers(options.resolvConfs());
    this.proxy =
        new ServiceProxy(
            new Level(), kernel.nftables(), kernel.conntrack(), new ProxyMetrics(metrics));
    this.loop = new ControllerLoop("node-network", key -> reconcile(), queue, 1);
    Gauge.builder("coxswain.node.network.pods", () -> leases.all().size())
        .description("Pods with an address on this node")
        .register(metrics);
    this.events =
        kernel
            .own()
            .call(() ->
                NetworkEvents.listen(
                    device -> device.startsWith(PodLinks.PREFIX), () -> queue.add(ONLY)));
  }

  /// Listens to the API from now on. Returns at once: see [#unreadyReason].
  public void start() {
    unready = "waiting for the API server to say which pod addresses this node has";
    proxy.start();
    loop.start();
    cluster.start(proxy::changed, () -> queue.add(ONLY));
  }

  private Result reconcile() throws IOException {
    if (!cluster.nodesComplete()) {
      return Result.done();
    }
    Optional<Node> node = cluster.node(options.nodeName());
    Optional<Cidr> pods = node.flatMap(NodeRoutes::pods);
    if (pods.isEmpty()) {
      if (ready.isEmpty()) {
        unready =
            "node %s has no range of pod addresses yet (spec.podCIDR)"
                .formatted(options.nodeName());
      }
      return Result.done();
    }
    try {
      ensureNode(pods.get());
      nodeLinks.ensureRoutes(pods.get(), NodeRoutes.peers(cluster.nodes(), options.nodeName()));
      unready = "";
      return Result.done();
    } catch (IOException e) {
      unready = "the node's network cannot be set up: " + e.getMessage();
      throw e;
    }
  }

  private void ensureNode(Cidr pods) throws IOException {
    Kernel.Sysctls sysctls = kernel.sysctls();
    nodeLinks.ensureDevice(pods);
    sysctls.set("net/ipv4/ip_forward", "1");
    // Node ports answer on localhost too; packets from the wire to it are dropped by a rule.
    sysctls.set("net/ipv4/conf/all/route_localnet", "1");
    Optional<Ready> before = ready;
    if (before.isPresent() && before.get().pods().equals(pods)) {
      return;
    }
    if (before.isPresent()) {
      LOG.warn("The node's pod addresses change from {} to {}", before.get().pods(), pods);
      before.get().dns().close();
    }
    leases.useRange(pods);
    DnsServer dns = kernel.own().call(() -> startDns(pods));
    ready = Optional.of(new Ready(pods, dns));
    proxy.changed();
    LOG.info("Pods of this node get addresses of {} by {}", pods, options.device());
  }

  private DnsServer startDns(Cidr pods) throws IOException {
    return DnsServer.start(
        NodeLinks.gateway(pods),
        options.dnsPort(),
        new DnsServer.Zone(options.clusterDomain(), options.clusterCidr(), options.serviceCidr()),
        cluster,
        host,
        metrics);
  }

  @Override
  public List<InetAddress> setUp(Attachment attachment) throws IOException, InterruptedException {
    Ready now =
        ready.orElseThrow(() -> new IOException("the network is not ready: " + unreadyReason()));
    Lease lease = leases.lease(attachment.podUid(), attachment.hostPorts());
    try {
      podLinks.connect(
          attachment.podUid(),
          attachment.namespace(),
          lease.address(),
          NodeLinks.gateway(now.pods()),
          nodeLinks.mtu());
    } catch (IOException e) {
      // Perhaps somebody took a device away.
      queue.add(ONLY);
      throw new IOException(
          "connect pod %s/%s: %s"
              .formatted(attachment.podNamespace(), attachment.podName(), e.getMessage()),
          e);
    }
    if (!lease.hostPorts().isEmpty() && !proxy.awaitApplied(RULES_PATIENCE)) {
      throw new IOException(
          "the node's ports do not lead to pod %s/%s yet"
              .formatted(attachment.podNamespace(), attachment.podName()));
    }
    return List.of(lease.address());
  }

  @Override
  public void tearDown(String podUid) throws IOException, InterruptedException {
    podLinks.disconnect(podUid);
    Optional<Lease> lease = leases.find(podUid);
    leases.release(podUid);
    if (lease.isPresent() && !lease.get().hostPorts().isEmpty()) {
      if (!proxy.awaitApplied(RULES_PATIENCE)) {
        LOG.warn("Ports of the node still lead to pod {}, which is gone", podUid);
      }
      for (Flow flow : kernel.conntrack().udpFlows()) {
        if (flow.answering().equals(lease.get().address())) {
          kernel.conntrack().forget(flow);
        }
      }
    }
  }

  @Override
  public String resolvConf(Pod pod) {
    return ResolvConf.of(
            pod, host.read(), options.dnsService().getHostAddress(), options.clusterDomain())
        .text();
  }

  @Override
  public Collection<String> owners() {
    return leases.all().stream().map(Lease::podUid).toList();
  }

  @Override
  public String unreadyReason() {
    return unready;
  }

  /// Stops listening to the API, and answering names. Devices, routes and rules stay.
  @Override
  public void close() {
    cluster.stop();
    events.close();
    loop.close();
    proxy.close();
    ready.ifPresent(now -> {
      try {
        now.dns().close();
      } catch (IOException e) {
        LOG.debug("The name service did not close", e);
      }
    });
    kernel.close();
  }

  /// Takes everything away that was made on this node: rules, routes, devices, leases. For a node
  /// that leaves for good, while nothing runs on it; instead of, or after, [#start] but before
  /// [#close].
  public void purge() throws IOException {
    loop.close();
    proxy.close();
    proxy.purge();
    for (Lease lease : leases.all()) {
      podLinks.disconnect(lease.podUid());
      leases.release(lease.podUid());
    }
    nodeLinks.purge();
  }

  /// What the rules are made from.
  private final class Level implements ServiceProxy.Level {

    @Override
    public Optional<NodeFacts> node() {
      return ready.map(now ->
          new NodeFacts(
              options.nodeName(),
              PodLinks.PREFIX,
              now.pods(),
              options.clusterCidr(),
              options.serviceCidr(),
              NodeLinks.gateway(now.pods()),
              options.dnsService(),
              now.dns().port(),
              hostPorts()));
    }

    private List<HostPortRule> hostPorts() {
      List<HostPortRule> rules = new ArrayList<>();
      for (Lease lease : leases.all()) {
        for (HostPort port : lease.hostPorts()) {
          rules.add(
              new HostPortRule(
                  port.hostAddress(),
                  port.protocol(),
                  port.hostPort(),
                  lease.address(),
                  port.containerPort()));
        }
      }
      return rules;
    }

    @Override
    public boolean complete() {
      return cluster.complete();
    }

    @Override
    public Collection<Service> services() {
      return cluster.services();
    }

    @Override
    public Collection<EndpointSlice> slices() {
      return cluster.slices();
    }
  }
}
