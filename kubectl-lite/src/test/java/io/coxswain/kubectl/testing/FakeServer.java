package io.coxswain.kubectl.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// An API server that says what it was told to say. Of several answers to one question each is
/// given once, the last one for ever; a question without an answer is a `NotFound`.
public final class FakeServer implements AutoCloseable {

  /// @param uri path and query as sent
  public record Asked(String method, String uri, String contentType, String packing, String body) {

    /// As `GET /api/v1/pods`.
    public String line() {
      return method + " " + uri;
    }
  }

  /// @param whole whether its end is sent
  private record Answer(int status, String body, boolean whole) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  private FakeServer(HttpServer server) {
    this.server = server;
  }

  /// With the kinds of `server/api.json` and `server/apis.json`.
  public static FakeServer start() throws IOException {
    FakeServer fake =
        new FakeServer(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16));
    fake.server.createContext("/", fake::answer);
    fake.server.setExecutor(fake.threads);
    fake.server.start();
    fake.on("GET /api", resource("/server/api.json"));
    fake.on("GET /apis", resource("/server/apis.json"));
    return fake;
  }

  /// A file beside the tests.
  public static String resource(String name) throws IOException {
    try (InputStream in = FakeServer.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("no test resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// @param question as `GET /api/v1/pods`: with a query for this one only, without for all; `TABLE
  ///   /api/v1/pods` where a table is asked for, `WATCH` for a stream
  public FakeServer on(String question, String body) {
    return on(question, 200, body);
  }

  public FakeServer on(String question, int status, String body) {
    answers.computeIfAbsent(question, _ -> new ArrayDeque<>()).add(new Answer(status, body, true));
    return this;
  }

  /// An answer of unknown length that breaks off after this.
  public FakeServer cut(String question, String body) {
    answers.computeIfAbsent(question, _ -> new ArrayDeque<>()).add(new Answer(200, body, false));
    return this;
  }

  /// All that was asked but which kinds there are.
  public List<Asked> asked() {
    return asked.stream()
        .filter(each -> !each.uri().equals("/api") && !each.uri().equals("/apis"))
        .toList();
  }

  /// All of this method, in order.
  public List<Asked> asked(String method) {
    return asked().stream().filter(each -> each.method().equals(method)).toList();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String uri = exchange.getRequestURI().toString();
    asked.add(
        new Asked(
            exchange.getRequestMethod(),
            uri,
            header(exchange, "Content-Type"),
            header(exchange, "Accept-Encoding"),
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
    Answer answer = find(verb(exchange, uri), uri);
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    if (!answer.whole()) {
      exchange.sendResponseHeaders(answer.status(), 0);
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
      throw new IOException("cut off, as the test wants it");
    }
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static String verb(HttpExchange exchange, String uri) {
    if (uri.contains("watch=true")) {
      return "WATCH";
    }
    return header(exchange, "Accept").contains("as=Table") ? "TABLE" : exchange.getRequestMethod();
  }

  private Answer find(String verb, String uri) {
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    for (String question : List.of(verb + " " + uri, verb + " " + path)) {
      Deque<Answer> known = answers.get(question);
      if (known != null) {
        synchronized (known) {
          return known.size() > 1 ? known.removeFirst() : known.getFirst();
        }
      }
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    return new Answer(
        404,
        """
        {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
         "message": "\\"%s\\" not found", "details": {"name": "%s"}}
        """
            .formatted(name, name),
        true);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
