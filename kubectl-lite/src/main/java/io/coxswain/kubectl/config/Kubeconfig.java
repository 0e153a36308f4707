package io.coxswain.kubectl.config;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The kubeconfig files in force, the first of which wins where two define the same name.
public final class Kubeconfig {

  /// Where to connect, and as whom.
  ///
  /// @param authority PEM of the CA; empty for the machine's own
  /// @param serverName whom the certificate has to be for; empty for the URL's host
  /// @param certificate PEM, empty where a token or nothing identifies
  /// @param socket where the same server knows who connects as the same user without more, on this
  ///   machine; empty where there is none
  @SuppressWarnings("ArrayRecordComponent") // PEM bytes on their way to the JDK, never compared
  public record Target(
      String context,
      String server,
      String namespace,
      byte[] authority,
      boolean insecure,
      String serverName,
      byte[] certificate,
      byte[] key,
      String token,
      String socket) {}

  /// What the server writes: the name of its note in a cluster's extensions, and of its file.
  private static final String LOCAL = "io.coxswain/local";

  private static final String ADMIN_FILE = "admin.kubeconfig";

  private final List<JsonNode> files;
  private final List<Path> paths;

  private Kubeconfig(List<Path> paths, List<JsonNode> files) {
    this.paths = paths;
    this.files = files;
  }

  /// Reads, in this order: the file named on the command line; those of `KUBECONFIG`;
  /// `~/.kube/config`; this machine's Coxswain cluster.
  ///
  /// @throws Failure when a named file is missing or is no kubeconfig, or none is found at all
  public static Kubeconfig load(String named, Map<String, String> environment) {
    List<Path> paths = candidates(named, environment);
    if (!named.isEmpty() && !Files.isReadable(paths.getFirst())) {
      throw new Failure("error: cannot read the kubeconfig " + named);
    }
    List<JsonNode> files = new ArrayList<>();
    for (Path path : paths) {
      files.add(read(path));
    }
    return new Kubeconfig(paths, files);
  }

  /// Whether a local socket may be named in the files in force: a guess from their names, for who
  /// has to know before they are read.
  public static boolean mayBeLocal(String named, Map<String, String> environment) {
    List<Path> paths = candidates(named, environment);
    return paths.size() == 1 && paths.getFirst().endsWith(ADMIN_FILE);
  }

  private static List<Path> candidates(String named, Map<String, String> environment) {
    KubeconfigPlaces places = KubeconfigPlaces.of(named, environment);
    return places.named() ? places.all() : places.readable();
  }

  static JsonNode read(Path path) {
    try {
      JsonNode node = io.coxswain.kubectl.document.Yaml.one(Files.readAllBytes(path));
      if (!node.isObject()) {
        throw new Failure("error: " + path + " is no kubeconfig: it holds no object");
      }
      return node;
    } catch (IOException e) {
      throw new Failure("error: cannot read the kubeconfig " + path + ": " + e.getMessage());
    }
  }

  public List<Path> paths() {
    return paths;
  }

  public List<JsonNode> files() {
    return files;
  }

  public String currentContext() {
    for (JsonNode file : files) {
      String context = Json.text(file, "current-context");
      if (!context.isEmpty()) {
        return context;
      }
    }
    return "";
  }

  /// @throws Failure saying what is missing and how to give it
  public Target target(Chosen chosen) {
    String server = chosen.server();
    if (files.isEmpty() && server.isEmpty()) {
      throw new Failure(
          "error: no cluster is known: there is no kubeconfig at $KUBECONFIG, ~/.kube/config or Coxswain's own place."
              + "\nStart a cluster (sudo bin/coxswain up), or name a file with --kubeconfig.");
    }
    String name = chosen.context().isEmpty() ? currentContext() : chosen.context();
    if (name.isEmpty() && chosen.cluster().isEmpty() && server.isEmpty()) {
      throw new Failure("error: no current context in " + paths + ": name one with --context");
    }
    JsonNode context =
        name.isEmpty()
            ? Json.object()
            : entry("contexts", "context", name)
                .orElseThrow(() ->
                    new Failure("error: context \"" + name + "\" does not exist in " + paths));
    String userName = chosen.user().isEmpty() ? Json.text(context, "user") : chosen.user();
    JsonNode cluster = cluster(context, chosen);
    JsonNode user = entry("users", "user", userName).orElseGet(Json::object);
    if (!chosen.user().isEmpty() && entry("users", "user", userName).isEmpty()) {
      throw new Failure("error: auth info \"" + userName + "\" does not exist in " + paths);
    }
    if ((user.has("exec") || user.has("auth-provider")) && chosen.token().isEmpty()) {
      throw new Failure(
          "error: user \""
              + userName
              + "\" authenticates by a plugin, which kubectl-lite does not run: use kubectl");
    }
    return new Target(
        name,
        server.isEmpty() ? Json.text(cluster, "server") : server,
        Optional.of(Json.text(context, "namespace"))
            .filter(text -> !text.isEmpty())
            .orElse("default"),
        chosen.authority().isEmpty()
            ? data(cluster, "certificate-authority")
            : readFile(chosen.authority()),
        chosen.insecure() || Json.text(cluster, "insecure-skip-tls-verify").equals("true"),
        chosen.serverName().isEmpty() ? Json.text(cluster, "tls-server-name") : chosen.serverName(),
        chosen.certificate().isEmpty()
            ? data(user, "client-certificate")
            : readFile(chosen.certificate()),
        chosen.key().isEmpty() ? data(user, "client-key") : readFile(chosen.key()),
        chosen.token().isEmpty() ? token(user) : chosen.token(),
        chosen.isAnotherServerOrUser() ? "" : socket(cluster, userName));
  }

  private JsonNode cluster(JsonNode context, Chosen chosen) {
    String name = chosen.cluster().isEmpty() ? Json.text(context, "cluster") : chosen.cluster();
    return entry("clusters", "cluster", name)
        .or(() -> chosen.server().isEmpty() ? Optional.empty() : Optional.of(Json.object()))
        .orElseThrow(
            () -> new Failure("error: cluster \"" + name + "\" does not exist in " + paths));
  }

  /// Only in the very file that the server wrote, and for the user whom it wrote there: on another
  /// machine the same path would lead to another cluster.
  private String socket(JsonNode cluster, String user) {
    for (JsonNode extension : Json.at(cluster, "extensions")) {
      if (paths.size() == 1 && Json.text(extension, "name").equals(LOCAL)) {
        JsonNode local = Json.at(extension, "extension");
        return Json.text(local, "user").equals(user)
                && isSameFile(Json.text(local, "kubeconfig"), paths.getFirst())
            ? Json.text(local, "socket")
            : "";
      }
    }
    return "";
  }

  private static boolean isSameFile(String said, Path read) {
    try {
      return Files.isSameFile(Path.of(said), read);
    } catch (IOException e) {
      return false;
    }
  }

  private Optional<JsonNode> entry(String list, String field, String name) {
    for (JsonNode file : files) {
      for (JsonNode entry : Json.at(file, list)) {
        if (Json.text(entry, "name").equals(name)) {
          return Optional.of(Json.at(entry, field));
        }
      }
    }
    return Optional.empty();
  }

  /// Embedded as `NAME-data`, or a file beside the kubeconfig.
  private byte[] data(JsonNode node, String name) {
    String embedded = Json.text(node, name + "-data");
    if (!embedded.isEmpty()) {
      try {
        return Base64.getMimeDecoder().decode(embedded);
      } catch (IllegalArgumentException e) {
        throw new Failure(
            "error: " + name + "-data in " + paths + " is no base64: " + e.getMessage());
      }
    }
    String file = Json.text(node, name);
    return file.isEmpty() ? new byte[0] : readFile(file);
  }

  private byte[] readFile(String file) {
    Path path =
        paths.isEmpty()
            ? Path.of(file).toAbsolutePath()
            : paths.getFirst().toAbsolutePath().resolveSibling(file);
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new Failure(
          "error: cannot read " + path + ", named in " + paths + ": " + e.getMessage());
    }
  }

  private String token(JsonNode user) {
    String token = Json.text(user, "token");
    String file = Json.text(user, "tokenFile");
    return token.isEmpty() && !file.isEmpty()
        ? new String(readFile(file), java.nio.charset.StandardCharsets.UTF_8).strip()
        : token;
  }
}
