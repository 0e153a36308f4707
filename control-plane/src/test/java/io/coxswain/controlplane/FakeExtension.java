package io.coxswain.controlplane;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A server that extends the API by flunders, which it keeps in memory: it lists, watches, gets,
/// puts and deletes them, and says so in discovery and OpenAPI 2. Behind a Service, whose pod is on
/// the node `n1`.
final class FakeExtension implements AutoCloseable {

  static final String ROOT = "/apis/wardle.example.com/v1alpha1";
  static final String API_SERVICE =
      "/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.wardle.example.com";

  private static final JsonMapper JSON = new JsonMapper();
  private static final String ENDED = "";

  private final TestPlane plane;
  private final FakeAgent agent;
  private final HttpsServer server;
  private final Map<String, ObjectNode> flunders = new TreeMap<>();
  private final List<BlockingQueue<String>> watchers = new CopyOnWriteArrayList<>();
  private volatile boolean silent;
  private int version = 1;
  private final TreeMap<Integer, String> past = new TreeMap<>();

  FakeExtension(TestPlane plane) throws Exception {
    this.plane = plane;
    agent = new FakeAgent(plane.plane, "n1");
    await().until(() -> plane.plane.nodes().isConnected("n1"));
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(
        new KeyManager[] {
          new Tls.RotatingKey(plane.plane.pki().serving("x", "x", List.of("sample.default.svc")))
        },
        null,
        null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
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

  /// Makes its Service and its APIService, and waits until it is available.
  void register() throws Exception {
    plane.made(
        "/api/v1/namespaces/default/services",
        "{\"metadata\": {\"name\": \"sample\"}, \"spec\": {\"ports\": [{\"port\": 443}]}}");
    plane.made(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
        """
        {"addressType": "IPv4", "metadata": {"name": "sample",
          "labels": {"kubernetes.io/service-name": "sample"}}, "ports": [{"port": %d}],
         "endpoints": [{"addresses": ["10.9.0.7"], "nodeName": "n1",
          "targetRef": {"kind": "Pod", "namespace": "default", "name": "sample"}}]}\
        """
            .formatted(server.getAddress().getPort()));
    plane.made(
        API_SERVICE.substring(0, API_SERVICE.lastIndexOf('/')),
        """
        {"metadata": {"name": "v1alpha1.wardle.example.com"},
         "spec": {"group": "wardle.example.com", "version": "v1alpha1", "caBundle": "%s",
          "groupPriorityMinimum": 2000, "versionPriority": 200,
          "service": {"namespace": "default", "name": "sample"}}}\
        """
            .formatted(
                Base64.getEncoder()
                    .encodeToString(
                        Pem.encode(plane.plane.pki().authority())
                            .getBytes(StandardCharsets.US_ASCII))));
    awaitAvailable("True");
  }

  void awaitAvailable(String status) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            plane.read(API_SERVICE).at("/status/conditions/0/status").asString("").equals(status));
  }

  /// Answers nothing but 503 from now on, or answers again.
  void silent(boolean now) {
    silent = now;
    if (now) {
      watchers.forEach(watcher -> watcher.add(ENDED));
    }
  }

  /// A flunder that somebody made there.
  synchronized void made(String namespace, String name, String metadata) {
    ObjectNode flunder =
        (ObjectNode)
            JSON.readTree(
                """
                {"apiVersion": "wardle.example.com/v1alpha1", "kind": "Flunder",
                 "metadata": {"namespace": "%s", "name": "%s", "uid": "uid-%s"%s},
                 "spec": {"reference": "kept"}}\
                """
                    .formatted(namespace, name, name, metadata));
    put("ADDED", flunder);
  }

  synchronized boolean has(String namespace, String name) {
    return flunders.containsKey(namespace + "/" + name);
  }

  synchronized JsonNode flunder(String namespace, String name) {
    return Objects.requireNonNull(flunders.get(namespace + "/" + name)).deepCopy();
  }

  synchronized void deleted(String namespace, String name) {
    ObjectNode gone = flunders.remove(namespace + "/" + name);
    if (gone != null) {
      tell("DELETED", gone);
    }
  }

  private void put(String type, ObjectNode flunder) {
    flunders.put(
        flunder.at("/metadata/namespace").asString()
            + "/"
            + flunder.at("/metadata/name").asString(),
        flunder);
    tell(type, flunder);
  }

  private void tell(String type, ObjectNode flunder) {
    ((ObjectNode) flunder.path("metadata")).put("resourceVersion", Integer.toString(++version));
    ObjectNode event = JSON.createObjectNode().put("type", type);
    event.set("object", partial(flunder));
    past.put(version, event.toString());
    watchers.forEach(watcher -> watcher.add(event.toString()));
  }

  private synchronized BlockingQueue<String> watcher(int since) {
    BlockingQueue<String> events = new LinkedBlockingQueue<>(past.tailMap(since, false).values());
    watchers.add(events);
    return events;
  }

  private static ObjectNode partial(ObjectNode flunder) {
    ObjectNode partial =
        JSON.createObjectNode()
            .put("kind", "PartialObjectMetadata")
            .put("apiVersion", "meta.k8s.io/v1");
    partial.set("metadata", flunder.path("metadata").deepCopy());
    return partial;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (silent) {
      send(exchange, 503, "{}");
    } else if (path.equals(ROOT)) {
      send(
          exchange,
          200,
          """
          {"kind": "APIResourceList", "apiVersion": "v1",
           "groupVersion": "wardle.example.com/v1alpha1", "resources": [
           {"name": "flunders", "singularName": "flunder", "namespaced": true, "kind": "Flunder",
            "verbs": ["get", "list", "watch", "update", "delete"]},
           {"name": "flunders/status", "singularName": "", "namespaced": true, "kind": "Flunder",
            "verbs": ["get"]}]}\
          """);
    } else if (path.equals("/openapi/v2")) {
      send(exchange, 200, OPEN_API);
    } else if (query.contains("watch=true")) {
      watch(exchange);
    } else if (path.startsWith(ROOT)) {
      objects(exchange, path.substring(ROOT.length()), body);
    } else {
      send(exchange, 404, "{}");
    }
  }

  private synchronized void objects(HttpExchange exchange, String path, byte[] body)
      throws IOException {
    List<String> parts = List.of(path.split("/", -1)); // "", namespaces, NAMESPACE, flunders, NAME
    if (parts.size() < 5) {
      String namespace = parts.size() == 4 ? parts.get(2) + "/" : "";
      ObjectNode list = JSON.createObjectNode().put("kind", "PartialObjectMetadataList");
      list.putObject("metadata").put("resourceVersion", Integer.toString(version));
      var items = list.putArray("items");
      new ArrayList<>(flunders.entrySet())
          .stream()
              .filter(one -> one.getKey().startsWith(namespace))
              .forEach(one -> items.add(partial(one.getValue())));
      send(exchange, 200, list.toString());
      return;
    }
    ObjectNode found = flunders.get(parts.get(2) + "/" + parts.get(4));
    if (found == null) {
      send(
          exchange,
          404,
          """
          {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
           "code": 404, "message": "flunders not found"}\
          """);
      return;
    }
    switch (exchange.getRequestMethod()) {
      case "DELETE" -> {
        deleted(parts.get(2), parts.get(4));
        send(
            exchange,
            200,
            "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Success\"}");
      }
      case "PUT" -> {
        put("MODIFIED", (ObjectNode) JSON.readTree(body));
        send(exchange, 200, new String(body, StandardCharsets.UTF_8));
      }
      default -> send(exchange, 200, found.toString());
    }
  }

  private void watch(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    BlockingQueue<String> events =
        watcher(Integer.parseInt(query.replaceFirst(".*resourceVersion=(\\d+).*", "$1")));
    try {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      for (String event = events.take(); !event.equals(ENDED); event = events.take()) {
        exchange.getResponseBody().write((event + "\n").getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      watchers.remove(events);
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    silent(true);
    agent.close();
    server.stop(0);
  }

  /// Also of things that are not its own, which nobody is to believe.
  private static final String OPEN_API =
      """
      {"swagger": "2.0", "paths": {
        "/apis/apps/v1/": {"get": {"description": "forged"}},
        "/apis/wardle.example.com/v1alpha1/flunders": {"get": {"responses": {"200": {
          "schema": {"$ref": "#/definitions/com.example.wardle.v1alpha1.Flunder"}}}}}},
       "definitions": {
        "com.example.wardle.v1alpha1.Flunder": {"type": "object", "description": "A flunder",
          "properties": {"metadata": {
            "$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}},
          "x-kubernetes-group-version-kind": [
            {"group": "wardle.example.com", "version": "v1alpha1", "kind": "Flunder"},
            {"group": "apps", "version": "v1", "kind": "Deployment"}]},
        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {"type": "object",
          "description": "Another one", "properties": {"name": {"type": "string"}}},
        "com.example.wardle.v1alpha1.Unused": {"type": "object"}}}\
      """;
}
