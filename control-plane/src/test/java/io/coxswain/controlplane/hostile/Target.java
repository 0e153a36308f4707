package io.coxswain.controlplane.hostile;

import io.coxswain.client.codec.JsonCodec;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.pki.Tls;
import java.io.IOException;
import java.net.InetAddress;
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
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import tools.jackson.databind.JsonNode;

/// A server on loopback, and how to be its administrator or nobody.
final class Target implements AutoCloseable {

  static final String JSON = "application/json";
  static final String YAML = "application/yaml";
  static final String PROTOBUF = "application/vnd.kubernetes.protobuf";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);

  private final int port;
  private final SSLContext administrator;
  private final SSLContext stranger;
  private final HttpClient client;

  Target(int port, Pki pki) throws GeneralSecurityException, IOException {
    this.port = port;
    Credentials admin = pki.client("admin", User.ADMINISTRATOR.name(), User.MASTERS);
    this.administrator = context(pki, new KeyManager[] {new Tls.RotatingKey(admin)});
    this.stranger = context(pki, new KeyManager[0]);
    this.client =
        HttpClient.newBuilder().sslContext(administrator).connectTimeout(PATIENCE).build();
  }

  private static SSLContext context(Pki pki, KeyManager[] keys) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {Tls.trusting(pki.authority())}, null);
    return context;
  }

  int port() {
    return port;
  }

  /// A connection of the administrator, over HTTP/1.1.
  SSLSocket connect() throws IOException {
    return (SSLSocket) administrator.getSocketFactory().createSocket(loopback(), port);
  }

  /// A connection of somebody without a certificate.
  SSLSocket connectAsStranger() throws IOException {
    return (SSLSocket) stranger.getSocketFactory().createSocket(loopback(), port);
  }

  /// A connection of the administrator on which HTTP/2 is spoken.
  SSLSocket connectHttp2() throws IOException {
    SSLSocket socket = connect();
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    return socket;
  }

  /// The administrator's TLS over a connection that is there.
  SSLSocket over(java.net.Socket plain) throws IOException {
    return (SSLSocket)
        administrator.getSocketFactory().createSocket(plain, "127.0.0.1", port, false);
  }

  static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  /// What a good client of the administrator asks for, as JSON; waits for the answer.
  HttpResponse<byte[]> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return send(method, path, JSON, body.getBytes(java.nio.charset.StandardCharsets.UTF_8), JSON);
  }

  /// As [#send(String, String, String)], in an encoding of its own.
  HttpResponse<byte[]> send(String method, String path, String type, byte[] body, String accept)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
            .timeout(PATIENCE)
            .header("accept", accept)
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (body.length > 0) {
      request.header("content-type", type);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> get(String path, String accept) throws IOException, InterruptedException {
    return send("GET", path, "", new byte[0], accept);
  }

  /// A JSON document of any length.
  static JsonNode tree(byte[] json) {
    return CODEC.readTree(json);
  }

  static byte[] json(JsonNode tree) {
    return CODEC.writeTree(tree);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
