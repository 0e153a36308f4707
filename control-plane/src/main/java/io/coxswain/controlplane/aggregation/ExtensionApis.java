package io.coxswain.controlplane.aggregation;

import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.proxy.Outgoing;
import io.coxswain.controlplane.proxy.Passage;
import io.coxswain.controlplane.proxy.ReverseProxy;
import io.coxswain.controlplane.proxy.ServicePlaces;
import io.coxswain.controlplane.proxy.Upstream;
import io.coxswain.controlplane.proxy.UpstreamFetch;
import io.coxswain.controlplane.server.ExtensionRequests;
import io.coxswain.controlplane.stream.Dialer;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// The APIServices that name a Service. Follows them by a watch, checks their servers, and hands
/// requests on. Writes their condition `Available`, as every server of the cluster does: each asks
/// for itself, since it is itself that has to reach them.
public final class ExtensionApis implements ExtensionRequests, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ExtensionApis.class);
  private static final JsonMapper JSON = new JsonMapper();

  /// For one question to a server.
  private static final Duration CHECK = Duration.ofSeconds(5);

  private static final Duration AGAIN_WELL = Duration.ofSeconds(10);
  private static final Duration AGAIN_ILL = Duration.ofSeconds(1);

  /// A version of a group, its server, and what that last said.
  private record Known(APIService service, @Nullable ExtensionServer server, Extension told) {}

  /// What came of one check.
  private record Checked(Verdict verdict, Content content) {
    static Checked failed(String why, Extension last) {
      return new Checked(Verdict.failed("FailedDiscoveryCheck", why), Content.of(last));
    }
  }

  /// What a server says that it has.
  private record Content(JsonNode resources, String openApi, JsonNode swagger) {
    static Content of(Extension told) {
      return new Content(told.resources(), told.openApi(), told.swagger());
    }
  }

  private final ServicePlaces services;
  private final Dialer dialer;
  private final ReverseProxy proxy;
  private final KeyManager key;
  private final Clock clock;
  private final Map<ApiVersion, Known> known = new ConcurrentHashMap<>();
  private final Map<ApiVersion, Boolean> checking = new ConcurrentHashMap<>();
  private final Map<ApiVersion, Long> checkedAt = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Semaphore changed = new Semaphore(0);
  private volatile List<Extension> all = List.of();
  private volatile @Nullable Informer<APIService> informer;
  private volatile @Nullable ApiClient client;
  private volatile @Nullable Thread loop;

  /// @param key of the certificate that servers believe (the front proxy's)
  public ExtensionApis(
      ServicePlaces services, Dialer dialer, ReverseProxy proxy, KeyManager key, Clock clock) {
    this.services = services;
    this.dialer = dialer;
    this.proxy = proxy;
    this.key = key;
    this.clock = clock;
  }

  /// Blocks until every APIService is known.
  ///
  /// @return whether that was in time
  public boolean start(ApiClient api, Duration patience) throws InterruptedException {
    client = api;
    Informer<APIService> started =
        Informer.of(api.resources(APIService.class), ListOptions.ALL)
            .addHandler(Handler.each(_ -> changed.release()))
            .start();
    informer = started;
    boolean synced = started.awaitSync(patience);
    loop = Thread.ofVirtual().name("extension-checks").start(this::run);
    return synced;
  }

  @Override
  public List<Extension> all() {
    return all;
  }

  @Override
  public boolean serves(String group, String version) {
    return known.containsKey(new ApiVersion(group, version));
  }

  @Override
  public void serve(
      Exchange exchange,
      User user,
      String group,
      String version,
      Duration patience,
      Map<String, String> added)
      throws IOException {
    Known entry = known.get(new ApiVersion(group, version));
    if (entry == null || entry.server() == null || !entry.told().available()) {
      throw new ApiException(new ApiError.Unavailable("service unavailable"));
    }
    Upstream upstream = entry.server().upstream(services, dialer);
    HttpHeaders headers = Outgoing.headers(exchange);
    headers.set("Host", upstream.authority());
    Identity.put(headers, user);
    // Documents are asked for by their hash, which a server may answer with another address.
    boolean document = exchange.path().startsWith("/openapi/");
    String query = exchange.rawQuery().isEmpty() || document ? "" : "?" + exchange.rawQuery();
    try {
      proxy.pass(
          exchange,
          upstream,
          new Passage(exchange.path() + query, headers, Optional.empty(), false, patience, added));
    } catch (ApiException e) {
      checkedAt.remove(new ApiVersion(group, version)); // whether it is still there is asked now
      changed.release();
      throw e;
    }
  }

  private void run() {
    try {
      while (true) {
        follow();
        known.forEach((version, entry) -> checkSoon(version, entry));
        boolean ill = known.values().stream().anyMatch(entry -> !entry.told().available());
        if (known.isEmpty()) {
          changed.acquire();
        } else {
          var _ =
              changed.tryAcquire((ill ? AGAIN_ILL : AGAIN_WELL).toMillis(), TimeUnit.MILLISECONDS);
        }
        changed.drainPermits();
      }
    } catch (InterruptedException e) {
      LOG.debug("extension checks end");
    }
  }

  /// Brings what is known in step with the objects.
  private void follow() {
    Informer<APIService> source = informer;
    if (source == null) {
      return;
    }
    Map<ApiVersion, APIService> wanted = new ConcurrentHashMap<>();
    for (APIService service : source.list()) {
      if (service.getSpec().hasService()) {
        wanted.put(version(service), service);
      }
    }
    known.keySet().removeIf(version -> !wanted.containsKey(version));
    checkedAt.keySet().removeIf(version -> !wanted.containsKey(version));
    wanted.forEach(
        (version, service) -> known.compute(version, (_, before) -> entry(service, before)));
    publish();
  }

  private static ApiVersion version(APIService service) {
    return new ApiVersion(service.getSpec().getGroup(), service.getSpec().getVersion());
  }

  private Known entry(APIService service, @Nullable Known before) {
    if (before != null && before.server() != null && before.server().isOf(service)) {
      Extension told = before.told();
      return new Known(service, before.server(), told(service, told.available(), Content.of(told)));
    }
    JsonNode resources = before == null ? MissingNode.getInstance() : before.told().resources();
    return new Known(
        service,
        server(service),
        told(service, false, new Content(resources, "", MissingNode.getInstance())));
  }

  private @Nullable ExtensionServer server(APIService service) {
    try {
      return new ExtensionServer(service, key);
    } catch (IOException e) {
      LOG.debug("APIService {}: {}", service.getMetadata().getName(), e.getMessage());
      return null;
    }
  }

  private static Extension told(APIService service, boolean available, Content content) {
    return new Extension(
        service.getSpec().getGroup(),
        service.getSpec().getVersion(),
        service.getSpec().getGroupPriorityMinimum(),
        service.getSpec().getVersionPriority(),
        available,
        content.resources(),
        content.openApi(),
        content.swagger());
  }

  /// Others compare by identity: the list stays the same as long as its content does.
  private synchronized void publish() {
    List<Extension> now =
        known.values().stream()
            .map(Known::told)
            .sorted(Comparator.comparing(Extension::group).thenComparing(Extension::version))
            .toList();
    if (!now.equals(all)) {
      all = now;
      listeners.forEach(Runnable::run);
    }
  }

  /// Has something called after each change of [#all], which must not block; for good.
  void onChange(Runnable action) {
    listeners.add(action);
  }

  /// The way to the server of a version.
  ///
  /// @throws ApiException with Unavailable when it does not answer now
  Upstream upstream(String group, String version) {
    Known entry = known.get(new ApiVersion(group, version));
    if (entry == null || entry.server() == null || !entry.told().available()) {
      throw new ApiException(
          new ApiError.Unavailable("the server of " + group + "/" + version + " does not answer"));
    }
    return entry.server().upstream(services, dialer);
  }

  /// A server that is slow to answer holds up its own check only.
  private void checkSoon(ApiVersion version, Known entry) {
    Long last = checkedAt.get(version);
    boolean fresh = last != null && System.nanoTime() - last < AGAIN_WELL.toNanos() / 2;
    if (entry.told().available() && fresh) {
      return;
    }
    if (checking.putIfAbsent(version, true) == null) {
      checkedAt.put(version, System.nanoTime());
      Thread.ofVirtual()
          .name("extension-check")
          .start(() -> {
            try {
              check(version, entry);
            } catch (RuntimeException e) {
              LOG.warn("The server of {} could not be checked", version.path(), e);
            } finally {
              checking.remove(version);
            }
          });
    }
  }

  private void check(ApiVersion version, Known entry) {
    Checked checked = checked(version, entry);
    known.computeIfPresent(
        version,
        (_, now) ->
            now.server() == entry.server()
                ? new Known(
                    now.service(),
                    now.server(),
                    told(now.service(), checked.verdict().available(), checked.content()))
                : now);
    publish();
    write(entry.service(), checked.verdict());
  }

  /// What a server did not say this time is what it said last.
  private Checked checked(ApiVersion version, Known entry) {
    Extension last = entry.told();
    ExtensionServer server = entry.server();
    if (server == null) {
      return Checked.failed("its caBundle holds no certificates", last);
    }
    Optional<Verdict> missing = server.missing(services);
    if (missing.isPresent()) {
      return new Checked(missing.get(), Content.of(last));
    }
    try {
      Upstream upstream = server.upstream(services, dialer);
      JsonNode fresh = ask(upstream, version.path(), last.available() ? 3 : 1);
      boolean same = last.available() && fresh.equals(last.resources());
      return new Checked(
          Verdict.PASSED,
          same
              ? Content.of(last)
              : new Content(fresh, openApi(upstream, version), swagger(upstream, version)));
    } catch (IOException e) {
      return Checked.failed(String.valueOf(e.getMessage()), last);
    }
  }

  /// Several times, where one answer that is late or lost is not to count.
  private static JsonNode ask(Upstream upstream, String path, int attempts) throws IOException {
    for (int i = 1; i < attempts; i++) {
      try {
        return ask(upstream, path);
      } catch (IOException e) {
        LOG.debug("{} is asked again: {}", path, e.getMessage());
      }
    }
    return ask(upstream, path);
  }

  private static JsonNode ask(Upstream upstream, String path) throws IOException {
    String url = "https://" + upstream.authority() + path;
    HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    headers.set("Accept", "application/json");
    headers.set("User-Agent", "coxswain");
    Identity.put(headers, Identity.CHECKER);
    try {
      UpstreamFetch answer = UpstreamFetch.get(upstream, path, headers, CHECK);
      if (answer.status() / 100 != 2) {
        throw new IOException("bad status from " + url + ": " + answer.status());
      }
      return JSON.readTree(answer.body().toByteArray());
    } catch (IOException | JacksonException e) {
      throw new IOException("failing or missing response from " + url + ": " + e.getMessage(), e);
    }
  }

  /// Where the server says its document is; nothing when it has none.
  private static String openApi(Upstream upstream, ApiVersion version) {
    try {
      return ask(upstream, "/openapi/v3")
          .path("paths")
          .path(version.path().substring(1))
          .path("serverRelativeURL")
          .asString("");
    } catch (IOException e) {
      LOG.debug("no OpenAPI 3 of {}: {}", version.path(), e.getMessage());
      return "";
    }
  }

  /// What its document of OpenAPI 2 says of the version; missing when it has none.
  private static JsonNode swagger(Upstream upstream, ApiVersion version) {
    try {
      return Swagger.of(ask(upstream, "/openapi/v2"), version);
    } catch (IOException e) {
      LOG.debug("no OpenAPI 2 of {}: {}", version.path(), e.getMessage());
      return MissingNode.getInstance();
    }
  }

  private void write(APIService seen, Verdict verdict) {
    ApiClient api = client;
    if (api == null || verdict.isIn(seen)) {
      return;
    }
    try {
      Optional<APIService> now =
          api.resources(APIService.class).find("", seen.getMetadata().getName());
      if (now.isPresent() && now.get().getSpec().hasService() && !verdict.isIn(now.get())) {
        APIService _ =
            api.resources(APIService.class).updateStatus(verdict.in(now.get(), clock.instant()));
      }
    } catch (ApiException e) {
      if (!e.isNotFound() && !e.isConflict()) {
        LOG.warn("APIService {}: {}", seen.getMetadata().getName(), e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    Thread running = loop;
    if (running != null) {
      running.interrupt();
    }
    Informer<APIService> source = informer;
    if (source != null) {
      source.close();
    }
  }
}
