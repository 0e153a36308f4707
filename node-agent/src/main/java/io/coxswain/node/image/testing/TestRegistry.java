package io.coxswain.node.image.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A registry on 127.0.0.1 with a port of its own, empty at first, gone when closed. A user and
/// password are asked for when given.
public final class TestRegistry implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration START = Duration.ofSeconds(30);

  private final Process process;
  private final int port;
  private final String authorization;

  private TestRegistry(Process process, int port, String authorization) {
    this.process = process;
    this.port = port;
    this.authorization = authorization;
  }

  /// @param folder for its data; the caller deletes it
  /// @throws IOException when Debian's `docker-registry` is not installed or does not start
  public static TestRegistry start(Path folder) throws IOException, InterruptedException {
    return start(folder, "", "");
  }

  public static TestRegistry start(Path folder, String user, String password)
      throws IOException, InterruptedException {
    int port = freePort();
    StringBuilder config =
        new StringBuilder(
            """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:%d"}
            """
                .formatted(folder.resolve("data"), port));
    String authorization = "";
    if (!user.isEmpty()) {
      String hash = OpenBSDBCrypt.generate("2y", password.toCharArray(), new byte[16], 4);
      Files.writeString(folder.resolve("htpasswd"), user + ":" + hash + "\n");
      config.append(
          "auth: {htpasswd: {realm: test, path: %s}}\n".formatted(folder.resolve("htpasswd")));
      String both = user + ":" + password;
      authorization =
          "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }
    Path file = folder.resolve("config.yml");
    Files.writeString(file, config);
    Process process =
        new ProcessBuilder("docker-registry", "serve", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    TestRegistry registry = new TestRegistry(process, port, authorization);
    registry.awaitStart(folder.resolve("log"));
    return registry;
  }

  /// As it stands in image names.
  public String host() {
    return "127.0.0.1:" + port;
  }

  /// @return the image's name to pull
  public String push(String repository, String tag, BuiltImage image) throws IOException {
    pushBlobs(repository, image);
    putManifest(repository, tag, image.manifestType(), image.manifest());
    return host() + "/" + repository + ":" + tag;
  }

  /// Pushes one image for each architecture under one tag.
  ///
  /// @param images by Go's name of the architecture
  public String pushIndex(String repository, String tag, Map<String, BuiltImage> images)
      throws IOException {
    ObjectNode index =
        JSON.createObjectNode()
            .put("schemaVersion", 2)
            .put("mediaType", "application/vnd.oci.image.index.v1+json");
    ArrayNode manifests = index.putArray("manifests");
    for (Map.Entry<String, BuiltImage> image : images.entrySet()) {
      pushBlobs(repository, image.getValue());
      byte[] manifest = ImageBuilder.utf8(image.getValue().manifest());
      String digest = ImageBuilder.digest(manifest);
      putManifest(repository, digest, image.getValue().manifestType(), image.getValue().manifest());
      ObjectNode entry =
          manifests
              .addObject()
              .put("mediaType", image.getValue().manifestType())
              .put("digest", digest)
              .put("size", manifest.length);
      entry.putObject("platform").put("os", "linux").put("architecture", image.getKey());
    }
    putManifest(repository, tag, "application/vnd.oci.image.index.v1+json", index.toString());
    return host() + "/" + repository + ":" + tag;
  }

  public void putManifest(String repository, String tag, String type, String manifest)
      throws IOException {
    send(
        "PUT",
        "/v2/%s/manifests/%s".formatted(repository, tag),
        type,
        ImageBuilder.utf8(manifest),
        201);
  }

  private void pushBlobs(String repository, BuiltImage image) throws IOException {
    for (Map.Entry<String, byte[]> blob : image.blobs().entrySet()) {
      HttpURLConnection started =
          send("POST", "/v2/%s/blobs/uploads/".formatted(repository), "", new byte[0], 202);
      String location = started.getHeaderField("Location");
      String path = URI.create("http://" + host()).resolve(location).toString();
      String separator = path.contains("?") ? "&" : "?";
      send(
          "PUT",
          path + separator + "digest=" + blob.getKey(),
          "application/octet-stream",
          blob.getValue(),
          201);
    }
  }

  private HttpURLConnection send(
      String method, String path, String type, byte[] content, int expected) throws IOException {
    URI uri = URI.create("http://" + host()).resolve(path);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestMethod(method);
    if (!type.isEmpty()) {
      connection.setRequestProperty("Content-Type", type);
    }
    if (!authorization.isEmpty()) {
      connection.setRequestProperty("Authorization", authorization);
    }
    if (!method.equals("GET")) {
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(content.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(content);
      }
    }
    int status = connection.getResponseCode();
    if (status != expected) {
      String said =
          connection.getErrorStream() == null
              ? ""
              : new String(connection.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      throw new IOException("%s %s: %d %s".formatted(method, path, status, said));
    }
    return connection;
  }

  private void awaitStart(Path log) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(START);
    while (true) {
      try {
        URI uri = URI.create("http://" + host() + "/v2/");
        int status = ((HttpURLConnection) uri.toURL().openConnection()).getResponseCode();
        if (status == 200 || status == 401) {
          return;
        }
      } catch (ConnectException e) {
        // not yet
      }
      if (!process.isAlive() || Instant.now().isAfter(end)) {
        List<String> lines = Files.readAllLines(log);
        close();
        throw new IOException("docker-registry does not start: " + lines);
      }
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// Ends the process at once; images are gone with the folder.
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
