package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.coxswain.controlplane.pki.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The `proxy` subresources over REST, to servers that stand where a pod's node leads.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxyTest {

  private static final String PODS = "/api/v1/namespaces/default/pods/";
  private static final String SERVICES = "/api/v1/namespaces/default/services/";

  @TempDir static Path folder;
  private final AtomicLong received = new AtomicLong();
  private final CountDownLatch letGo = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private TestPlane plane;
  private FakeAgent agent;
  private HttpServer web;
  private HttpsServer secure;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    serve(web);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(
        new KeyManager[] {
          new Tls.RotatingKey(plane.plane.pki().serving("nobody", "nobody", List.of("nobody")))
        },
        null,
        null);
    secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    secure.setHttpsConfigurator(new HttpsConfigurator(tls));
    serve(secure);
    agent = new FakeAgent(plane.plane, "n1");
    await().until(() -> plane.plane.nodes().isConnected("n1"));
    made(
        "/api/v1/nodes",
        "{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"n1\"}}");
    pod("web", "10.9.0.7", web.getAddress().getPort());
    service();
  }

  @AfterAll
  void stop() {
    letGo.countDown();
    agent.close();
    plane.close();
    web.stop(0);
    secure.stop(0);
  }

  private JsonNode made(String path, String json) throws Exception {
    HttpResponse<String> answer = plane.post(path, json);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
  }

  private String pod(String name, String address, int port) throws Exception {
    String uid =
        made(
                PODS.substring(0, PODS.length() - 1),
                """
                {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "%s"},
                 "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": "i",
                  "ports": [{"containerPort": %d}]}]}}\
                """
                    .formatted(name, port))
            .at("/metadata/uid")
            .asString();
    HttpResponse<String> patched =
        plane.send(
            plane
                .request(PODS + name + "/status")
                .header("content-type", "application/merge-patch+json")
                .method(
                    "PATCH",
                    BodyPublishers.ofString(
                        "{\"status\":{\"podIP\":\"%1$s\",\"podIPs\":[{\"ip\":\"%1$s\"}]}}"
                            .formatted(address))));
    assertThat(patched.statusCode()).as(patched.body()).isEqualTo(200);
    return uid;
  }

  private void service() throws Exception {
    made(
        SERVICES.substring(0, SERVICES.length() - 1),
        """
        {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web"},
         "spec": {"ports": [{"name": "http", "port": 80}, {"name": "tls", "port": 443}]}}\
        """);
    slice("web", "web", "10.9.0.7");
    slice("forged", "web", "10.9.0.8");
    made(
        SERVICES.substring(0, SERVICES.length() - 1),
        """
        {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "forged"},
         "spec": {"ports": [{"name": "http", "port": 80}]}}\
        """);
  }

  private void slice(String service, String pod, String address) throws Exception {
    made(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
        """
        {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "addressType": "IPv4",
         "metadata": {"name": "%1$s", "labels": {"kubernetes.io/service-name": "%1$s"}},
         "ports": [{"name": "http", "port": %2$d}, {"name": "tls", "port": %3$d}],
         "endpoints": [{"addresses": ["%4$s"], "nodeName": "n1",
          "targetRef": {"kind": "Pod", "namespace": "default", "name": "%5$s"}}]}\
        """
            .formatted(
                service, web.getAddress().getPort(), secure.getAddress().getPort(), address, pod));
  }

  private void serve(HttpServer server) {
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answer(exchange);
          }
        });
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/page" -> {
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        send(exchange, 200, "<a href=\"/rewriteme\">test</a>");
      }
      case "/redirect" -> {
        exchange.getResponseHeaders().set("Location", "/else/where?a=b");
        send(exchange, 302, "");
      }
      case "/headers" -> {
        StringBuilder text = new StringBuilder();
        exchange
            .getRequestHeaders()
            .forEach((name, values) ->
                text.append(name.toLowerCase(Locale.ROOT)).append('=').append(values).append('\n'));
        exchange.getResponseHeaders().add("Set-Cookie", "a=1");
        exchange.getResponseHeaders().add("Set-Cookie", "b=2");
        exchange.getResponseHeaders().add("Access-Control-Allow-Origin", "*");
        exchange.getResponseHeaders().add("Cache-Control", "max-age=5");
        send(exchange, 418, text.toString());
      }
      case "/count" -> {
        long count = 0;
        byte[] piece = new byte[8192];
        for (int n = exchange.getRequestBody().read(piece);
            n >= 0;
            n = exchange.getRequestBody().read(piece)) {
          count += n;
        }
        send(exchange, 200, String.valueOf(count));
      }
      case "/slow" -> {
        byte[] piece = new byte[16 << 10];
        for (int n = exchange.getRequestBody().read(piece);
            n >= 0;
            n = exchange.getRequestBody().read(piece)) {
          received.addAndGet(n);
          try {
            letGo.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }
        send(exchange, 200, "");
      }
      case "/drip" -> drip(exchange);
      default ->
          send(
              exchange,
              200,
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private void drip(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try {
      while (true) {
        exchange.getResponseBody().write("line\n".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
      }
    } catch (IOException e) {
      ended.countDown();
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return plane.send(
        plane
            .request(path)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
  void everyMethodIsHandedOn(String method) throws Exception {
    for (String to : List.of(PODS + "web", SERVICES + "web:http", SERVICES + "web:80")) {
      String body = method.equals("GET") || method.equals("OPTIONS") ? "" : "a body";
      HttpResponse<String> answer =
          send(method, to + "/proxy/some/path%20x/?a=b%2Fc&watch=1", body);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(method + " /some/path%20x/?a=b%2Fc&watch=1 " + body);
    }
  }

  @Test
  void headHasNoBody() throws Exception {
    HttpResponse<String> answer = send("HEAD", PODS + "web/proxy/x", "");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void otherMethodsAreNot() throws Exception {
    assertThat(send("TRACE", PODS + "web/proxy/x", "").statusCode()).isEqualTo(405);
  }

  @Test
  void withoutASlashBehindProxyReadersAreSentToTheOneWithIt() throws Exception {
    for (String method : List.of("GET", "HEAD")) {
      HttpResponse<String> answer = send(method, PODS + "web/proxy?a=b", "");
      assertThat(answer.statusCode()).isEqualTo(301);
      assertThat(answer.headers().firstValue("location")).contains(PODS + "web/proxy/?a=b");
    }
    assertThat(send("POST", PODS + "web/proxy?a=b", "").body()).isEqualTo("POST /?a=b ");
  }

  @Test
  void portsAndSchemesAreAsked() throws Exception {
    int port = web.getAddress().getPort();
    int tls = secure.getAddress().getPort();
    for (String id :
        List.of(
            PODS + "web:" + port,
            PODS + "http:web:" + port,
            PODS + "https:web:" + tls,
            PODS + "https%3Aweb%3A" + tls,
            SERVICES + "https:web:tls",
            SERVICES + "https:web:443")) {
      assertThat(send("GET", id + "/proxy/x", "").body()).as(id).isEqualTo("GET /x ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pods/none/proxy/, 404, pods \"none\" not found",
    "pods/ftp:web:1/proxy/, 400, invalid pod request \"ftp:web:1\"",
    "pods/web:name/proxy/, 400, must be a number",
    "services/none/proxy/, 404, services \"none\" not found",
    "services/web:81/proxy/, 503, no service port 81 found for service \"web\"",
    "services/web:other/proxy/, 503, no endpoints available for service \"web\"",
    "services/forged:http/proxy/, 503, no endpoints available for service \"forged\"",
    "pods/web:1/proxy/, 503, error trying to reach service: ",
  })
  void whatCannotBeReachedIsSaid(String path, int status, String message) throws Exception {
    HttpResponse<String> answer = send("GET", "/api/v1/namespaces/default/" + path, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(TestPlane.json(answer).path("kind").asString()).isEqualTo("Status");
    assertThat(TestPlane.json(answer).path("message").asString()).contains(message);
  }

  @Test
  void addressesOfTheServersOwnMachineAreNotReached() throws Exception {
    pod("local", "127.0.0.1", web.getAddress().getPort());
    HttpResponse<String> answer = send("GET", PODS + "local/proxy/", "");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("address not allowed");
  }

  @Test
  void linksOfPagesAndRedirectsLeadThroughTheProxy() throws Exception {
    assertThat(send("GET", PODS + "web/proxy/page", "").body())
        .isEqualTo("<a href=\"" + PODS + "web/proxy/rewriteme\">test</a>");
    HttpResponse<String> redirect = send("GET", SERVICES + "web:http/proxy/redirect", "");
    assertThat(redirect.statusCode()).isEqualTo(302);
    assertThat(redirect.headers().firstValue("location"))
        .contains(SERVICES + "web:http/proxy/else/where?a=b");
  }

  @Test
  void headersPassButThoseOfOneConnectionAndOfTheClientsIdentity() throws Exception {
    HttpResponse<String> answer =
        plane.send(
            plane
                .request(PODS + "web/proxy/headers")
                .header("x-custom", "1")
                .header("authorization", "Bearer secret")
                .header("x-remote-user", "admin")
                .header("x-forwarded-for", "1.2.3.4")
                .header("te", "trailers"));
    assertThat(answer.statusCode()).isEqualTo(418);
    assertThat(answer.body())
        .contains("x-custom=[1]")
        .contains("x-forwarded-for=[1.2.3.4, 127.0.0.1]")
        .contains("x-forwarded-uri=[" + PODS + "web/proxy/headers]")
        .doesNotContain("secret", "x-remote-user", "x-http2", "te=");
    assertThat(answer.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
    assertThat(answer.headers().firstValue("cache-control")).contains("max-age=5");
    assertThat(answer.headers().firstValue("audit-id")).isPresent();
    assertThat(answer.headers().firstValue("access-control-allow-origin")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
  void bodiesMayBeLargerThanOtherRequests(HttpClient.Version version) throws Exception {
    byte[] block = new byte[1 << 20];
    for (HttpRequest.BodyPublisher body :
        List.of(
            BodyPublishers.ofByteArray(new byte[8 << 20]),
            BodyPublishers.ofInputStream(() ->
                new java.io.SequenceInputStream(
                    java.util.Collections.enumeration(
                        java.util.stream.IntStream.range(0, 8)
                            .mapToObj(_ -> (InputStream) new ByteArrayInputStream(block))
                            .toList()))))) {
      HttpResponse<String> answer =
          plane.send(plane.request(PODS + "web/proxy/count").version(version).POST(body));
      assertThat(answer.body()).isEqualTo(String.valueOf(8 << 20));
    }
  }

  @Test
  void aServerThatDoesNotReadHoldsTheClientUp() throws Exception {
    AtomicLong taken = new AtomicLong();
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            throw new UnsupportedOperationException("one by one");
          }

          @Override
          public int read(byte[] buffer, int offset, int length) {
            if (letGo.getCount() == 0) {
              return -1;
            }
            taken.addAndGet(length);
            return length;
          }
        };
    CompletableFuture<HttpResponse<String>> answer =
        plane
            .admin()
            .sendAsync(
                plane
                    .request(PODS + "web/proxy/slow")
                    .POST(BodyPublishers.ofInputStream(() -> endless))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    AtomicLong before = new AtomicLong(-1);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .pollInterval(400, TimeUnit.MILLISECONDS)
        .until(() -> received.get() > 0 && before.getAndSet(taken.get()) == taken.get());
    assertThat(taken).hasValueLessThan(48L << 20);
    letGo.countDown();
    assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  void streamsComeAtOnceAndEndWithTheirReader() throws Exception {
    HttpResponse<InputStream> answer =
        plane
            .admin()
            .send(
                plane.request(PODS + "web/proxy/drip").build(),
                HttpResponse.BodyHandlers.ofInputStream());
    assertThat(new String(answer.body().readNBytes(5), StandardCharsets.UTF_8)).isEqualTo("line\n");
    answer.body().close();
    await().atMost(20, TimeUnit.SECONDS).until(() -> ended.getCount() == 0);
  }

  @Test
  void webSocketsPassThrough() throws Exception {
    CompletableFuture<String> said = new CompletableFuture<>();
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> echoWebSocket(listener));
      WebSocket socket =
          plane
              .admin()
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(
                      plane.plane.url().replace("https:", "wss:")
                          + PODS
                          + "web:"
                          + listener.getLocalPort()
                          + "/proxy/chat"),
                  new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                        WebSocket webSocket, CharSequence data, boolean last) {
                      said.complete(data.toString());
                      return CompletableFuture.completedFuture(null);
                    }
                  })
              .get(20, TimeUnit.SECONDS);
      assertThat(said.get(20, TimeUnit.SECONDS)).isEqualTo("hello");
      socket.abort();
    }
  }

  /// A handshake, and one frame of text right behind it.
  private static void echoWebSocket(ServerSocket listener) {
    try (Socket socket = listener.accept()) {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) socket.getInputStream().read());
      }
      String lower = head.toString().toLowerCase(Locale.ROOT);
      int at = lower.indexOf("sec-websocket-key: ") + 19;
      String key = head.substring(at, head.indexOf("\r\n", at));
      String accept =
          java.util.Base64.getEncoder()
              .encodeToString(
                  java.security.MessageDigest.getInstance("SHA-1")
                      .digest(
                          (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                              .getBytes(StandardCharsets.US_ASCII)));
      socket
          .getOutputStream()
          .write(
              ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      + "Sec-WebSocket-Accept: "
                      + accept
                      + "\r\n\r\n\u0081\u0005hello")
                  .getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      byte[] _ = socket.getInputStream().readAllBytes();
    } catch (IOException | java.security.NoSuchAlgorithmException e) {
      // the test sees that nothing came
    }
  }

  @Test
  void nodesAnswerByTheirAgents() throws Exception {
    for (String id : List.of("n1", "n1:10250", "https:n1:10250")) {
      HttpResponse<String> health = send("GET", "/api/v1/nodes/" + id + "/proxy/healthz", "");
      assertThat(health.statusCode()).as(health.body()).isEqualTo(200);
      assertThat(health.body()).isEqualTo("ok");
      assertThat(health.headers().firstValue("content-type")).contains("text/plain");
    }
    HttpResponse<String> none = send("GET", "/api/v1/nodes/n1/proxy/configz", "");
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.body()).contains("no page /configz");
    assertThat(send("GET", "/api/v1/nodes/n1:22/proxy/", "").body()).contains("other ports");
    assertThat(send("GET", "/api/v1/nodes/n2/proxy/healthz", "").statusCode()).isEqualTo(404);
  }

  @Test
  void nodesGiveArchivesOfImages() throws Exception {
    String save = "/api/v1/nodes/n1/proxy/images/save";
    HttpResponse<String> both = send("GET", save + "?name=shop%3A1&name=web:2", "");
    assertThat(both.statusCode()).as(both.body()).isEqualTo(200);
    assertThat(both.headers().firstValue("content-type")).contains("application/x-tar");
    assertThat(both.headers().firstValue("content-length")).isEmpty();
    assertThat(both.body()).isEqualTo("an archive of shop:1 and web:2");

    HttpResponse<String> none = send("GET", save + "?name=shop:1&name=none:1", "");
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.body()).contains("\"kind\":\"Status\"").contains("no such image");
    HttpResponse<String> nothing = send("GET", save, "");
    assertThat(nothing.statusCode()).isEqualTo(400);
    assertThat(nothing.body()).contains("which images");
    assertThat(send("POST", save + "?name=shop:1", "x").statusCode()).isEqualTo(405);
    assertThat(send("GET", "/api/v1/nodes/n2/proxy/images/save?name=shop:1", "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void anArchiveThatBreaksOffIsSeenToBeCutOff() throws Exception {
    String broken = "/api/v1/nodes/n1/proxy/images/save?name=broken:1";
    assertThatThrownBy(() -> send("GET", broken, "")).isInstanceOf(IOException.class);
  }

  @Test
  void whoMayNotProxyGetsNoArchive() throws Exception {
    HttpClient nobody = plane.client(plane.plane.pki().client("nobody-user", "nobody", "nobodies"));
    HttpResponse<String> answer =
        nobody.send(
            plane.request("/api/v1/nodes/n1/proxy/images/save?name=shop:1").GET().build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("cannot get resource").contains("nodes/proxy");
  }

  @Test
  void whoMayNotProxyIsRefusedBeforeAnythingIsAsked() throws Exception {
    HttpClient nobody = plane.client(plane.plane.pki().client("nobody-user", "nobody", "nobodies"));
    HttpResponse<String> answer =
        nobody.send(
            plane
                .request(PODS + "web:80/proxy/x")
                .POST(BodyPublishers.ofByteArray(new byte[5 << 20]))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("cannot create resource").contains("pods/proxy");
  }
}
