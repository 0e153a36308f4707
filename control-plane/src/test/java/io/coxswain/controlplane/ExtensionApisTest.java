package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Tls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server that extends the API, behind a Service whose pod is reached by way of its node, over
/// TLS on both sides.
class ExtensionApisTest {

  private static final String ROOT = "/apis/wardle.example.com/v1alpha1";
  private static final String FLUNDERS = ROOT + "/namespaces/default/flunders";
  private static final String SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";

  @TempDir Path folder;
  private final CountDownLatch watched = new CountDownLatch(1);
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private TestPlane plane;
  private FakeAgent agent;
  private HttpsServer extension;

  @BeforeEach
  void start() throws Exception {
    plane = TestPlane.start(folder);
    agent = new FakeAgent(plane.plane, "n1");
    await().until(() -> plane.plane.nodes().isConnected("n1"));
    extension = serving(0);
  }

  private HttpsServer serving(int port) throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(
        new KeyManager[] {
          new Tls.RotatingKey(
              plane.plane.pki().serving("ext", "ext", List.of("sample-api.default.svc")))
        },
        new TrustManager[] {Tls.trusting(plane.plane.pki().frontProxy().authority())},
        null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = tls.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answer((HttpsExchange) exchange);
          }
        });
    server.start();
    return server;
  }

  @AfterEach
  void stop() {
    watched.countDown();
    agent.close();
    plane.close();
    extension.stop(0);
  }

  private void answer(HttpsExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    if (path.equals(FLUNDERS)) {
      ports.add(exchange.getRemoteAddress().getPort());
    }
    switch (path) {
      case ROOT ->
          send(
              exchange,
              200,
              """
              {"kind": "APIResourceList", "apiVersion": "v1",
               "groupVersion": "wardle.example.com/v1alpha1", "resources": [
               {"name": "flunders", "singularName": "flunder", "namespaced": true,
                "kind": "Flunder", "verbs": ["get", "list"], "shortNames": ["fl"]},
               {"name": "flunders/status", "singularName": "", "namespaced": true,
                "kind": "Flunder", "verbs": ["get"]}]}\
              """);
      case "/openapi/v3" ->
          send(
              exchange,
              200,
              """
              {"paths": {"apis/wardle.example.com/v1alpha1": {"serverRelativeURL":
               "/openapi/v3/apis/wardle.example.com/v1alpha1?hash=ABC"}}}\
              """);
      case "/openapi/v3" + ROOT -> send(exchange, 200, "{\"openapi\": \"3.0.0\"}");
      case FLUNDERS + "/moved" -> {
        exchange.getResponseHeaders().set("Location", "https://elsewhere/");
        send(exchange, 302, "");
      }
      default -> {
        if (query.contains("watch=true")) {
          watch(exchange);
        } else {
          send(exchange, 200, who(exchange));
        }
      }
    }
  }

  private void watch(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write("{\"type\":\"ADDED\"}\n".getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
    try {
      watched.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static String who(HttpsExchange exchange) throws IOException {
    X509Certificate peer = (X509Certificate) exchange.getSSLSession().getPeerCertificates()[0];
    var headers = exchange.getRequestHeaders();
    return JsonMapper.shared()
        .writeValueAsString(
            new java.util.TreeMap<>(
                java.util.Map.of(
                    "method", exchange.getRequestMethod(),
                    "uri", exchange.getRequestURI().toString(),
                    "body",
                        new String(
                            exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    "certificate", peer.getSubjectX500Principal().getName(),
                    "user", String.valueOf(headers.getFirst("X-Remote-User")),
                    "groups", headers.getOrDefault("X-Remote-Group", List.of()),
                    "extra", headers.getOrDefault("X-Remote-Extra-Example.com%2Froom", List.of()),
                    "host", String.valueOf(headers.getFirst("Host")),
                    "authorization", String.valueOf(headers.getFirst("Authorization")))));
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void made(String path, String json) throws Exception {
    HttpResponse<String> answer = plane.post(path, json);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  private void service() throws Exception {
    made(
        "/api/v1/namespaces/default/services",
        """
        {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "sample-api"},
         "spec": {"ports": [{"port": 7443}]}}\
        """);
  }

  private void slice() throws Exception {
    made(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
        """
        {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "addressType": "IPv4",
         "metadata": {"name": "sample-api",
          "labels": {"kubernetes.io/service-name": "sample-api"}},
         "ports": [{"port": %d}],
         "endpoints": [{"addresses": ["10.9.0.7"], "nodeName": "n1",
          "targetRef": {"kind": "Pod", "namespace": "default", "name": "sample"}}]}\
        """
            .formatted(extension.getAddress().getPort()));
  }

  private void register(String trust) throws Exception {
    made(
        SERVICES,
        """
        {"kind": "APIService", "apiVersion": "apiregistration.k8s.io/v1",
         "metadata": {"name": "v1alpha1.wardle.example.com"},
         "spec": {"group": "wardle.example.com", "version": "v1alpha1", %s,
          "groupPriorityMinimum": 2000, "versionPriority": 200,
          "service": {"namespace": "default", "name": "sample-api", "port": 7443}}}\
        """
            .formatted(trust));
  }

  private String bundle() {
    return "\"caBundle\": \"%s\""
        .formatted(
            Base64.getEncoder()
                .encodeToString(
                    Pem.encode(plane.plane.pki().authority()).getBytes(StandardCharsets.US_ASCII)));
  }

  private JsonNode condition() throws Exception {
    return TestPlane.json(plane.get(SERVICES + "/v1alpha1.wardle.example.com"))
        .at("/status/conditions/0");
  }

  private void awaitReason(String reason) {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(condition().path("reason").asString("")).isEqualTo(reason));
  }

  private void available() throws Exception {
    service();
    slice();
    register(bundle());
    awaitReason("Passed");
  }

  @Test
  void requestsAreHandedOnWithTheNameOfWhoSentThem() throws Exception {
    available();
    assertThat(condition().path("status").asString()).isEqualTo("True");
    assertThat(condition().path("message").asString()).isEqualTo("all checks passed");

    HttpResponse<String> answer =
        plane.send(
            plane
                .request(FLUNDERS + "?limit=5")
                .header("Impersonate-User", "jane")
                .header("Impersonate-Group", "system:masters")
                .header("Impersonate-Extra-example.com%2Froom", "12")
                .header("X-Remote-User", "forged")
                .header("Authorization", "Bearer secret")
                .POST(BodyPublishers.ofString("{\"a\":1}")));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode seen = TestPlane.json(answer);
    assertThat(seen.path("method").asString()).isEqualTo("POST");
    assertThat(seen.path("uri").asString()).isEqualTo(FLUNDERS + "?limit=5");
    assertThat(seen.path("body").asString()).isEqualTo("{\"a\":1}");
    assertThat(seen.path("certificate").asString()).contains("CN=front-proxy-client");
    assertThat(seen.path("user").asString()).isEqualTo("jane");
    assertThat(seen.path("groups").toString())
        .contains("system:masters")
        .contains("system:authenticated");
    assertThat(seen.path("extra").toString()).isEqualTo("[\"12\"]");
    assertThat(seen.path("host").asString()).isEqualTo("sample-api.default.svc:7443");
    assertThat(seen.path("authorization").asString()).isEqualTo("null");
  }

  @Test
  void watchesComeAtOnceAndRedirectsDoNot() throws Exception {
    available();
    try (BufferedReader events =
        new BufferedReader(
            new InputStreamReader(
                plane
                    .admin()
                    .send(
                        plane.request(FLUNDERS + "?watch=true").build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                    .body(),
                StandardCharsets.UTF_8))) {
      assertThat(events.readLine()).isEqualTo("{\"type\":\"ADDED\"}");
    }
    HttpResponse<String> moved = plane.get(FLUNDERS + "/moved");
    assertThat(moved.statusCode()).isEqualTo(502);
    assertThat(moved.body()).contains("attempted to redirect");
  }

  @Test
  void whoOnlyReadsTakesTheConnectionOfTheOneBefore() throws Exception {
    available();
    for (int i = 0; i < 5; i++) {
      assertThat(plane.get(FLUNDERS).statusCode()).isEqualTo(200);
    }
    assertThat(ports).hasSize(1);
    assertThat(plane.post(FLUNDERS, "{}").statusCode()).isEqualTo(200);
    assertThat(ports).as("what may not be done twice has one of its own").hasSize(2);

    int port = extension.getAddress().getPort();
    extension.stop(0);
    extension = serving(port);
    assertThat(plane.get(FLUNDERS).statusCode()).isEqualTo(200);
    assertThat(ports).hasSize(3);
  }

  @Test
  void discoveryAndOpenApiNameWhatTheServerHas() throws Exception {
    available();
    JsonNode groups = TestPlane.json(plane.get("/apis")).path("groups");
    List<String> names = groups.findValuesAsString("name");
    assertThat(names).contains("wardle.example.com", "apps");
    JsonNode group = TestPlane.json(plane.get("/apis/wardle.example.com"));
    assertThat(group.at("/versions/0/groupVersion").asString())
        .isEqualTo("wardle.example.com/v1alpha1");
    assertThat(plane.get(ROOT).body()).contains("\"flunders\"");

    JsonNode entry = aggregated();
    assertThat(entry.path("freshness").asString()).isEqualTo("Current");
    JsonNode kind = entry.at("/resources/0");
    assertThat(kind.path("resource").asString()).isEqualTo("flunders");
    assertThat(kind.at("/responseKind/group").asString()).isEqualTo("wardle.example.com");
    assertThat(kind.path("scope").asString()).isEqualTo("Namespaced");
    assertThat(kind.at("/shortNames/0").asString()).isEqualTo("fl");
    assertThat(kind.at("/subresources/0/subresource").asString()).isEqualTo("status");

    String document =
        TestPlane.json(plane.get("/openapi/v3"))
            .path("paths")
            .path(ROOT.substring(1))
            .path("serverRelativeURL")
            .asString();
    assertThat(document).isEqualTo("/openapi/v3" + ROOT + "?hash=ABC");
    assertThat(plane.get(document).body()).contains("3.0.0");
  }

  private JsonNode aggregated() throws Exception {
    HttpResponse<String> answer =
        plane.send(
            plane
                .request("/apis")
                .header(
                    "accept",
                    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
    for (JsonNode item : TestPlane.json(answer).path("items")) {
      if (item.at("/metadata/name").asString().equals("wardle.example.com")) {
        return item.at("/versions/0");
      }
    }
    throw new AssertionError("the group is not there: " + answer.body());
  }

  @Test
  void whatIsMissingIsSaidAndComesBack() throws Exception {
    register(bundle());
    awaitReason("ServiceNotFound");
    HttpResponse<String> refused = plane.get(FLUNDERS);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(TestPlane.json(refused).path("message").asString()).isEqualTo("service unavailable");
    service();
    awaitReason("EndpointsNotFound");
    slice();
    awaitReason("Passed");
    assertThat(plane.get(FLUNDERS).statusCode()).isEqualTo(200);

    extension.stop(0);
    assertThat(plane.get(FLUNDERS).statusCode()).isEqualTo(503);
    awaitReason("FailedDiscoveryCheck");
    assertThat(aggregated().path("freshness").asString()).isEqualTo("Stale");
    assertThat(aggregated().at("/resources/0/resource").asString()).isEqualTo("flunders");

    HttpResponse<String> deleted =
        plane.send(plane.request(SERVICES + "/v1alpha1.wardle.example.com").DELETE());
    assertThat(deleted.statusCode()).isEqualTo(200);
    await()
        .atMost(10, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(plane.get(FLUNDERS).statusCode()).isEqualTo(404));
  }

  @Test
  void aServerOfAnotherAuthorityIsNotSpokenToUnlessThatIsWanted() throws Exception {
    service();
    slice();
    register(
        "\"caBundle\": \"%s\""
            .formatted(
                Base64.getEncoder()
                    .encodeToString(
                        Pem.encode(plane.plane.pki().frontProxy().authority())
                            .getBytes(StandardCharsets.US_ASCII))));
    awaitReason("FailedDiscoveryCheck");
    assertThat(plane.get(FLUNDERS).statusCode()).isEqualTo(503);
    HttpResponse<String> patched =
        plane.send(
            plane
                .request(SERVICES + "/v1alpha1.wardle.example.com")
                .header("content-type", "application/merge-patch+json")
                .method(
                    "PATCH",
                    BodyPublishers.ofString(
                        "{\"spec\":{\"caBundle\":null,\"insecureSkipTLSVerify\":true}}")));
    assertThat(patched.statusCode()).as(patched.body()).isEqualTo(200);
    awaitReason("Passed");
    assertThat(plane.get(FLUNDERS).statusCode()).isEqualTo(200);
  }

  @Test
  void whatServersHaveToKnowIsPublished() throws Exception {
    JsonNode data =
        TestPlane.json(
                plane.get(
                    "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"))
            .path("data");
    assertThat(data.path("client-ca-file").asString())
        .isEqualTo(Pem.encode(plane.plane.pki().authority()));
    assertThat(data.path("requestheader-client-ca-file").asString())
        .isEqualTo(Pem.encode(plane.plane.pki().frontProxy().authority()))
        .isNotEqualTo(data.path("client-ca-file").asString());
    assertThat(data.path("requestheader-allowed-names").asString())
        .isEqualTo("[\"front-proxy-client\"]");
    assertThat(data.path("requestheader-extra-headers-prefix").asString())
        .isEqualTo("[\"X-Remote-Extra-\"]");
    assertThat(
            plane
                .get(
                    "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/roles/"
                        + "extension-apiserver-authentication-reader")
                .statusCode())
        .isEqualTo(200);
  }
}
