package io.coxswain.deploy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// One connection of [TrainingLoad], as the cluster's administrator. What goes wrong is an empty
/// answer.
final class TrainingClient {

  private static final AtomicInteger ASKED = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String JSON = "application/json";
  private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";

  /// How a body is written, and which answer is asked for.
  enum Format {
    JSON(TrainingClient.JSON, TrainingClient.JSON),
    PROTOBUF(TrainingClient.PROTOBUF, TrainingClient.PROTOBUF),
    TABLE(TrainingClient.JSON, "application/json;as=Table;v=v1;g=meta.k8s.io"),
    MERGE("application/merge-patch+json", TrainingClient.JSON),
    STRATEGIC("application/strategic-merge-patch+json", TrainingClient.PROTOBUF),
    JSON_PATCH("application/json-patch+json", TrainingClient.JSON),
    APPLY("application/apply-patch+yaml", TrainingClient.JSON);

    private final String content;
    private final String accept;

    Format(String content, String accept) {
      this.content = content;
      this.accept = accept;
    }
  }

  private final HttpClient http;
  private final String url;

  private TrainingClient(HttpClient http, String url) {
    this.http = http;
    this.url = url;
  }

  /// @param multiplexed HTTP/2; HTTP/1.1 otherwise
  static TrainingClient of(Path pki, String url, boolean multiplexed) throws IOException {
    HttpClient.Version version =
        multiplexed ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
    return new TrainingClient(
        HttpClient.newBuilder().version(version).sslContext(context(pki)).build(), url);
  }

  private static SSLContext context(Path pki) throws IOException {
    try {
      String key = Files.readString(pki.resolve("admin.key")).replaceAll("-----[A-Z ]+-----", "");
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("ca", certificate(pki.resolve("ca.crt")));
      store.setKeyEntry(
          "admin",
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key))),
          new char[0],
          new Certificate[] {certificate(pki.resolve("admin.crt"))});
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, new char[0]);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the administrator's certificate in " + pki, e);
    }
  }

  private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
  }

  /// How many requests were sent by all.
  static int asked() {
    return ASKED.get();
  }

  String get(String path, Format format) {
    return new String(answer("GET", path, format, BodyPublishers.noBody()), StandardCharsets.UTF_8);
  }

  void send(String method, String path, Format format, String body) {
    byte[] _ = answer(method, path, format, BodyPublishers.ofString(body));
  }

  /// Reads the object and writes it as it was.
  void putBack(String path, Format format) {
    byte[] read = answer("GET", path, format, BodyPublishers.noBody());
    if (read.length > 0) {
      byte[] _ = answer("PUT", path, format, BodyPublishers.ofByteArray(read));
    }
  }

  private byte[] answer(String method, String path, Format format, BodyPublisher body) {
    ASKED.incrementAndGet();
    try {
      HttpResponse<byte[]> response =
          http.send(
              request(path, format).timeout(PATIENCE).method(method, body).build(),
              BodyHandlers.ofByteArray());
      return response.statusCode() < 300 ? response.body() : new byte[0];
    } catch (IOException e) {
      return new byte[0];
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new byte[0];
    }
  }

  private HttpRequest.Builder request(String path, Format format) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Accept", format.accept)
        .header("Content-Type", format.content)
        .header("User-Agent", "training");
  }

  /// Reads a stream to its end.
  void read(String path, Format format) {
    try (InputStream stream =
        http.send(request(path, format).build(), BodyHandlers.ofInputStream()).body()) {
      long _ = stream.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      // the end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
