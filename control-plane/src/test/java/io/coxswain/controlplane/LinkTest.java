package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.ConfigMapEnvSource;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EnvFromSource;
import io.coxswain.api.core.v1.LocalObjectReference;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.SecretEnvSource;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Patch;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.client.rpc.GrpcErrors;
import io.coxswain.client.rpc.GrpcTransport;
import io.coxswain.client.rpc.TransportClient;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.JoinGrpc;
import io.coxswain.rpc.v1.JoinReply;
import io.coxswain.rpc.v1.JoinRequest;
import io.coxswain.rpc.v1.NodeHello;
import io.coxswain.rpc.v1.NodeLinkGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a machine at the other end of gRPC can and cannot do, over real TLS: n1's agent has the pod
/// `default/mine`, n2's has `default/theirs`.
class LinkTest {

  @TempDir static Path folder;

  private static TestPlane api;
  private static Pki foreign;
  private static ApiClient admin;
  private static ApiClient agent;
  private static final List<GrpcConnection> opened = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    api = TestPlane.start(folder.resolve("server"));
    foreign = Pki.open(folder.resolve("foreign"), Clock.systemUTC());
    admin = api.plane.localClient(User.internal("test"));
    agent = client(api.plane.pki().node("n1"));
    for (String node : List.of("n1", "n2")) {
      admin.resources(Node.class).create(node(node));
      admin.resources(Lease.class).create(lease(node));
    }
    admin.resources(Pod.class).create(pod("mine", "n1"));
    admin.resources(Pod.class).create(pod("theirs", "n2"));
    for (String name : List.of("mine", "theirs")) {
      admin.resources(Secret.class).create(Secret.newBuilder().setMetadata(meta(name)).build());
      admin
          .resources(ConfigMap.class)
          .create(ConfigMap.newBuilder().setMetadata(meta(name)).build());
    }
    await().until(() -> agent.resources(Pod.class).find("default", "mine").isPresent());
  }

  @AfterAll
  static void stop() {
    opened.forEach(GrpcConnection::close);
    api.close();
  }

  private static ObjectMeta.Builder meta(String name) {
    return ObjectMeta.newBuilder().setNamespace("default").setName(name);
  }

  private static Node node(String name) {
    return Node.newBuilder().setMetadata(ObjectMeta.newBuilder().setName(name)).build();
  }

  private static Lease lease(String name) {
    return Lease.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setNamespace("kube-node-lease").setName(name))
        .build();
  }

  /// Names the secret and the ConfigMap of the same name.
  private static Pod pod(String name, String node) {
    LocalObjectReference named = LocalObjectReference.newBuilder().setName(name).build();
    return Pod.newBuilder()
        .setMetadata(meta(name))
        .setSpec(
            PodSpec.newBuilder()
                .setNodeName(node)
                .addContainers(
                    Container.newBuilder()
                        .setName("c")
                        .setImage("i")
                        .addEnvFrom(
                            EnvFromSource.newBuilder()
                                .setSecretRef(
                                    SecretEnvSource.newBuilder().setLocalObjectReference(named)))
                        .addEnvFrom(
                            EnvFromSource.newBuilder()
                                .setConfigMapRef(
                                    ConfigMapEnvSource.newBuilder()
                                        .setLocalObjectReference(named)))))
        .build();
  }

  private static GrpcConnection connect(Credentials who) throws Exception {
    GrpcConnection connection =
        GrpcConnection.open(
            "127.0.0.1",
            api.plane.grpcPort(),
            new ClientIdentity(
                api.plane.pki().authorityFile(), who.certificateFile(), who.keyFile()));
    opened.add(connection);
    return connection;
  }

  private static GrpcConnection connectAsStranger() throws Exception {
    GrpcConnection connection =
        GrpcConnection.openAnonymous(
            "127.0.0.1", api.plane.grpcPort(), api.plane.pki().authorityFile().toFile());
    opened.add(connection);
    return connection;
  }

  private static ApiClient client(Credentials who) throws Exception {
    return new TransportClient(new GrpcTransport(connect(who)));
  }

  // Who is let in.

  interface Identity {
    GrpcConnection connect() throws Exception;
  }

  record Stranger(String about, Identity identity) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Stranger> strangers() {
    Pki own = api.plane.pki();
    Clock past = Clock.offset(Clock.systemUTC(), Duration.ofDays(-400));
    return Stream.of(
        new Stranger("no certificate", LinkTest::connectAsStranger),
        new Stranger(
            "a node of another cluster with the same name", () -> connect(foreign.node("n1"))),
        new Stranger(
            "another cluster's administrator",
            () -> connect(foreign.client("admin", "kubernetes-admin", User.MASTERS))),
        new Stranger(
            "a certificate that has ended",
            () ->
                connect(
                    Pki.open(folder.resolve("server/pki"), past)
                        .client("ended", "system:node:n1", User.NODES))),
        new Stranger(
            "a certificate for servers",
            () -> connect(own.serving("as-client", "system:node:n1", List.of("n1")))));
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void strangersReachNoService(Stranger stranger) throws Exception {
    GrpcConnection connection = stranger.identity().connect();
    Channel channel = connection.channel();
    ApiClient objects = new TransportClient(new GrpcTransport(connection));

    assertRefused(ApiError.Unauthorized.class, () -> objects.resources(Node.class).read("", "n1"));
    assertRefused(
        ApiError.Unauthorized.class, () -> objects.resources(Node.class).list(ListOptions.ALL));
    assertThat(session(channel, "n1").failure()).isInstanceOf(ApiError.Unauthorized.class);
    assertThat(carry(channel, "x").failure()).isInstanceOf(ApiError.Unauthorized.class);
  }

  private static void assertRefused(Class<? extends ApiError> how, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.error()).as("%s", e.error()).isInstanceOf(how));
  }

  // What an agent may do with objects.

  record Attempt(String about, boolean allowed, Consumer<ApiClient> call) {
    @Override
    public String toString() {
      return about;
    }
  }

  private static Attempt may(String about, Consumer<ApiClient> call) {
    return new Attempt(about, true, call);
  }

  private static Attempt mayNot(String about, Consumer<ApiClient> call) {
    return new Attempt(about, false, call);
  }

  static Stream<Attempt> attempts() {
    return Stream.of(
        may("reads its node", c -> c.resources(Node.class).read("", "n1")),
        may("reads the other, for its routes", c -> c.resources(Node.class).read("", "n2")),
        may("writes its node's status", c -> c.resources(Node.class).updateStatus(node("n1"))),
        mayNot("writes no other's status", c -> c.resources(Node.class).updateStatus(node("n2"))),
        mayNot("updates no other node", c -> c.resources(Node.class).update(node("n2"))),
        mayNot("makes no other node", c -> c.resources(Node.class).create(node("n3"))),
        mayNot(
            "deletes no node", c -> c.resources(Node.class).delete("", "n1", DeletePolicy.DEFAULT)),
        may("renews its lease", c -> c.resources(Lease.class).update(lease("n1"))),
        mayNot("renews no other lease", c -> c.resources(Lease.class).update(lease("n2"))),
        mayNot("makes no other lease", c -> c.resources(Lease.class).create(lease("n3"))),
        mayNot(
            "touches no lease of leaders",
            c -> c.resources(Lease.class).read("kube-system", "kube-scheduler")),
        may("reads its pod", c -> c.resources(Pod.class).read("default", "mine")),
        mayNot("reads no other pod", c -> c.resources(Pod.class).read("default", "theirs")),
        mayNot("lists not all pods", c -> c.resources(Pod.class).list(ListOptions.ALL)),
        may(
            "writes its pod's status",
            c ->
                c.resources(Pod.class)
                    .patchStatus(
                        "default", "mine", Patch.merge("{\"status\":{\"reason\":\"r\"}}"))),
        mayNot(
            "writes no other pod's status",
            c ->
                c.resources(Pod.class)
                    .patchStatus("default", "theirs", Patch.merge("{\"status\":{}}"))),
        mayNot(
            "moves no labels with a status",
            c ->
                c.resources(Pod.class)
                    .patchStatus(
                        "default",
                        "mine",
                        Patch.merge("{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"))),
        mayNot(
            "changes no pod's spec",
            c ->
                c.resources(Pod.class)
                    .patch("default", "mine", Patch.merge("{\"spec\":{\"priority\":1}}"))),
        mayNot("makes no pod", c -> c.resources(Pod.class).create(pod("more", "n1"))),
        may("reads its pod's secret", c -> c.resources(Secret.class).read("default", "mine")),
        mayNot("reads no other secret", c -> c.resources(Secret.class).read("default", "theirs")),
        mayNot("lists no secrets", c -> c.resources(Secret.class).list(ListOptions.ALL)),
        mayNot(
            "writes not even its pod's secret",
            c ->
                c.resources(Secret.class)
                    .update(Secret.newBuilder().setMetadata(meta("mine")).build())),
        may("reads its pod's ConfigMap", c -> c.resources(ConfigMap.class).read("default", "mine")),
        mayNot(
            "reads no other ConfigMap",
            c -> c.resources(ConfigMap.class).read("default", "theirs")),
        mayNot(
            "makes no ConfigMap",
            c ->
                c.resources(ConfigMap.class)
                    .create(ConfigMap.newBuilder().setMetadata(meta("new")).build())),
        mayNot(
            "watches no secrets",
            c -> {
              try (var watch = c.resources(Secret.class).watch(ListOptions.ALL)) {
                watch.next(Duration.ofSeconds(5));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
  }

  @ParameterizedTest
  @MethodSource("attempts")
  void anAgentKeepsToItsOwn(Attempt attempt) {
    if (attempt.allowed()) {
      attempt.call().accept(agent);
    } else {
      assertRefused(ApiError.Forbidden.class, () -> attempt.call().accept(agent));
    }
  }

  @Test
  void aStatusWithAnOldPictureOfTheTaintsLeavesThemAsTheyAre() {
    ApiClient own = agentOf("n4");
    Node seen = own.resources(Node.class).create(node("n4"));
    Taint taint = Taint.newBuilder().setKey("lost").setEffect("NoExecute").build();
    Node marked = seen.toBuilder().setSpec(seen.getSpec().toBuilder().addTaints(taint)).build();
    admin.resources(Node.class).update(marked);
    Node.Builder report = seen.toBuilder();
    report
        .getStatusBuilder()
        .addConditions(NodeCondition.newBuilder().setType("Ready").setStatus("True"));

    assertRefused(
        ApiError.Conflict.class, () -> own.resources(Node.class).updateStatus(report.build()));
    report.getMetadataBuilder().clearResourceVersion();
    Node after = own.resources(Node.class).updateStatus(report.build());

    assertThat(after.getStatus().getConditionsList())
        .extracting(NodeCondition::getType)
        .contains("Ready");
    assertThat(after.getSpec().getTaintsList()).containsExactly(taint);
    // Whoever means it is still refused, however it is said.
    assertRefused(ApiError.Conflict.class, () -> own.resources(Node.class).update(seen));
    Node fresh = own.resources(Node.class).read("", "n4");
    assertRefused(
        ApiError.Forbidden.class,
        () ->
            own.resources(Node.class)
                .update(
                    fresh.toBuilder().setSpec(fresh.getSpec().toBuilder().clearTaints()).build()));
    assertRefused(
        ApiError.Forbidden.class,
        () ->
            own.resources(Node.class).patch("", "n4", Patch.merge("{\"spec\":{\"taints\":null}}")));
    assertThat(own.resources(Node.class).read("", "n4").getSpec().getTaintsList())
        .containsExactly(taint);
  }

  private static ApiClient agentOf(String node) {
    try {
      return client(api.plane.pki().node(node));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  // Sessions.

  /// How a stream went: what came, and why it ended.
  private static final class Ending<T> implements StreamObserver<T> {
    private final CompletableFuture<ApiError> end = new CompletableFuture<>();

    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable failure) {
      io.grpc.Status status = io.grpc.Status.fromThrowable(failure);
      end.complete(
          GrpcErrors.exception(status, io.grpc.Status.trailersFromThrowable(failure)).error());
    }

    @Override
    public void onCompleted() {
      end.completeExceptionally(new AssertionError("ended as if all was well"));
    }

    ApiError failure() throws Exception {
      try {
        return end.get(10, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause());
      }
    }
  }

  private static Ending<?> session(Channel channel, String node) {
    Ending<io.coxswain.rpc.v1.StreamRequest> ending = new Ending<>();
    NodeLinkGrpc.newStub(channel)
        .session(ending)
        .onNext(NodeHello.newBuilder().setNodeName(node).setVersion("test").build());
    return ending;
  }

  private static Ending<?> carry(Channel channel, String stream) {
    Ending<Frame> ending = new Ending<>();
    NodeLinkGrpc.newStub(channel)
        .carry(ending)
        .onNext(Frame.newBuilder().setStreamId(stream).build());
    return ending;
  }

  @Test
  void anAgentOpensItsOwnSessionOnly() throws Exception {
    Channel n1 = connect(api.plane.pki().node("n1")).channel();
    Channel person =
        connect(api.plane.pki().client("admin", "kubernetes-admin", User.MASTERS)).channel();

    assertThat(session(n1, "n2").failure()).isInstanceOf(ApiError.Forbidden.class);
    assertThat(session(person, "n1").failure()).isInstanceOf(ApiError.Forbidden.class);
    assertThat(api.plane.nodes().isConnected("n2")).isFalse();
    session(n1, "n1");
    await().until(() -> api.plane.nodes().isConnected("n1"));
  }

  @Test
  void nobodyCarriesAStreamThatWasNotAskedOfThem() throws Exception {
    Channel n1 = connect(api.plane.pki().node("n1")).channel();

    assertThat(carry(n1, "0123456789abcdef").failure()).isInstanceOf(ApiError.BadRequest.class);
  }

  // Joining.

  private static KeyPair key() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static String certificateRequest() throws Exception {
    KeyPair pair = key();
    byte[] encoded =
        new JcaPKCS10CertificationRequestBuilder(
                new X500Principal("CN=kubernetes-admin,O=system:masters"), pair.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
            .getEncoded();
    return "-----BEGIN CERTIFICATE REQUEST-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
        + "\n-----END CERTIFICATE REQUEST-----\n";
  }

  private static JoinReply join(GrpcConnection by, String token, String node, String request) {
    return JoinGrpc.newBlockingStub(by.channel())
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .sign(
            JoinRequest.newBuilder()
                .setToken(token)
                .setNodeName(node)
                .setCertificateRequest(request)
                .build());
  }

  private static ApiError refusal(GrpcConnection by, String token, String node, String request) {
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> join(by, token, node, request));
    assertThat(refused).as("an answer was given").isNotNull();
    return GrpcErrors.exception(refused.getStatus(), refused.getTrailers()).error();
  }

  private static X509Certificate certificate(String pem) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String token() {
    return api.plane.pki().joinTokens().mint(Duration.ofHours(1));
  }

  @Test
  void aTokenMakesAMachineTheNodeThatItNamesAndNoMore() throws Exception {
    JoinReply reply = join(connectAsStranger(), token(), "fresh", certificateRequest());

    assertThat(certificate(reply.getCertificate()).getSubjectX500Principal())
        .isEqualTo(new X500Principal("CN=system:node:fresh,O=system:nodes"));
    assertThat(reply.getCaCertificate())
        .isEqualToIgnoringWhitespace(Files.readString(api.plane.pki().authorityFile()));
  }

  @Test
  void badTokensAndRequestsAreRefused() throws Exception {
    GrpcConnection stranger = connectAsStranger();
    String request = certificateRequest();
    String ended = api.plane.pki().joinTokens().mint(Duration.ofHours(-1));
    String others = foreign.joinTokens().mint(Duration.ofHours(1));

    for (String token : List.of("", "nonsense", ended, others)) {
      assertThat(refusal(stranger, token, "new", request))
          .as(token)
          .isInstanceOf(ApiError.Unauthorized.class);
    }
    for (String name : List.of("", "Upper", "a,O=system:masters", "../n1", "a".repeat(254))) {
      assertThat(refusal(stranger, token(), name, request))
          .as(name)
          .isInstanceOf(ApiError.BadRequest.class);
    }
    for (String wrong : List.of("", "nonsense", "x".repeat(100_000))) {
      assertThat(refusal(stranger, token(), "new", wrong)).isInstanceOf(ApiError.BadRequest.class);
    }
  }

  @Test
  void aTokenDoesNotReplaceANode() throws Exception {
    GrpcConnection stranger = connectAsStranger();
    String request = certificateRequest();
    admin.resources(Node.class).create(node("n5"));

    ApiError refused = refusal(stranger, token(), "n5", request);
    assertThat(refused).isInstanceOf(ApiError.Forbidden.class);
    assertThat(refused.message()).contains("kubectl delete node n5");
    admin.resources(Node.class).delete("", "n5", DeletePolicy.DEFAULT);
    assertThat(join(stranger, token(), "n5", request).getCertificate()).contains("CERTIFICATE");
  }

  @Test
  void anAgentRenewsItsOwnCertificateOnly() throws Exception {
    GrpcConnection n1 = connect(api.plane.pki().node("n1"));

    assertThat(join(n1, "", "n1", certificateRequest()).getCertificate()).contains("CERTIFICATE");
    assertThat(refusal(n1, "", "n2", certificateRequest()))
        .isInstanceOf(ApiError.Unauthorized.class);
    // A token of the join file is no help to an agent that would be another.
    assertThat(refusal(n1, token(), "n2", certificateRequest()))
        .isInstanceOf(ApiError.Forbidden.class);
  }
}
