package io.coxswain.node.image;

import io.coxswain.client.codec.JsonTrees;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads from one registry host by the OCI distribution-spec, as one user. Made for one pull: the
/// token it got is forgotten with it. Safe for use by many threads. Every call blocks, no longer
/// without a byte than the time-outs say.
final class RegistryClient {

  /// @param connect until the connection stands
  /// @param silence between two reads
  record Timeouts(Duration connect, Duration silence) {
    static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(45));
  }

  private static final int MAX_MANIFEST_BYTES = 4 << 20;
  private static final int MAX_ANSWER_BYTES = 1 << 20;
  private static final int MAX_REDIRECTS = 5;
  private final RegistryHost host;
  private final String repository;
  private final DockerCredentials.@Nullable Entry credentials;
  private final Timeouts timeouts;
  private volatile String authorization = "";

  RegistryClient(
      RegistryHost host,
      String repository,
      DockerCredentials.@Nullable Entry credentials,
      Timeouts timeouts) {
    this.host = host;
    this.repository = repository;
    this.credentials = credentials;
    this.timeouts = timeouts;
  }

  /// A manifest or index as it is stored.
  ///
  /// @param version a tag or digest
  /// @throws RegistryException with the registry's own reason when it refuses
  byte[] manifest(String version, String accept) throws IOException {
    HttpURLConnection answer = get("/v2/" + repository + "/manifests/" + version, accept, 0);
    try (InputStream body = answer.getInputStream()) {
      byte[] content = body.readNBytes(MAX_MANIFEST_BYTES + 1);
      if (content.length > MAX_MANIFEST_BYTES) {
        throw new RegistryException(0, "the manifest is larger than 4 MiB");
      }
      return content;
    }
  }

  /// An open blob; closing it gives the connection back.
  ///
  /// @param offset of its first byte: what was asked for, or 0 when the registry cannot resume
  record Blob(InputStream content, long offset) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      content.close();
    }
  }

  Blob blob(Digest digest, long offset) throws IOException {
    HttpURLConnection answer = get("/v2/" + repository + "/blobs/" + digest, "*/*", offset);
    boolean resumed = answer.getResponseCode() == HttpURLConnection.HTTP_PARTIAL;
    String range = Optional.ofNullable(answer.getHeaderField("Content-Range")).orElse("");
    if (resumed && !range.startsWith("bytes " + offset + "-")) {
      answer.disconnect();
      throw new RegistryException(0, "the registry sent another part than the one asked for");
    }
    return new Blob(answer.getInputStream(), resumed ? offset : 0);
  }

  private HttpURLConnection get(String path, String accept, long offset) throws IOException {
    HttpURLConnection answer = follow(host.resolve(path), accept, offset);
    if (answer.getResponseCode() == HttpURLConnection.HTTP_UNAUTHORIZED) {
      String header = Optional.ofNullable(answer.getHeaderField("WWW-Authenticate")).orElse("");
      drain(answer);
      authorization = authorize(AuthChallenge.parse(header));
      answer = follow(host.resolve(path), accept, offset);
    }
    int status = answer.getResponseCode();
    if (status != HttpURLConnection.HTTP_OK && status != HttpURLConnection.HTTP_PARTIAL) {
      throw refusal(answer);
    }
    return answer;
  }

  /// Registries send blobs from elsewhere. The authorization stays with the registry; nothing goes
  /// from HTTPS to plain HTTP.
  private HttpURLConnection follow(URI start, String accept, long offset) throws IOException {
    URI uri = start;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpURLConnection connection = open(uri);
      connection.setRequestProperty("Accept", accept);
      if (offset > 0) {
        connection.setRequestProperty("Range", "bytes=" + offset + "-");
      }
      boolean sameHost = start.getAuthority().equals(uri.getAuthority());
      if (!authorization.isEmpty() && sameHost) {
        connection.setRequestProperty("Authorization", authorization);
      }
      int status = connection.getResponseCode();
      String location = connection.getHeaderField("Location");
      if (status < 300 || status >= 400 || status == 304 || location == null) {
        return connection;
      }
      drain(connection);
      uri = redirected(uri, location);
    }
    throw new RegistryException(0, "the registry redirects in circles");
  }

  private static URI redirected(URI from, String location) throws RegistryException {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new RegistryException(0, "the registry redirects to no address");
    }
    boolean http = "http".equals(to.getScheme()) && "http".equals(from.getScheme());
    if (!"https".equals(to.getScheme()) && !http) {
      throw new RegistryException(
          0, "the registry redirects to %s, which is not protected".formatted(to.getHost()));
    }
    return to;
  }

  private HttpURLConnection open(URI uri) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout((int) timeouts.connect().toMillis());
    connection.setReadTimeout((int) timeouts.silence().toMillis());
    connection.setRequestProperty("User-Agent", "coxswain");
    boolean own = host.base().getAuthority().equals(uri.getAuthority());
    if (own && connection instanceof HttpsURLConnection secure && host.trust() != null) {
      secure.setSSLSocketFactory(host.trust());
    }
    return connection;
  }

  /// The value of the Authorization header that the challenge asks for.
  private String authorize(AuthChallenge challenge) throws IOException {
    return switch (challenge.scheme()) {
      case "basic" -> {
        if (credentials == null) {
          throw new RegistryException(
              401, "the registry asks for a user and password: name a secret in imagePullSecrets");
        }
        yield basic(credentials);
      }
      case "bearer" -> "Bearer " + token(challenge);
      default ->
          throw new RegistryException(
              401,
              "the registry asks for a login of unknown kind \"%s\"".formatted(challenge.scheme()));
    };
  }

  /// Asks the token service that the registry names (distribution-spec's token authentication).
  private String token(AuthChallenge challenge) throws IOException {
    URI realm;
    try {
      realm = URI.create(challenge.parameter("realm"));
    } catch (IllegalArgumentException e) {
      throw new RegistryException(0, "the registry names a token service that is no address");
    }
    boolean plainAllowed = "http".equals(host.base().getScheme());
    boolean plain = "http".equals(realm.getScheme());
    if (!"https".equals(realm.getScheme()) && !(plain && plainAllowed)) {
      throw new RegistryException(0, "the registry's token service is not protected by HTTPS");
    }
    String asked = challenge.parameter("scope");
    String scope = asked.isEmpty() ? "repository:" + repository + ":pull" : asked;
    String query =
        "service=" + encoded(challenge.parameter("service")) + "&scope=" + encoded(scope);
    boolean refresh = credentials != null && !credentials.identityToken().isEmpty();
    HttpURLConnection answer;
    if (refresh && credentials != null) {
      answer = open(realm);
      post(
          answer,
          query
              + "&grant_type=refresh_token&client_id=coxswain&refresh_token="
              + encoded(credentials.identityToken()));
    } else {
      String separator = realm.getRawQuery() == null ? "?" : "&";
      answer = open(URI.create(realm + separator + query));
      if (credentials != null) {
        answer.setRequestProperty("Authorization", basic(credentials));
      }
    }
    if (answer.getResponseCode() != HttpURLConnection.HTTP_OK) {
      throw refusal(answer);
    }
    try (InputStream body = answer.getInputStream()) {
      JsonNode json = JsonTrees.read(body.readNBytes(MAX_ANSWER_BYTES));
      String token = json.path("token").asString("");
      return token.isEmpty() ? json.path("access_token").asString("") : token;
    } catch (JacksonException e) {
      throw new RegistryException(0, "the registry's token service sent no JSON");
    }
  }

  private static void post(HttpURLConnection connection, String form) throws IOException {
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
    try (OutputStream out = connection.getOutputStream()) {
      out.write(form.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String basic(DockerCredentials.Entry entry) {
    byte[] both = (entry.user() + ":" + entry.password()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static RegistryException refusal(HttpURLConnection answer) throws IOException {
    int status = answer.getResponseCode();
    String said = said(drain(answer));
    String why =
        switch (status) {
          case 401, 403 -> "access denied: check the image's name and imagePullSecrets";
          case 404 -> "not found in the registry";
          case 429 -> "the registry limits how often it is asked";
          default -> "the registry answered " + status;
        };
    return new RegistryException(status, said.isEmpty() ? why : why + " (" + said + ")");
  }

  /// The registry's own words, on one short line.
  private static String said(byte[] body) {
    try {
      JsonNode error = JsonTrees.read(body).path("errors").path(0);
      String text = error.path("code").asString("") + ": " + error.path("message").asString("");
      String clean = text.replaceAll("\\p{Cntrl}", " ").strip();
      return clean.equals(":") ? "" : clean.substring(0, Math.min(clean.length(), 300));
    } catch (JacksonException e) {
      return "";
    }
  }

  /// Reads what is left, a bounded part of it, so that the connection can serve again.
  private static byte[] drain(HttpURLConnection answer) {
    try (InputStream body =
        answer.getErrorStream() == null ? answer.getInputStream() : answer.getErrorStream()) {
      return body.readNBytes(MAX_ANSWER_BYTES);
    } catch (IOException e) {
      return new byte[0];
    }
  }
}
