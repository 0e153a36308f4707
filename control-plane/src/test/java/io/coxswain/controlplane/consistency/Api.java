package io.coxswain.controlplane.consistency;

import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// ConfigMaps of one namespace over HTTPS, as any client asks for them. An answer without a body
/// that can be read counts as none.
final class Api implements AutoCloseable {

  static final JsonMapper JSON = new JsonMapper();
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String LABEL = "?labelSelector=of%3Dconsistency";

  /// @param code 0 when there was no answer
  record Answer(int code, JsonNode body) {
    private static final Answer NONE = new Answer(0, JSON.createObjectNode());

    Seen seen() {
      return Api.seen(body);
    }
  }

  private final String url;
  private final HttpClient client;

  Api(String url, Credentials who) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new Tls.RotatingKey(who)},
        new TrustManager[] {Tls.trusting(who.authority())},
        null);
    this.url = url;
    this.client =
        HttpClient.newBuilder().sslContext(context).connectTimeout(Duration.ofSeconds(5)).build();
  }

  static Seen seen(JsonNode map) {
    return new Seen(
        Long.parseLong(map.at("/metadata/resourceVersion").asString("0")),
        map.at("/data/v").asString(""));
  }

  /// @param version that it must have; 0 for any
  static String map(String name, String value, long version) {
    return """
    {"apiVersion": "v1", "kind": "ConfigMap",
     "metadata": {"name": "%s", "labels": {"of": "consistency"}%s}, "data": {"v": "%s"}}
    """
        .formatted(name, version == 0 ? "" : ", \"resourceVersion\": \"" + version + "\"", value);
  }

  Answer create(String name, String value) {
    return send("POST", MAPS, map(name, value, 0));
  }

  Answer update(String name, String value, long version) {
    return send("PUT", MAPS + "/" + name, map(name, value, version));
  }

  Answer delete(String name, long version) {
    return send(
        "DELETE",
        MAPS + "/" + name,
        """
        {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"resourceVersion": "%d"}}
        """
            .formatted(version));
  }

  /// @param version `?resourceVersion=…`; empty for the latest
  Answer read(String name, String version) {
    return send("GET", MAPS + "/" + name + version, "");
  }

  /// @param more options, as `&resourceVersion=0`
  Answer list(String more) {
    return send("GET", MAPS + LABEL + more, "");
  }

  /// The open answer, line by line; blocks until the server has something to say.
  HttpResponse<InputStream> watch(long after) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(
                URI.create(
                    url
                        + MAPS
                        + LABEL
                        + "&watch=1&allowWatchBookmarks=true&resourceVersion="
                        + after))
            .build(),
        BodyHandlers.ofInputStream());
  }

  private Answer send(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(10))
            .header("content-type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      return new Answer(answer.statusCode(), JSON.readTree(answer.body()));
    } catch (IOException | tools.jackson.core.JacksonException e) {
      return Answer.NONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.NONE;
    }
  }

  /// Cuts off whatever is open.
  void hangUp() {
    client.shutdownNow();
  }

  @Override
  public void close() {
    hangUp();
  }
}
