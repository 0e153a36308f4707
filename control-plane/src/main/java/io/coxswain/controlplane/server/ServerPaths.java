package io.coxswain.controlplane.server;

import io.coxswain.controlplane.authn.ServiceAccountTokens;
import io.coxswain.controlplane.edge.Query;
import io.coxswain.controlplane.openapi.MergedOpenApi;
import io.coxswain.controlplane.openapi.OpenApi;
import io.coxswain.controlplane.registry.Catalog;
import io.coxswain.controlplane.server.ExtensionRequests.Extension;
import io.coxswain.schema.Schema;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What the server says about itself: discovery, OpenAPI, version, health, metrics.
public final class ServerPaths {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String ISSUER = "/.well-known/openid-configuration";
  private static final String SLIS = "/metrics/slis";
  private static final String KEYS = "/openid/v1/jwks";

  /// What is said of one catalog: made anew when another one has taken its place.
  private record Documents(
      Catalog catalog,
      List<Extension> extensions,
      Discovery discovery,
      OpenApi openApi,
      MergedOpenApi merged) {
    static Documents of(Catalog catalog, List<Extension> extensions) {
      return of(catalog, extensions, new OpenApi(Schema.api(), catalog.custom()));
    }

    /// The same kinds with other extensions: what is known of the kinds is kept.
    Documents with(List<Extension> others) {
      return of(catalog, others, openApi);
    }

    private static Documents of(Catalog catalog, List<Extension> extensions, OpenApi openApi) {
      List<JsonNode> others =
          extensions.stream()
              .map(Extension::swagger)
              .filter(swagger -> !swagger.isMissingNode())
              .toList();
      Discovery discovery = new Discovery(catalog, extensions);
      MergedOpenApi merged = new MergedOpenApi(openApi, others);
      return new Documents(catalog, extensions, discovery, openApi, merged);
    }
  }

  private final Supplier<Catalog> catalog;
  private final ExtensionRequests extensions;
  private volatile Documents documents;
  private final HealthChecks health;
  private final Supplier<String> metrics;
  private final byte[] version;
  private final ServiceAccountTokens tokens;

  /// @param metrics the present figures in Prometheus' text form
  /// @param catalog every kind that is served now
  /// @param extensions what other servers answer
  /// @param tokens whose keys relying parties fetch here (OpenID Connect Discovery 1.0)
  public ServerPaths(
      HealthChecks health,
      Supplier<String> metrics,
      Supplier<Catalog> catalog,
      ExtensionRequests extensions,
      ServiceAccountTokens tokens) {
    this.catalog = catalog;
    this.extensions = extensions;
    this.documents = Documents.of(catalog.get(), extensions.all());
    this.tokens = tokens;
    this.health = health;
    this.metrics = metrics;
    this.version = JSON.writeValueAsBytes(version());
  }

  HealthChecks health() {
    return health;
  }

  private Documents documents() {
    Documents known = documents;
    Catalog now = catalog.get();
    List<Extension> others = extensions.all();
    if (known.catalog() != now) {
      known = Documents.of(now, others);
      documents = known;
    } else if (!known.extensions().equals(others)) {
      known = known.with(others);
      documents = known;
    }
    return known;
  }

  private static ObjectNode version() {
    return JSON.createObjectNode()
        .put("major", Version.MAJOR)
        .put("minor", Version.MINOR)
        .put("gitVersion", Version.GIT)
        .put("gitCommit", "")
        .put("gitTreeState", "clean")
        .put("buildDate", "1970-01-01T00:00:00Z")
        .put("goVersion", "java" + Runtime.version().feature())
        .put("compiler", "javac")
        .put("platform", "linux/" + platform());
  }

  private ObjectNode issuer() {
    ObjectNode issuer =
        JSON.createObjectNode()
            .put("issuer", tokens.issuer())
            .put("jwks_uri", tokens.issuer() + KEYS);
    issuer.putArray("response_types_supported").add("id_token");
    issuer.putArray("subject_types_supported").add("public");
    issuer.putArray("id_token_signing_alg_values_supported").add("ES256");
    return issuer;
  }

  private static String platform() {
    String architecture = System.getProperty("os.arch", "unknown");
    return architecture.equals("aarch64") ? "arm64" : architecture;
  }

  void health(RequestInfo request, Query query, Reply reply) throws IOException {
    if (!request.verb().equals("get") && !request.verb().equals("head")) {
      throw ResourceVerbs.methodNotAllowed();
    }
    HealthChecks.Report report = health.report(request.path(), Set.copyOf(query.all("exclude")));
    switch (report.health()) {
      case HEALTHY -> reply.text(200, query.has("verbose") ? report.text() : "ok");
      case FAILED -> reply.text(500, report.text());
      case UNKNOWN_CHECK -> throw RestServer.unknownPath();
    }
  }

  void serve(RequestInfo request, Reply reply) throws IOException {
    String path = request.path();
    boolean known = path.equals("/") || known(path);
    if (!known) {
      throw RestServer.unknownPath();
    }
    if (!request.verb().equals("get") && !request.verb().equals("head")) {
      throw ResourceVerbs.methodNotAllowed();
    }
    switch (path) {
      case "/" -> reply.json(200, index());
      case "/version" -> reply.json(200, version);
      case "/metrics" ->
          reply.typed(200, "text/plain; version=0.0.4; charset=utf-8", Encoder.utf8(metrics.get()));
      case SLIS ->
          reply.typed(
              200, "text/plain; version=0.0.4; charset=utf-8", Encoder.utf8(health.figures()));
      case "/openapi/v2" -> reply.typed(200, "application/json", documents().merged().v2());
      case ISSUER -> reply.json(200, JSON.writeValueAsBytes(issuer()));
      case KEYS ->
          reply.typed(200, "application/jwk-set+json", JSON.writeValueAsBytes(tokens.publicKeys()));
      default -> {
        Optional<byte[]> v3 = documents().openApi().v3(path);
        if (v3.isPresent()) {
          byte[] document = path.equals("/openapi/v3") ? withExtensions(v3.get()) : v3.get();
          reply.typed(200, "application/json", document);
        } else {
          discovery(path, reply);
        }
      }
    }
  }

  /// The index with the documents of other servers, which these answer themselves.
  private byte[] withExtensions(byte[] index) {
    List<Extension> others = documents().extensions();
    if (others.isEmpty()) {
      return index;
    }
    ObjectNode root = (ObjectNode) JSON.readTree(index);
    for (Extension extension : others) {
      String name = "apis/" + extension.group() + "/" + extension.version();
      if (extension.openApi().isEmpty()) {
        root.withObject("/paths").remove(name);
      } else {
        root.withObject("/paths").putObject(name).put("serverRelativeURL", extension.openApi());
      }
    }
    return JSON.writeValueAsBytes(root);
  }

  private boolean known(String path) {
    return path.equals("/version")
        || path.equals("/metrics")
        || path.equals(SLIS)
        || path.equals("/openapi/v2")
        || path.equals(ISSUER)
        || path.equals(KEYS)
        || documents().openApi().v3(path).isPresent()
        || documents().discovery().document(path).isPresent();
  }

  private void discovery(String path, Reply reply) throws IOException {
    String version = Discovery.aggregatedVersion(reply.exchange().header("accept"));
    Optional<byte[]> all =
        version.isEmpty() ? Optional.empty() : documents().discovery().aggregated(path, version);
    if (all.isPresent()) {
      reply.typed(200, Discovery.AGGREGATED.formatted(version), all.get());
      return;
    }
    reply.json(200, documents().discovery().document(path).orElseThrow(RestServer::unknownPath));
  }

  private byte[] index() {
    TreeSet<String> paths = new TreeSet<>(Set.of("/healthz", "/livez", "/readyz", ISSUER, KEYS));
    paths.addAll(Set.of("/metrics", SLIS, "/openapi/v2", "/openapi/v3", "/version"));
    paths.addAll(documents().discovery().paths());
    ObjectNode root = JSON.createObjectNode();
    paths.forEach(root.putArray("paths")::add);
    return JSON.writeValueAsBytes(root);
  }
}
