package io.coxswain.deploy;

import io.coxswain.client.ApiClient;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.controlplane.ControlPlane;
import io.coxswain.controlplane.ControlPlaneOptions;
import io.coxswain.controlplane.ServingOptions;
import io.coxswain.controlplane.audit.AuditOptions;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.storage.EtcdOptions;
import io.coxswain.scheduler.Scheduler;
import io.coxswain.scheduler.SchedulerOptions;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The control plane with its etcd, and in the same process a scheduler and a node's agent when the
/// shape has them.
final class Server {

  enum Shape {
    ALL_IN_ONE,
    SERVER
  }

  /// Where objects are kept: in etcd, the cluster's own unless a flag names another, or in memory
  /// alone, which is for the build's training (see [Training]).
  enum Storage {
    ETCD,
    MEMORY
  }

  private static final Duration ETCD_PATIENCE = Duration.ofSeconds(5);

  private Server() {}

  /// Runs until the process is asked to end.
  static void run(List<String> arguments, Shape shape) throws InterruptedException {
    Flags flags = flags(shape);
    Program.run(arguments, flags, lifecycle -> assemble(lifecycle, flags, shape, Storage.ETCD));
  }

  static Flags flags(Shape shape) {
    Flags flags =
        Places.declare(new Flags())
            .value("port", "P", "6443", "HTTPS; gRPC for nodes and components is on the next port")
            .value("advertise", "IP[,IP]", "", "addresses under which others reach this server")
            .value(
                "listen",
                "IP[,IP]",
                "",
                "addresses to listen on; loopback and the advertised ones when not given")
            .value(
                "etcd",
                "HOST:PORT[,…]",
                "",
                "an etcd of your own, instead of one that is started here")
            .value("etcd-ca", "FILE", "", "authority of that etcd's certificate")
            .value("etcd-cert", "FILE", "", "certificate to show it")
            .value("etcd-key", "FILE", "", "key of that certificate")
            .value(
                "node-monitor-grace",
                "SECONDS",
                "10",
                "how long a node may be silent before its pods are replaced")
            .value(
                "encryption-provider-config",
                "FILE",
                "",
                "which kinds lie encrypted in etcd, and how; by itself Secrets do, with a key made"
                    + " at the first start")
            .value(
                "max-requests-inflight",
                "COUNT",
                "400",
                "together with the next one: requests worked on at once, which the priority levels"
                    + " share")
            .value("max-mutating-requests-inflight", "COUNT", "200", "see there")
            .value(
                "audit-policy-file",
                "FILE",
                "",
                "which requests the audit log tells of, and how much; without it there is none")
            .value("audit-log-path", "FILE", "", "where it is written; - for standard output")
            .value("audit-log-maxsize", "MB", "100", "size at which a new file is begun; 0: never")
            .value("audit-log-maxage", "DAYS", "366", "how long old files stay; 0: for ever")
            .value("audit-log-maxbackup", "COUNT", "100", "how many old files stay; 0: all")
            .value(
                "audit-webhook-config-file",
                "FILE",
                "",
                "kubeconfig of a server to which events are sent")
            .value("audit-webhook-batch-buffer-size", "COUNT", "10000", "events that wait for it")
            .value("audit-webhook-batch-max-size", "COUNT", "400", "events sent at once")
            .value(
                "audit-webhook-batch-max-wait",
                "SECONDS",
                "30",
                "how long events wait for others to be sent with")
            .value(
                "audit-webhook-initial-backoff",
                "SECONDS",
                "10",
                "how long after a failure they are sent again")
            .toggle("with-scheduler", "run the scheduler in this process, too");
    if (shape == Shape.ALL_IN_ONE) {
      NodeRole.Settings.declare(flags);
    }
    return flags;
  }

  /// Adds the server's parts to a lifecycle that the caller starts. The API answers when this
  /// returns.
  static void assemble(Lifecycle lifecycle, Flags flags, Shape shape, Storage storage)
      throws IOException, InterruptedException {
    ControlPlane.prepare();
    Places places = Places.of(flags);
    PrometheusMeterRegistry metrics = Figures.open(lifecycle);
    ClusterState state = lifecycle.own("state", new ClusterState(places.state()));
    Pki pki = Pki.open(places.pki(), Clock.systemUTC());
    Optional<EtcdOptions> etcd =
        switch (storage) {
          case ETCD -> Optional.of(etcd(lifecycle, flags, places, pki));
          case MEMORY -> Optional.empty();
        };
    ControlPlaneOptions options = options(flags, shape, places, etcd);
    state.tell("etcd ready");
    ControlPlane controlPlane =
        lifecycle.own("control plane", ControlPlane.start(options, metrics));
    Path kubeconfig = places.pki().resolve("admin.kubeconfig");
    controlPlane.writeKubeconfig(kubeconfig);
    SchedulerRole.writeCertificate(pki);
    // Who uses these reads their files again.
    controlPlane.renewals().add(() -> controlPlane.writeKubeconfig(kubeconfig));
    controlPlane.renewals().add(() -> SchedulerRole.writeCertificate(pki));
    if (storage == Storage.ETCD && flags.find("etcd").isEmpty()) {
      controlPlane.renewals().add(() -> etcdServing(pki));
    }
    state.tell("api ready");
    if (shape == Shape.ALL_IN_ONE || flags.isSet("with-scheduler")) {
      Scheduler scheduler =
          new Scheduler(
              controlPlane.localClient(User.of("system:kube-scheduler", List.of())),
              SchedulerOptions.alone(places.name()),
              metrics);
      lifecycle.add("scheduler", scheduler::start, scheduler);
    }
    ApiClient own = lifecycle.own("state client", controlPlane.localClient(User.internal("state")));
    state.follow(own);
    if (shape == Shape.ALL_IN_ONE) {
      NodeRole.Settings settings = NodeRole.Settings.of(flags);
      Credentials node = pki.node(settings.node());
      controlPlane.renewals().add(() -> pki.node(settings.node()));
      GrpcConnection link =
          lifecycle.own(
              "node connection",
              GrpcConnection.open(
                  "127.0.0.1",
                  controlPlane.grpcPort(),
                  new ClientIdentity(pki.authorityFile(), node.certificateFile(), node.keyFile())));
      ApiClient client =
          lifecycle.own("node client", controlPlane.localClient(User.node(settings.node())));
      NodeRole.assemble(
          lifecycle,
          places,
          settings,
          NodeRole.Containers.ofMachine(settings),
          client,
          link.channel(),
          metrics);
    }
  }

  private static ControlPlaneOptions options(
      Flags flags, Shape shape, Places places, Optional<EtcdOptions> etcd) {
    int port = flags.number("port", 1, 65534);
    List<String> advertised =
        new ArrayList<>(flags.find("advertise").map(Server::list).orElse(List.of()));
    if (advertised.isEmpty()) {
      advertised.add(
          shape == Shape.ALL_IN_ONE
              ? NodeRole.Settings.of(flags).address().getHostAddress()
              : Addresses.own().getHostAddress());
    }
    List<String> listened =
        new ArrayList<>(flags.find("listen").map(Server::list).orElse(List.of()));
    if (listened.isEmpty()) {
      listened.add("127.0.0.1");
      advertised.stream().filter(address -> !listened.contains(address)).forEach(listened::add);
    }
    return new ControlPlaneOptions(
        places.data(),
        etcd,
        listened.stream().map(address -> new InetSocketAddress(address, port)).toList(),
        Optional.of(places.apiSocket()),
        listened.stream().map(address -> new InetSocketAddress(address, port + 1)).toList(),
        advertised,
        "10.96.0.0/16",
        "10.244.0.0/16",
        Duration.ofSeconds(flags.number("node-monitor-grace", 2, 3600)),
        flags.find("encryption-provider-config").map(Path::of),
        true,
        new ServingOptions(
            flags.number("max-requests-inflight", 1, 1_000_000)
                + flags.number("max-mutating-requests-inflight", 1, 1_000_000),
            audit(flags)));
  }

  private static AuditOptions audit(Flags flags) {
    try {
      return new AuditOptions(
          flags.find("audit-policy-file").map(Path::of),
          flags
              .find("audit-log-path")
              .map(path ->
                  new AuditOptions.Log(
                      path,
                      flags.number("audit-log-maxsize", 0, 1_000_000),
                      flags.number("audit-log-maxage", 0, 100_000),
                      flags.number("audit-log-maxbackup", 0, 1_000_000))),
          flags
              .find("audit-webhook-config-file")
              .map(file ->
                  new AuditOptions.Webhook(
                      Path.of(file),
                      flags.number("audit-webhook-batch-buffer-size", 1, 1_000_000),
                      flags.number("audit-webhook-batch-max-size", 1, 100_000),
                      Duration.ofSeconds(flags.number("audit-webhook-batch-max-wait", 0, 3600)),
                      Duration.ofSeconds(flags.number("audit-webhook-initial-backoff", 0, 3600)))));
    } catch (IllegalArgumentException e) {
      throw new Flags.UsageException(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> list(String text) {
    return List.of(text.split(",", -1));
  }

  private static EtcdOptions etcd(Lifecycle lifecycle, Flags flags, Places places, Pki pki)
      throws IOException {
    return flags.find("etcd").isPresent() ? external(flags) : embedded(lifecycle, places, pki);
  }

  static EtcdOptions external(Flags flags) {
    Optional<EtcdOptions.Tls> tls =
        flags
            .find("etcd-ca")
            .map(authority ->
                new EtcdOptions.Tls(
                    Path.of(authority),
                    Path.of(flags.required("etcd-cert")),
                    Path.of(flags.required("etcd-key"))));
    List<String> members =
        list(flags.text("etcd")).stream().map(text -> member(text, tls.isPresent())).toList();
    return new EtcdOptions(members, tls, ETCD_PATIENCE);
  }

  /// `host:port`, of that or of a URL, as etcd's own programs write it. What the URL says of TLS
  /// has to agree with the certificates.
  private static String member(String text, boolean tls) {
    String fitting = tls ? "https://" : "http://";
    String unfitting = tls ? "http://" : "https://";
    if (text.startsWith(unfitting)) {
      throw new Flags.UsageException(
          tls
              ? "--etcd " + text + ": with --etcd-ca it is asked by TLS; write https://"
              : "--etcd " + text + ": TLS needs --etcd-ca, --etcd-cert and --etcd-key");
    }
    String member = text.startsWith(fitting) ? text.substring(fitting.length()) : text;
    if (member.endsWith("/")) {
      member = member.substring(0, member.length() - 1);
    }
    try {
      HostAndPort _ = HostAndPort.parse(member);
    } catch (Flags.UsageException e) {
      throw new Flags.UsageException("--etcd: " + e.getMessage());
    }
    return member;
  }

  private static EtcdOptions embedded(Lifecycle lifecycle, Places places, Pki pki)
      throws IOException {
    Credentials serving = etcdServing(pki);
    Credentials client = pki.client("etcd-client", "coxswain-apiserver", "coxswain:etcd");
    EtcdProcess etcd =
        lifecycle.own(
            "etcd",
            EtcdProcess.start(
                places.data().resolve("etcd"),
                places.run().resolve("etcd"),
                places.run().resolve("etcd.pid"),
                places.logs().resolve("etcd.log"),
                new EtcdProcess.Tls(
                    pki.authorityFile(), serving.certificateFile(), serving.keyFile())));
    if (etcd.socket().isPresent()) {
      return EtcdOptions.local(etcd.socket().get(), ETCD_PATIENCE);
    }
    return new EtcdOptions(
        List.of("127.0.0.1:" + etcd.endpoint().getPort()),
        Optional.of(
            new EtcdOptions.Tls(pki.authorityFile(), client.certificateFile(), client.keyFile())),
        ETCD_PATIENCE);
  }

  private static Credentials etcdServing(Pki pki) throws IOException {
    // etcd's gateway for plain JSON is a client of etcd, with the same certificate
    return pki.member("etcd", "etcd", List.of("127.0.0.1", "localhost"));
  }
}
