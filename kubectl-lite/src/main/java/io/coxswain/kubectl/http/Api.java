package io.coxswain.kubectl.http;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.config.Kubeconfig;
import io.coxswain.kubectl.config.Tls;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The API server of one context. Calls block; a refusal is a [Refusal] with the server's `Status`.
public final class Api implements AutoCloseable {

  public static final String JSON = "application/json";
  private static final String AGENT = "kubectl-lite";
  private static final HttpConnection.Body NOTHING = HttpConnection.Body.of(new byte[0]);

  /// The server said no.
  public static final class Refusal extends RuntimeException {
    private final int status;
    private final transient JsonNode body;

    Refusal(int status, String message, JsonNode body) {
      super(message, null, false, false);
      this.status = status;
      this.body = body;
    }

    /// What the server said.
    public String told() {
      return String.valueOf(getMessage());
    }

    public int status() {
      return status;
    }

    public String reason() {
      return Json.text(body, "reason");
    }

    /// The `Status` object, or an empty one when the answer was none.
    public JsonNode body() {
      return body;
    }

    public boolean isNotFound() {
      return status == 404;
    }

    public boolean isConflict() {
      return status == 409;
    }
  }

  private final Kubeconfig.Target target;
  private final URI server;
  private final HttpConnection connection;
  private final Duration patience;
  private final List<Map.Entry<String, String>> impersonation;
  private final Consumer<String> warnings;

  /// @param impersonation headers that say as whom to act
  public Api(
      Kubeconfig.Target target,
      Duration patience,
      List<Map.Entry<String, String>> impersonation,
      Consumer<String> warnings) {
    this.target = target;
    this.server = URI.create(target.server());
    this.patience = patience;
    this.impersonation = List.copyOf(impersonation);
    this.warnings = warnings;
    this.connection = connect();
  }

  /// By the machine's own socket where the kubeconfig names one that answers.
  private HttpConnection connect() {
    return target.socket().isEmpty()
        ? connectByTcp()
        : HttpConnection.local(Path.of(target.socket())).orElseGet(this::connectByTcp);
  }

  private HttpConnection connectByTcp() {
    boolean secure = "https".equals(server.getScheme());
    if (!secure && !"http".equals(server.getScheme())) {
      throw new Failure(
          "error: the server of context \""
              + target.context()
              + "\" is no http or https URL: "
              + server);
    }
    int port = server.getPort() > 0 ? server.getPort() : secure ? 443 : 80;
    return HttpConnection.tcp(server.getHost(), port, secure ? Tls.sockets(target) : null);
  }

  public Kubeconfig.Target target() {
    return target;
  }

  /// A second connection to the same server, for what goes on beside a stream.
  public Api another() {
    return new Api(target, patience, impersonation, warnings);
  }

  public JsonNode get(String path) {
    return call("GET", path, null, "", JSON);
  }

  public JsonNode get(String path, String accept) {
    return call("GET", path, null, "", accept);
  }

  /// Any request, with its answer as it came: for who passes it on.
  ///
  /// @throws Refusal for every status from 400 on
  public byte[] raw(String method, String path, byte @Nullable [] body) {
    try {
      return send(method, path, body, JSON, "*/*", patience).bytes();
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  public JsonNode post(String path, JsonNode body) {
    return call("POST", path, Json.bytes(body), JSON, JSON);
  }

  public JsonNode put(String path, JsonNode body) {
    return call("PUT", path, Json.bytes(body), JSON, JSON);
  }

  public JsonNode patch(String path, byte[] patch, String contentType) {
    return call("PATCH", path, patch, contentType, JSON);
  }

  public JsonNode delete(String path, JsonNode options) {
    return call("DELETE", path, Json.bytes(options), JSON, JSON);
  }

  /// @throws Refusal for every status from 400 on
  public JsonNode call(
      String method, String path, byte @Nullable [] body, String contentType, String accept) {
    try {
      Response response = send(method, path, body, contentType, accept, patience);
      return Json.parse(response.bytes());
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /// Sends a file, however large. The server may take its time.
  ///
  /// @throws Refusal for every status from 400 on
  public JsonNode upload(String path, Path file, String contentType) {
    try {
      HttpConnection.Body body = HttpConnection.Body.of(file);
      Response response = exchange("POST", path, body, contentType, JSON, Duration.ZERO);
      return Json.parse(response.bytes());
    } catch (NoSuchFileException e) {
      throw new Failure("error: the file \"" + file + "\" does not exist");
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  public String text(String path) {
    try {
      return new String(
          send("GET", path, null, "", "*/*", patience).bytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /// The raw body, open as long as the server sends.
  public InputStream stream(String path) {
    try {
      return send("GET", path, null, "", "*/*", Duration.ZERO).body();
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /// Watch events as they come; ends when the server ends it.
  public Iterator<JsonNode> watch(String path, String accept) {
    try {
      return Json.stream(send("GET", path, null, "", accept, Duration.ZERO).body());
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private Response send(
      String method,
      String path,
      byte @Nullable [] body,
      String contentType,
      String accept,
      Duration silence)
      throws IOException {
    return body == null
        ? exchange(method, path, NOTHING, "", accept, silence)
        : exchange(method, path, HttpConnection.Body.of(body), contentType, accept, silence);
  }

  /// @param contentType of the body; empty when there is none
  private Response exchange(
      String method,
      String path,
      HttpConnection.Body body,
      String contentType,
      String accept,
      Duration silence)
      throws IOException {
    List<Map.Entry<String, String>> headers = headers();
    headers.add(Map.entry("Accept", accept));
    if (!connection.isLocal()) {
      headers.add(Map.entry("Accept-Encoding", "gzip"));
    }
    if (!contentType.isEmpty()) {
      headers.add(Map.entry("Content-Type", contentType));
    }
    Response response = connection.send(method, base() + path, headers, body, silence);
    if (response.header("content-encoding").equals("gzip")) {
      response =
          new Response(
              response.status(), response.headers(), new GZIPInputStream(response.body(), 8192));
    }
    warn(response);
    if (response.status() >= 400) {
      throw refusal(method, path, response);
    }
    return response;
  }

  /// Sent with every request, and with upgrades: who asks.
  public List<Map.Entry<String, String>> headers() {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    headers.add(Map.entry("User-Agent", AGENT));
    if (!target.token().isEmpty()) {
      headers.add(Map.entry("Authorization", "Bearer " + target.token()));
    }
    headers.addAll(impersonation);
    return headers;
  }

  /// A connection of its own for an upgrade.
  public HttpConnection upgradable() {
    return connect();
  }

  /// The path of the server's URL, before every path of the API.
  public String base() {
    String path = server.getPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private void warn(Response response) {
    String warning = response.header("warning");
    int begin = warning.indexOf('"');
    while (begin >= 0) {
      int end = begin + 1;
      StringBuilder text = new StringBuilder();
      while (end < warning.length() && warning.charAt(end) != '"') {
        if (warning.charAt(end) == '\\') {
          end++;
        }
        text.append(warning.charAt(Math.min(end, warning.length() - 1)));
        end++;
      }
      warnings.accept(text.toString());
      begin = warning.indexOf('"', Math.min(end + 1, warning.length()));
    }
  }

  /// The error that an answer means.
  public static Refusal refusal(String method, String path, Response response) throws IOException {
    byte[] bytes = response.bytes();
    JsonNode body = Json.object();
    try {
      body = Json.parse(bytes);
    } catch (IOException e) {
      // a proxy's page rather than a Status: its text is the message
    }
    String message = Json.text(body, "message");
    if (message.isEmpty()) {
      message =
          method
              + " "
              + path
              + ": HTTP "
              + response.status()
              + " "
              + new String(bytes, StandardCharsets.UTF_8).strip();
    }
    return new Refusal(response.status(), message, body);
  }

  private Failure unreachable(IOException e) {
    String why =
        switch (e) {
          case java.net.ConnectException refused ->
              "nothing listens there. Is the cluster running? (coxswain status)";
          case java.net.SocketTimeoutException late ->
              "no answer within " + patience.toSeconds() + " s";
          case java.net.UnknownHostException unknown -> "no such host";
          case javax.net.ssl.SSLException tls -> "TLS failed: " + tls.getMessage();
          default -> String.valueOf(e.getMessage());
        };
    return new Failure(
        "The connection to the server "
            + server
            + " (context \""
            + target.context()
            + "\") failed: "
            + why);
  }

  /// A query string with its question mark, without the empty values; empty when there is nothing
  /// in it.
  public static String query(Map<String, String> parameters) {
    StringJoiner joiner = new StringJoiner("&", "?", "").setEmptyValue("");
    parameters.forEach((name, value) -> {
      if (!value.isEmpty()) {
        joiner.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
      }
    });
    return joiner.toString();
  }

  @Override
  public void close() {
    connection.close();
  }
}
