package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Transport;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.audit.AuditLog;
import io.coxswain.controlplane.audit.Trail;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.fairness.Fairness;
import io.coxswain.controlplane.fairness.Seat;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.registry.WriteOptions;
import io.coxswain.controlplane.registry.WriteOptions.Bookkeeping;
import io.coxswain.controlplane.watch.CacheEvent;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Calls of one user, made in this process: for components that run beside the server, and for the
/// gRPC service. The same pipeline and rules as everybody's.
public final class LocalTransport implements Transport {

  private static final String SYSTEM = "system:";
  private static final String NODE = "system:node:";

  private final ApiPipeline pipeline;
  private final Reviews reviews;
  private final User user;
  private final Optional<String> from;

  public LocalTransport(ApiPipeline pipeline, User user) {
    this(pipeline, user, Optional.empty());
  }

  /// @param from the address of who calls; nothing from this process
  public LocalTransport(ApiPipeline pipeline, User user, Optional<String> from) {
    this.pipeline = pipeline;
    this.reviews = new Reviews(pipeline);
    this.user = user;
    this.from = from;
  }

  /// A watch, of which the audit log is told when it ends.
  public record Opened(CacheWatch watch, Trail trail) implements AutoCloseable {
    @Override
    public void close() {
      watch.close();
      trail.complete(200, true);
    }
  }

  @Override
  public Message call(Call call) {
    Attributes wanted = wanted(call, verb(call.verb()));
    Trail trail = trail(call, wanted);
    Message answer =
        told(
            trail,
            () -> {
              RequestOptions options = new RequestOptions(call.options(), trail.notes());
              Target target =
                  new Target(call.type(), call.namespace(), call.name(), call.subresource());
              try (Seat _ = seat(wanted, options)) {
                return answer(call, options, target);
              }
            });
    trail.response(answer);
    trail.complete(call.verb() == Verb.CREATE ? 201 : 200, false);
    return answer;
  }

  private Attributes wanted(Call call, String verb) {
    return new Attributes(
        user,
        verb,
        call.type().group(),
        call.type().version(),
        call.type().plural(),
        call.subresource(),
        call.namespace(),
        call.name(),
        call.options().getOrDefault("fieldSelector", ""),
        "");
  }

  /// Whoever calls from this process or by gRPC is told of like everybody.
  private Trail trail(Call call, Attributes wanted) {
    AuditLog audit = pipeline.audit();
    if (!audit.isOn()) {
      return Trail.NONE;
    }
    boolean watch = wanted.verb().equals("watch");
    Trail trail =
        audit.begin(
            wanted, () -> Arrivals.of(call, watch, component(user.name()), from, audit.now()));
    if (trail.isOn()) {
      trail.decided(pipeline.decide(wanted));
      switch (call.verb()) {
        case CREATE, UPDATE -> trail.request(call.body());
        case DELETE, DELETE_COLLECTION -> {
          if (call.body() instanceof DeleteOptions how) {
            trail.request(how);
          }
        }
        case PATCH -> trail.patch(Encoder.utf8(call.patch().json()));
        case GET, LIST -> {
          // nothing is sent
        }
      }
    }
    return trail;
  }

  /// Does what it is asked to, and tells how it failed if it does.
  private static <T> T told(Trail trail, Supplier<T> work) {
    try {
      return work.get();
    } catch (ApiException e) {
      Status status = Statuses.of(e.error());
      trail.response(status);
      trail.complete(status.getCode(), false);
      throw e;
    } catch (RuntimeException e) {
      trail.failed(e);
      throw e;
    }
  }

  /// Whoever calls from this process or by gRPC is one of many like everybody.
  private Seat seat(Attributes wanted, RequestOptions options) {
    return pipeline.enter(pipeline.flow(wanted), wanted, options::get, Fairness.PATIENCE, _ -> {});
  }

  private static String verb(Verb verb) {
    return switch (verb) {
      case GET -> "get";
      case CREATE -> "create";
      case UPDATE -> "update";
      case PATCH -> "patch";
      case DELETE -> "delete";
      case DELETE_COLLECTION -> "deletecollection";
      case LIST -> "list";
    };
  }

  private Message answer(Call call, RequestOptions options, Target target) {
    return switch (call.verb()) {
      case GET ->
          Subresources.hasOwnMessage(target)
              ? pipeline.readPart(user, target)
              : pipeline.read(user, target, options.get("resourceVersion")).message();
      case CREATE -> create(call, target, write(options, "Create"));
      case UPDATE -> pipeline.update(user, target, call.body(), write(options, "Update")).object();
      case PATCH -> pipeline.patch(user, target, call.patch(), write(options, "Patch")).object();
      case DELETE ->
          pipeline
              .delete(user, target, deleteOptions(call), options.write("Delete", user.name()))
              .object();
      case DELETE_COLLECTION ->
          Encoder.listMessage(
              call.type(),
              pipeline.deleteCollection(
                  user,
                  options.list(call.type(), call.namespace()),
                  deleteOptions(call),
                  options.write("Delete", user.name())));
      case LIST ->
          throw new ApiException(new ApiError.BadRequest("a list is asked for with list()"));
    };
  }

  /// What components make has no books: there is most of it, and nobody else writes it. Where a
  /// person's objects have some, components are entered as everybody is.
  private WriteOptions write(RequestOptions options, String verb) {
    return options.write(verb, component(user.name())).keeping(Bookkeeping.KEEP_UP);
  }

  /// The name that a component has in Kubernetes, too: `kube-scheduler`, `kubelet`.
  private static String component(String user) {
    return user.startsWith(NODE)
        ? "kubelet"
        : user.startsWith(SYSTEM) ? user.substring(SYSTEM.length()) : user;
  }

  private Message create(Call call, Target target, WriteOptions options) {
    if (!call.type().createOnly()) {
      return pipeline.create(user, target, call.body(), options).object();
    }
    if (call.body() instanceof Binding binding) {
      Target pod =
          Target.of(
              ResourceType.of(Pod.class), call.namespace(), ObjectMetas.read(binding).getName());
      return pipeline.create(user, pod.part("binding"), binding, options).object();
    }
    return reviews.answer(user, call.type(), call.body());
  }

  private static DeleteOptions deleteOptions(Call call) {
    return call.body() instanceof DeleteOptions how ? how : DeleteOptions.getDefaultInstance();
  }

  @Override
  public ObjectList<Message> list(Call call) {
    Attributes wanted = wanted(call, "list");
    Trail trail = trail(call, wanted);
    Listing listing =
        told(
            trail,
            () -> {
              RequestOptions options = new RequestOptions(call.options(), trail.notes());
              try (Seat _ = seat(wanted, options)) {
                return pipeline.list(user, options.list(call.type(), call.namespace()));
              }
            });
    trail.response(() -> Reply.size(listing), () -> Encoder.listMessage(call.type(), listing));
    trail.complete(200, false);
    return new ObjectList<>(
        listing.items().stream().map(CachedObject::message).toList(),
        listing.resourceVersion(),
        listing.continueToken());
  }

  @Override
  public Watch<Message> watch(Call call) {
    return new LocalWatch(open(call));
  }

  /// The same watch with its events as the cache has them.
  public Opened open(Call call) {
    Attributes wanted = wanted(call, "watch");
    Trail trail = trail(call, wanted);
    CacheWatch watch =
        told(
            trail,
            () -> {
              RequestOptions options = new RequestOptions(call.options(), trail.notes());
              try (Seat _ = seat(wanted, options)) {
                return pipeline.watch(
                    user, options.watch(call.type(), call.namespace(), call.name()));
              }
            });
    trail.started(200);
    return new Opened(watch, trail);
  }

  /// Holds nothing: the pipeline is closed by its owner.
  @Override
  public void close() {}

  private record LocalWatch(Opened opened) implements Watch<Message> {
    @Override
    public Optional<WatchEvent<Message>> next(Duration patience) throws InterruptedException {
      return opened.watch().next(patience).map(LocalWatch::event);
    }

    private static WatchEvent<Message> event(CacheEvent event) {
      return new WatchEvent<>(event.type(), event.object().message());
    }

    @Override
    public void close() {
      opened.close();
    }
  }
}
