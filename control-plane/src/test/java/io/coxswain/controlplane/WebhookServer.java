package io.coxswain.controlplane;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.pki.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Webhooks that a test answers as, over TLS on a free port. Remembers what it was asked.
final class WebhookServer implements AutoCloseable {

  static final JsonMapper JSON = new JsonMapper();

  /// What one webhook answers.
  interface Answer {
    /// @param request of the AdmissionReview
    /// @param response to fill in; it holds the uid and allows the request
    void fill(JsonNode request, ObjectNode response) throws Exception;
  }

  private final HttpsServer server;
  private final String authority;
  private final Map<String, List<JsonNode>> asked = new ConcurrentHashMap<>();

  WebhookServer(Pki pki) throws Exception {
    Credentials serving = pki.serving("hooks", "hooks", List.of("localhost", "127.0.0.1"));
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(new KeyManager[] {new Tls.RotatingKey(serving)}, null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    authority =
        Base64.getEncoder()
            .encodeToString(Pem.encode(pki.authority()).getBytes(StandardCharsets.US_ASCII));
  }

  /// Answers reviews at a path.
  void at(String path, Answer answer) {
    raw(
        path,
        (exchange, review) -> {
          ObjectNode reply = JSON.createObjectNode();
          reply.put("kind", "AdmissionReview").put("apiVersion", "admission.k8s.io/v1");
          ObjectNode response = reply.putObject("response");
          response.put("uid", review.at("/request/uid").asString()).put("allowed", true);
          answer.fill(review.path("request"), response);
          send(exchange, 200, reply.toString());
        });
  }

  interface Handler {
    void handle(HttpExchange exchange, JsonNode review) throws Exception;
  }

  /// Answers at a path with whatever the handler sends.
  void raw(String path, Handler handler) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            JsonNode review = JSON.readTree(exchange.getRequestBody().readAllBytes());
            asked.computeIfAbsent(path, _ -> new CopyOnWriteArrayList<>()).add(review);
            handler.handle(exchange, review);
          } catch (IOException e) {
            throw e;
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
  }

  static void send(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /// Puts a patch into an answer.
  static void patch(ObjectNode response, String operations) {
    response.put("patchType", "JSONPatch");
    response.put(
        "patch", Base64.getEncoder().encodeToString(operations.getBytes(StandardCharsets.UTF_8)));
  }

  static void deny(ObjectNode response, String message) {
    response.put("allowed", false).putObject("status").put("message", message);
  }

  /// The requests that came to a path so far.
  List<JsonNode> asked(String path) {
    List<JsonNode> requests = new ArrayList<>();
    asked.getOrDefault(path, List.of()).forEach(review -> requests.add(review.path("request")));
    return requests;
  }

  /// The members of a webhook that say where it answers.
  String client(String path) {
    return "\"clientConfig\": {\"url\": \"%s\", \"caBundle\": \"%s\"}"
        .formatted(url(path), authority);
  }

  String url(String path) {
    return "https://localhost:" + port() + path;
  }

  int port() {
    return server.getAddress().getPort();
  }

  String authority() {
    return authority;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
