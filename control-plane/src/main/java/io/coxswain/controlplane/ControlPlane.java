package io.coxswain.controlplane;

import io.coxswain.api.apiextensions.v1.ServiceReference;
import io.coxswain.client.ApiClient;
import io.coxswain.client.events.ApiEventRecorder;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.lifecycle.Together;
import io.coxswain.client.rpc.TransportClient;
import io.coxswain.controlplane.admission.dynamic.DynamicAdmission;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import io.coxswain.controlplane.aggregation.ExtensionApis;
import io.coxswain.controlplane.aggregation.ExtensionContents;
import io.coxswain.controlplane.aggregation.ExtensionTransport;
import io.coxswain.controlplane.audit.AuditLog;
import io.coxswain.controlplane.authn.Authenticator;
import io.coxswain.controlplane.authn.BootstrapTokens;
import io.coxswain.controlplane.authn.CertificateAuthenticator;
import io.coxswain.controlplane.authn.ServiceAccountTokens;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.ClusterAuthorizer;
import io.coxswain.controlplane.authz.NodeAuthorizer;
import io.coxswain.controlplane.authz.RoleAuthorizer;
import io.coxswain.controlplane.controller.ControllerOptions;
import io.coxswain.controlplane.controller.Controllers;
import io.coxswain.controlplane.edge.EdgeLimits;
import io.coxswain.controlplane.edge.EdgeServer;
import io.coxswain.controlplane.encryption.EncryptedStore;
import io.coxswain.controlplane.encryption.EncryptionConfiguration;
import io.coxswain.controlplane.fairness.Fairness;
import io.coxswain.controlplane.fairness.FlowKeeper;
import io.coxswain.controlplane.link.LinkServer;
import io.coxswain.controlplane.link.NodeConnections;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Kubeconfig;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.pki.Renewals;
import io.coxswain.controlplane.pki.Tls;
import io.coxswain.controlplane.proxy.NodeProxy;
import io.coxswain.controlplane.proxy.ObjectProxies;
import io.coxswain.controlplane.proxy.ReverseProxy;
import io.coxswain.controlplane.proxy.ServicePlaces;
import io.coxswain.controlplane.registry.AdmissionRules;
import io.coxswain.controlplane.registry.ConversionWebhooks;
import io.coxswain.controlplane.registry.Ipv4Range;
import io.coxswain.controlplane.registry.Registry;
import io.coxswain.controlplane.registry.RegistryOptions;
import io.coxswain.controlplane.server.ApiPipeline;
import io.coxswain.controlplane.server.HealthChecks;
import io.coxswain.controlplane.server.LocalTransport;
import io.coxswain.controlplane.server.RequestMetrics;
import io.coxswain.controlplane.server.RestServer;
import io.coxswain.controlplane.server.ServerPaths;
import io.coxswain.controlplane.storage.Compactor;
import io.coxswain.controlplane.storage.EtcdOptions;
import io.coxswain.controlplane.storage.EtcdStore;
import io.coxswain.controlplane.storage.MemoryStore;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoreHealth;
import io.coxswain.controlplane.stream.Dialer;
import io.coxswain.controlplane.stream.NodeSummaries;
import io.coxswain.controlplane.stream.PodStreams;
import io.coxswain.controlplane.webhook.WebhookPlace;
import io.coxswain.schema.Schema;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A whole control plane: certificates, store, registry, REST and gRPC servers, controllers.
public final class ControlPlane implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  /// How long the store may take to be there and tell all it has.
  private static final Duration LOADING = Duration.ofSeconds(60);

  /// Of service accounts' tokens: the API's name inside the cluster.
  private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  private static final String CONTROLLERS = "system:kube-controller-manager";

  /// Kubernetes' names of steps that are done here before the first request can be answered.
  private static final List<String> DONE_BEFORE_REQUESTS =
      List.of(
          "start-apiserver-admission-initializer",
          "generic-apiserver-start-informers",
          "priority-and-fairness-config-consumer",
          "priority-and-fairness-filter",
          "storage-object-count-tracker-hook",
          "storage-readiness",
          "start-apiextensions-informers",
          "start-apiextensions-controllers",
          "crd-informer-synced",
          "rbac/bootstrap-roles",
          "start-kube-aggregator-informers",
          "apiservice-status-local-available-controller",
          "apiservice-status-remote-available-controller",
          "apiservice-discovery-controller",
          "apiservice-openapi-controller",
          "apiservice-openapiv3-controller");

  /// And of those that are done while the first ones may come in.
  private static final List<String> DONE_BEFORE_READY =
      List.of(
          "bootstrap-controller",
          "start-system-namespaces-controller",
          "start-service-ip-repair-controllers",
          "scheduling/bootstrap-system-priority-classes",
          "priority-and-fairness-config-producer",
          "start-cluster-authentication-info-controller",
          "apiservice-registration-controller",
          "kube-apiserver-autoregistration");

  /// Each node gets 256 addresses for its pods.
  private static final int NODE_BLOCK = 24;

  /// How long pods stay on a node that is lost.
  private static final Duration NODE_TOLERANCE = Duration.ofSeconds(5);

  private final ControlPlaneOptions options;
  private final Pki pki;
  private final Clock clock;
  private final PrometheusMeterRegistry metrics;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final HealthChecks health = new HealthChecks();
  private final NodePodIndex nodePods = new NodePodIndex();
  private final RoleIndex roleIndex = new RoleIndex();
  private final NodeConnections nodes = new NodeConnections();
  private final Dialer dialer = new Dialer(nodes);
  private final Registry registry;
  private final ApiPipeline pipeline;
  private final CertificateAuthenticator authenticator;
  private final Tls.RotatingKey servingKey;
  private final Tls.RotatingKey frontProxy;
  private final Renewals renewals;
  private final EdgeServer edge;
  private final LinkServer link;
  private volatile boolean ready;
  private volatile Optional<Path> localSocket = Optional.empty();

  /// Starts everything; blocks until requests are answered.
  ///
  /// @param metrics shown at `/metrics`
  /// @throws IOException when certificates or addresses cannot be had, or the store does not answer
  public static ControlPlane start(ControlPlaneOptions options, PrometheusMeterRegistry metrics)
      throws IOException, InterruptedException {
    return new ControlPlane(options, metrics, Clock.systemUTC());
  }

  /// Begins to load what each start needs: the schema, and what TLS is made of. Returns at once; to
  /// be called when something else, as etcd's start, is to be waited for. Nothing depends on it.
  public static void prepare() {
    Thread _ =
        Thread.ofPlatform()
            .daemon()
            .name("prepare")
            .start(() -> {
              Schema _ = Schema.api();
              Tls.prepare();
            });
  }

  private ControlPlane(ControlPlaneOptions options, PrometheusMeterRegistry metrics, Clock clock)
      throws IOException, InterruptedException {
    this.options = options;
    this.metrics = metrics;
    this.clock = clock;
    this.pki = Pki.open(options.dataDirectory().resolve("pki"), clock);
    pki.joinTokens().renewFile();
    servingKey = new Tls.RotatingKey(servingCertificate());
    authenticator = new CertificateAuthenticator(pki.authority(), clock);
    renewals = own(new Renewals(clock, System::nanoTime));
    try {
      Store store = own(store());
      SecureRandom random = new SecureRandom();
      RoleAuthorizer roles = new RoleAuthorizer(roleIndex);
      ClusterAuthorizer authorizer = new ClusterAuthorizer(new NodeAuthorizer(nodePods), roles);
      registry =
          own(
              new Registry(
                  store,
                  new AdmissionRules(
                      PluginChain.standard(random, clock),
                      around -> new DynamicAdmission(around, this::endpointsOf, authorizer)),
                  new ConversionWebhooks(this::endpointsOf),
                  registryOptions(),
                  clock,
                  random,
                  metrics));
      // it loads what there is while the rest is made
      registry.start();
      ServiceAccountTokens tokens =
          new ServiceAccountTokens(
              pki.serviceAccountKey(), ISSUER, new StoredSubjects(registry), clock);
      Fairness fairness = new Fairness(options.serving().seats(), metrics, System::nanoTime);
      AuditLog audit = own(AuditLog.open(options.serving().audit(), metrics, clock));
      pipeline = new ApiPipeline(authorizer, roles, tokens, registry, fairness, audit);
      frontProxy = new Tls.RotatingKey(pki.frontProxy());
      if (!registry.awaitReady(LOADING)) {
        throw new IOException(
            "The store did not answer within "
                + LOADING.toSeconds()
                + " s: is etcd running at "
                + options.etcd().map(EtcdOptions::endpoints).orElse(List.of())
                + "?");
      }
      own(new Compactor(store, Compactor.INTERVAL)).start();
      own(nodePods);
      own(roleIndex);
      FlowKeeper flows =
          own(new FlowKeeper(fairness, localClient(User.internal("apiserver")), clock));
      ReverseProxy proxy = new ReverseProxy();
      ExtensionApis extensions =
          own(new ExtensionApis(new ServicePlaces(registry), dialer, proxy, frontProxy, clock));
      Queue<String> late = new ConcurrentLinkedQueue<>();
      Together.run(
          List.of(
              () -> {
                if (!nodePods.start(localClient(User.internal("node-authorizer")), LOADING)) {
                  late.add("pods");
                }
              },
              () -> {
                new BootstrapRoles(localClient(User.internal("apiserver"))).run();
                if (!roleIndex.start(localClient(User.internal("role-authorizer")), LOADING)) {
                  late.add("roles");
                }
              },
              () -> {
                if (!flows.start(LOADING)) {
                  late.add("flow schemas");
                }
              },
              () -> {
                if (!extensions.start(localClient(User.internal("aggregator")), LOADING)) {
                  late.add("APIServices");
                }
              }));
      if (!late.isEmpty()) {
        throw new IOException(
            "Not listed within %d s: %s".formatted(LOADING.toSeconds(), String.join(", ", late)));
      }
      StoreHealth storeHealth = new StoreHealth(store, System::nanoTime);
      health
          .live("etcd", storeHealth::answers)
          .hooks(() -> true, DONE_BEFORE_REQUESTS)
          .hooks(() -> ready, DONE_BEFORE_READY)
          .live("autoregister-completion", () -> ready)
          .ready("informer-sync", () -> ready);
      edge = own(edge(tokens, proxy, extensions));
      link = own(link());
      new Bootstrap(
              localClient(User.internal("apiserver")),
              options.apiServiceAddress(),
              ipv4(options.advertiseAddresses()),
              restPort(),
              authentication())
          .run();
      startControllers(extensions);
      renewals.add(() -> servingKey.rotateTo(servingCertificate()));
      renewals.add(() -> frontProxy.rotateTo(pki.frontProxy()));
      renewals.add(pki.joinTokens()::renewFile);
      renewals.start();
      ready = true;
      LOG.info("The control plane answers at {}", edge.addresses());
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Store store() throws IOException {
    // first, since it connects in the background
    Store plain =
        options.etcd().isEmpty() ? new MemoryStore() : new EtcdStore(options.etcd().get(), metrics);
    try {
      return new EncryptedStore(plain, encryption());
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private EncryptionConfiguration encryption() throws IOException {
    return options.encryption().isPresent()
        ? EncryptionConfiguration.read(options.encryption().get())
        : EncryptionConfiguration.openOrMake(
            options.dataDirectory().resolve("pki").resolve("encryption.yaml"));
  }

  /// Asked when objects are converted, long after the registry was made.
  private WebhookPlace endpointsOf(ServiceReference service) throws IOException {
    return ServiceEndpoints.of(new ServicePlaces(registry), dialer, service);
  }

  private WebhookPlace endpointsOf(
      io.coxswain.api.admissionregistration.v1.ServiceReference service) throws IOException {
    return endpointsOf(
        ServiceReference.newBuilder()
            .setNamespace(service.getNamespace())
            .setName(service.getName())
            .setPath(service.getPath())
            .setPort(service.getPort())
            .build());
  }

  private RegistryOptions registryOptions() {
    RegistryOptions standard = RegistryOptions.DEFAULT;
    return new RegistryOptions(
        Ipv4Range.parse(options.serviceRange()),
        standard.firstNodePort(),
        standard.lastNodePort(),
        standard.eventsKept(),
        standard.patience());
  }

  /// What servers that extend the API have to know to believe this one.
  private Map<String, String> authentication() {
    return Map.of(
        "client-ca-file", Pem.encode(pki.authority()),
        "requestheader-client-ca-file", Pem.encode(frontProxy.current().authority()),
        "requestheader-allowed-names", "[\"" + Pki.FRONT_PROXY + "\"]",
        "requestheader-username-headers", "[\"X-Remote-User\"]",
        "requestheader-uid-headers", "[\"X-Remote-Uid\"]",
        "requestheader-group-headers", "[\"X-Remote-Group\"]",
        "requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]");
  }

  private EdgeServer edge(ServiceAccountTokens tokens, ReverseProxy proxy, ExtensionApis extensions)
      throws IOException {
    RestServer rest =
        new RestServer(
            new Authenticator(
                authenticator, tokens, new BootstrapTokens(new StoredSubjects(registry), clock)),
            pipeline,
            new PodStreams(nodes),
            new ObjectProxies(
                registry, dialer, new ServicePlaces(registry), new NodeProxy(nodes), proxy),
            extensions,
            new NodeSummaries(nodes),
            new ServerPaths(health, metrics::scrape, registry::catalog, extensions, tokens),
            new RequestMetrics(metrics),
            clock);
    EdgeServer server =
        EdgeServer.start(
            options.restAddresses(),
            servingKey,
            pki.authority(),
            EdgeLimits.DEFAULT,
            rest,
            metrics);
    options.localSocket().ifPresent(socket -> listenLocally(server, socket));
    return server;
  }

  /// The socket is the quick way, not the only one: without it the server is whole.
  private void listenLocally(EdgeServer server, Path socket) {
    try {
      server.listenLocally(socket);
      localSocket = Optional.of(socket.toAbsolutePath());
    } catch (IOException e) {
      LOG.warn("No local socket, tools on this machine use HTTPS: {}", e.getMessage());
    }
  }

  private LinkServer link() throws IOException {
    return LinkServer.start(
        options.grpcAddresses(), servingKey, pki, authenticator, pipeline, nodes);
  }

  private void startControllers(ExtensionApis extensions) {
    if (!options.controllers()) {
      return;
    }
    User self = User.of(CONTROLLERS, List.of());
    ApiClient client =
        new TransportClient(
            new ExtensionTransport(new LocalTransport(pipeline, self), extensions, self));
    InformerFactory informers = own(new InformerFactory(client));
    ControllerOptions settings =
        ControllerOptions.of(
                options.advertiseAddresses().getFirst() + ":" + restPort(),
                Pem.encode(pki.authority()))
            .withoutRivals(options.etcd().map(EtcdOptions::isOwn).orElse(true))
            .withPodNetwork(options.podRange(), NODE_BLOCK)
            .withNodeTimes(options.nodeMonitorGrace(), NODE_TOLERANCE)
            .withExtensions(new ExtensionContents(extensions))
            .withSigner(
                (request, usages, validity) -> Pem.encode(pki.sign(request, usages, validity)));
    Controllers controllers =
        own(
            new Controllers(
                client,
                informers,
                own(new ApiEventRecorder(client, "controller-manager", "", clock)),
                clock,
                metrics,
                settings));
    controllers.start();
  }

  private Credentials servingCertificate() throws IOException {
    List<String> names =
        new ArrayList<>(
            List.of(
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
                "localhost",
                "127.0.0.1",
                "::1",
                options.apiServiceAddress()));
    names.addAll(options.advertiseAddresses());
    hostName().ifPresent(names::add);
    options.restAddresses().stream()
        .map(address -> address.getAddress())
        .filter(address -> !address.isAnyLocalAddress())
        .forEach(address -> names.add(address.getHostAddress()));
    return pki.serving("apiserver", "kube-apiserver", names);
  }

  private static Optional<String> hostName() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /// What ends and is made anew while this runs; whoever else has such a thing may add it.
  public Renewals renewals() {
    return renewals;
  }

  private static List<String> ipv4(List<String> addresses) {
    return addresses.stream().filter(address -> address.matches("[0-9.]+")).toList();
  }

  private <C extends AutoCloseable> C own(C part) {
    parts.push(part);
    return part;
  }

  /// A client of this server in this process, with the same rules as from outside.
  public ApiClient localClient(User user) {
    return new TransportClient(new LocalTransport(pipeline, user));
  }

  public Pki pki() {
    return pki;
  }

  /// Streams to nodes.
  public NodeConnections nodes() {
    return nodes;
  }

  public HealthChecks health() {
    return health;
  }

  /// The port of HTTPS, which was chosen here when the options said 0.
  public int restPort() {
    return edge.addresses().getFirst().getPort();
  }

  public int grpcPort() {
    return link.port();
  }

  /// As `https://10.0.0.1:6443`.
  public String url() {
    String host = options.advertiseAddresses().getFirst();
    return "https://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + restPort();
  }

  /// Writes the administrator's kubeconfig, which also says where the local socket is.
  public void writeKubeconfig(Path file) throws IOException {
    Kubeconfig.write(
        file,
        "coxswain",
        url(),
        pki.client("admin", User.ADMINISTRATOR.name(), User.MASTERS),
        localSocket);
  }

  /// Stops in the reverse order of the start: first what takes requests, last the store. Blocks;
  /// harmless twice.
  @Override
  public void close() {
    ready = false;
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
  }
}
