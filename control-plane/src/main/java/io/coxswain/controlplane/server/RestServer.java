package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ComponentStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.audit.AuditLog;
import io.coxswain.controlplane.audit.Trail;
import io.coxswain.controlplane.authn.Authenticator;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.Handler;
import io.coxswain.controlplane.edge.Query;
import io.coxswain.controlplane.fairness.Fairness;
import io.coxswain.controlplane.fairness.Flow;
import io.coxswain.controlplane.fairness.Seat;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.registry.WriteOptions;
import io.coxswain.controlplane.table.IncludeObject;
import io.coxswain.controlplane.table.Tables;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every request's way: who, what, may they, and then the verb.
public final class RestServer implements Handler {

  private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);

  /// What no request takes longer than, but for watches and streams.
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static final RequestInfo NOTHING =
      new RequestInfo(false, "/", "", "", "", "", "", "", "", List.of(), "");

  private static final User NOBODY = new User("", List.of());

  private final Authenticator authenticator;
  private final ApiPipeline pipeline;
  private final ResourceVerbs verbs;
  private final Reviews reviews;
  private final Measurements measurements;
  private final ComponentHealth components;
  private final PodConnections connections;
  private final ProxyConnections proxies;
  private final ExtensionRequests extensions;
  private final ServerPaths paths;
  private final RequestMetrics metrics;
  private final Encoder encoder = new Encoder();
  private final Bodies bodies = new Bodies();
  private final Tables tables;

  /// How long another server may take to begin an answer, and may be silent in one that goes on.
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private static final Duration STREAM = Duration.ofHours(4);

  public RestServer(
      Authenticator authenticator,
      ApiPipeline pipeline,
      PodConnections connections,
      ProxyConnections proxies,
      ExtensionRequests extensions,
      NodeStatistics statistics,
      ServerPaths paths,
      RequestMetrics metrics,
      Clock clock) {
    this.authenticator = authenticator;
    this.pipeline = pipeline;
    this.verbs = new ResourceVerbs(pipeline);
    this.reviews = new Reviews(pipeline);
    this.measurements = new Measurements(pipeline, statistics);
    this.components = new ComponentHealth(pipeline, paths.health(), clock);
    this.connections = connections;
    this.proxies = proxies;
    this.extensions = extensions;
    this.paths = paths;
    this.metrics = metrics;
    this.tables = new Tables(clock);
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    long start = System.nanoTime();
    String auditId = auditId(exchange);
    Reply reply = new Reply(exchange, encoder, tables, auditId);
    RequestInfo request = NOTHING;
    boolean longRunning = false;
    try {
      Query query = query(exchange);
      reply.asked(query);
      request = RequestInfo.parse(exchange.method(), exchange.path(), query);
      longRunning =
          request.verb().equals("watch")
              || connections.serves(request.subresource())
              || request.isProxied();
      if (HealthChecks.covers(request.path())) {
        reply.follow(trail(exchange, request.attributes(User.ANONYMOUS), auditId));
        paths.health(request, query, reply);
      } else {
        Optional<Duration> deadline = longRunning ? Optional.empty() : Optional.of(deadline(query));
        if (deadline.isPresent()) {
          RequestInfo asked = request;
          exchange.answerWithin(deadline.get(), () -> late(reply, asked, auditId));
        }
        admitted(exchange, request, query, reply, auditId, deadline);
      }
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.Internal) {
        LOG.error("{} {} failed", exchange.method(), exchange.path(), e);
      }
      if (exchange.isAnswered()) {
        LOG.debug("{} {} failed after its answer began", exchange.method(), exchange.path(), e);
        exchange.abort();
      } else {
        reply.error(e.error(), request);
      }
    } catch (IOException e) {
      LOG.debug("{} {}: {}", exchange.method(), exchange.path(), e.getMessage());
      exchange.abort();
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", exchange.method(), exchange.path(), e);
      reply.trail().failed(e);
      if (exchange.isAnswered()) {
        exchange.abort();
      } else {
        reply.error(
            new ApiError.Internal("Internal error occurred: the server's log has the cause"),
            request);
      }
    } finally {
      reply.trail().complete(exchange.status(), longRunning);
      String resource =
          request.subresource().isEmpty()
              ? request.resource()
              : request.resource() + "/" + request.subresource();
      metrics.request(
          request.verb(),
          resource,
          exchange.status(),
          Duration.ofNanos(System.nanoTime() - start),
          longRunning);
    }
  }

  /// As whoever sends the request, or handed it on, calls it.
  private static String auditId(Exchange exchange) {
    String given = exchange.header("audit-id");
    return given.isEmpty() ? UUID.randomUUID().toString() : given;
  }

  /// What the audit log is told of the request.
  private Trail trail(Exchange exchange, Attributes wanted, String auditId) {
    AuditLog audit = pipeline.audit();
    return audit.isOn()
        ? audit.begin(wanted, () -> Arrivals.of(exchange, auditId, audit.now()))
        : Trail.NONE;
  }

  private static Query query(Exchange exchange) {
    try {
      return exchange.query();
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          new ApiError.BadRequest("the query has a malformed escape: " + e.getMessage()), e);
    }
  }

  /// @param deadline of all but requests that go on and on
  private void admitted(
      Exchange exchange,
      RequestInfo request,
      Query query,
      Reply reply,
      String auditId,
      Optional<Duration> deadline)
      throws Exception {
    boolean longRunning = deadline.isEmpty();
    User somebody =
        who(exchange)
            .orElseThrow(() -> {
              stranger(exchange, request, auditId);
              return new ApiException(new ApiError.Unauthorized("Unauthorized"));
            });
    Trail trail = trail(exchange, request.attributes(somebody), auditId);
    reply.follow(trail);
    if (longRunning && trail.isOn()) {
      exchange.onAnswer(trail::started);
    }
    User user = seen(exchange, somebody, trail);
    Attributes wanted = request.attributes(user);
    if (longRunning && !request.verb().equals("watch")) {
      pipeline.authorize(wanted, trail);
      longRunning(exchange, user, request, query, reply);
      return;
    }
    Flow flow = pipeline.flow(wanted);
    reply.in(flow);
    Duration patience = deadline.map(time -> time.dividedBy(4)).orElse(Fairness.PATIENCE);
    try (Seat seat = pipeline.enter(flow, wanted, query::first, patience, exchange::onEnd)) {
      pipeline.authorize(wanted, trail);
      if (longRunning) {
        // A watch works while it begins; after that it mostly waits.
        reply.whenOpened(seat::close);
        longRunning(exchange, user, request, query, reply);
      } else {
        route(exchange, user, request, query, reply);
      }
    }
  }

  private void stranger(Exchange exchange, RequestInfo request, String auditId) {
    AuditLog audit = pipeline.audit();
    if (audit.isOn()) {
      audit.stranger(
          request.attributes(NOBODY),
          () -> Arrivals.of(exchange, auditId, audit.now()),
          Arrivals.failure(exchange));
    }
  }

  private void longRunning(
      Exchange exchange, User user, RequestInfo request, Query query, Reply reply)
      throws Exception {
    metrics.longRunning(1);
    try {
      route(exchange, user, request, query, reply);
    } finally {
      metrics.longRunning(-1);
    }
  }

  /// How long the request may take: what it asks for, and no longer than the server has it.
  private static Duration deadline(Query query) {
    String asked = query.first("timeout");
    if (asked.isEmpty()) {
      return LONGEST;
    }
    Duration time =
        Times.parseDuration(asked)
            .filter(one -> !one.isNegative())
            .orElseThrow(() ->
                new ApiException(
                    new ApiError.BadRequest("invalid timeout specified in the request URL")));
    return time.isZero() || time.compareTo(LONGEST) > 0 ? LONGEST : time;
  }

  /// Answers in the place of whoever is still at work on the request.
  private void late(Reply other, RequestInfo request, String auditId) {
    Exchange exchange = other.exchange();
    try {
      Reply reply = new Reply(exchange, encoder, tables, auditId);
      reply.follow(other.trail());
      reply.error(
          new ApiError.Timeout("Timeout: request did not complete within the allotted timeout"),
          request);
    } catch (IOException e) {
      LOG.debug("{} {}: {}", exchange.method(), exchange.path(), e.getMessage());
    }
  }

  /// Who can open the machine's own socket can read the administrator's key as well.
  private Optional<User> who(Exchange exchange) {
    return exchange.isLocal()
        ? Optional.of(User.ADMINISTRATOR)
        : authenticator.authenticate(exchange.peerCertificates(), exchange.header("authorization"));
  }

  /// As whom the request asks to be seen, if its sender may.
  private User seen(Exchange exchange, User somebody, Trail trail) {
    Optional<Impersonation> wanted = Impersonation.of(exchange.headers());
    if (wanted.isEmpty()) {
      return somebody;
    }
    wanted.get().needed(somebody).forEach(pipeline::authorize);
    User other = wanted.get().seen();
    trail.impersonated(other);
    return other;
  }

  private void route(Exchange exchange, User user, RequestInfo request, Query query, Reply reply)
      throws Exception {
    Optional<RequestInfo.Api> api = handedOn(exchange.path());
    if (api.isPresent()) {
      boolean quick = request.subresource().isEmpty() && !request.verb().equals("watch");
      boolean upgrade = exchange.headers().contains("upgrade");
      extensions.serve(
          exchange,
          user,
          api.get().group(),
          api.get().version(),
          quick && !upgrade ? ANSWER : STREAM,
          reply.headers());
      return;
    }
    if (!request.isResource()) {
      paths.serve(request, reply);
      return;
    }
    ResourceType<?> type =
        pipeline
            .catalog()
            .find(request.group(), request.version(), request.resource())
            .orElseThrow(RestServer::unknownPath);
    boolean inNamespace = !request.namespace().isEmpty();
    if ((inNamespace && !type.namespaced())
        || (!request.subresource().isEmpty()
            && !type.subresources().contains(request.subresource()))) {
      throw unknownPath();
    }
    if (request.isProxied()) {
      proxy(exchange, user, request, type, reply);
      return;
    }
    if (connections.serves(request.subresource())) {
      connect(exchange, user, request, type, reply);
      return;
    }
    checkMethod(request, type);
    RequestOptions options = options(query, reply);
    if (type.createOnly()) {
      review(exchange, user, request, type, options, reply);
      return;
    }
    if (type.prototype() instanceof ComponentStatus) {
      components.handle(request, type, options, reply);
      return;
    }
    if (type.readOnly()) {
      measurements.handle(user, request, type, options, reply);
      return;
    }
    verbs.handle(user, request, type, options, reply);
  }

  /// The version of a group that the path is of, if another server answers it.
  private Optional<RequestInfo.Api> handedOn(String path) {
    return RequestInfo.Api.of(path).filter(api -> extensions.serves(api.group(), api.version()));
  }

  private static void checkMethod(RequestInfo request, ResourceType<?> type) {
    boolean named = !request.name().isEmpty();
    boolean scoped = !type.namespaced() || !request.namespace().isEmpty();
    boolean ofPart = !request.subresource().isEmpty();
    boolean placed =
        switch (request.verb()) {
          case "get", "update", "patch", "delete" -> named && scoped;
          case "create" -> scoped && named == ofPart;
          case "deletecollection" -> scoped;
          default -> true;
        };
    boolean allowed =
        placed
            && (ofPart ? Discovery.verbsOf(request.subresource()) : Discovery.verbs(type))
                .contains(request.verb());
    if (!allowed) {
      throw ResourceVerbs.methodNotAllowed();
    }
  }

  private void connect(
      Exchange exchange, User user, RequestInfo request, ResourceType<?> type, Reply reply)
      throws Exception {
    boolean method = request.verb().equals("get") || request.verb().equals("create");
    if (!method || (request.verb().equals("create") && request.subresource().equals("log"))) {
      throw ResourceVerbs.methodNotAllowed();
    }
    Message object =
        pipeline.readFor(user, Target.of(type, request.namespace(), request.name())).message();
    if (!(object instanceof Pod pod)) {
      throw unknownPath();
    }
    Optional<Message> how = ConnectOptions.of(request.subresource(), exchange.query());
    if (how.isPresent()) {
      admitConnection(user, request, type, how.get(), reply);
    }
    connections.serve(exchange, pod, request.subresource(), reply::open);
  }

  private void admitConnection(
      User user, RequestInfo request, ResourceType<?> type, Message how, Reply reply) {
    Target part = new Target(type, request.namespace(), request.name(), request.subresource());
    WriteOptions options = new RequestOptions(Map.of(), reply.trail().notes()).write("Connect", "");
    try {
      pipeline.connect(user, part, how, options);
    } finally {
      reply.warn(options.notes().warnings());
    }
  }

  private void proxy(
      Exchange exchange, User user, RequestInfo request, ResourceType<?> type, Reply reply)
      throws IOException {
    if (request.namespace().isEmpty() == type.namespaced()) {
      throw unknownPath();
    }
    String path = exchange.path();
    int end = request.endOfSubresource(path);
    admitConnection(user, request, type, ConnectOptions.ofProxy(type, path.substring(end)), reply);
    proxies.serve(
        exchange,
        new ProxyConnections.Request(
            type,
            request.namespace(),
            request.name(),
            path.substring(0, end),
            path.substring(end),
            reply.headers()));
  }

  private void review(
      Exchange exchange,
      User user,
      RequestInfo request,
      ResourceType<?> type,
      RequestOptions options,
      Reply reply)
      throws IOException {
    Negotiation form = Negotiation.ofQuestion(exchange.header("accept"));
    Decoded<? extends Message> body =
        bodies.object(
            exchange.body(),
            exchange.header("content-type"),
            type.prototype(),
            options.strictness("Create"));
    reply.warn(body.warnings());
    reply.trail().request(body.message());
    Message answer =
        body.message() instanceof io.coxswain.api.core.v1.Binding binding
            ? bind(user, request, binding, options, exchange)
            : reviews.answer(user, type, body.message());
    reply.object(201, form, type, answer, IncludeObject.NONE);
  }

  /// A Binding may be posted by itself as well as to its pod.
  private Message bind(
      User user,
      RequestInfo request,
      io.coxswain.api.core.v1.Binding binding,
      RequestOptions options,
      Exchange exchange) {
    WriteOptions write = options.write("Create", exchange.header("user-agent"));
    Target pod =
        Target.of(
            ResourceType.of(Pod.class), request.namespace(), ObjectMetas.read(binding).getName());
    return pipeline.create(user, pod.part("binding"), binding, write).object();
  }

  private static RequestOptions options(Query query, Reply reply) {
    Map<String, String> first = new HashMap<>();
    query.parameters().forEach((name, values) -> first.put(name, values.getFirst()));
    return new RequestOptions(first, reply.trail().notes());
  }

  static ApiException unknownPath() {
    return new ApiException(
        new ApiError.NotFound("", "", "", "the server could not find the requested resource"));
  }

  /// What is handed on may be as large as whoever gets it will take.
  @Override
  public boolean streams(String method, String path) {
    try {
      return handedOn(path).isPresent()
          || (path.contains("/proxy") && RequestInfo.parse(method, path, Query.EMPTY).isProxied());
    } catch (ApiException e) {
      return false; // it is refused in a moment
    }
  }

  @Override
  public byte[] refusal(int status, String message) {
    ApiError error =
        switch (status) {
          case 413 -> new ApiError.TooLarge(message);
          case 500 -> new ApiError.Internal("Internal error occurred: " + message);
          default -> new ApiError.BadRequest(message);
        };
    return encoder.json(Statuses.of(error).toBuilder().setCode(status).build());
  }

  @Override
  public String refusalContentType() {
    return "application/json";
  }
}
