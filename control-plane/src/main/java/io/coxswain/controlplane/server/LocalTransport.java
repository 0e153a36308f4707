package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Transport;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
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

/// Calls of one user, made in this process: for components that run beside the server, and for the
/// gRPC service. The same pipeline and rules as everybody's.
public final class LocalTransport implements Transport {

  private static final String SYSTEM = "system:";
  private static final String NODE = "system:node:";

  private final ApiPipeline pipeline;
  private final Reviews reviews;
  private final User user;

  public LocalTransport(ApiPipeline pipeline, User user) {
    this.pipeline = pipeline;
    this.reviews = new Reviews(pipeline);
    this.user = user;
  }

  @Override
  public Message call(Call call) {
    RequestOptions options = new RequestOptions(call.options());
    Target target = new Target(call.type(), call.namespace(), call.name(), call.subresource());
    try (Seat _ = seat(call, verb(call.verb()), options)) {
      return answer(call, options, target);
    }
  }

  /// Whoever calls from this process or by gRPC is one of many like everybody.
  private Seat seat(Call call, String verb, RequestOptions options) {
    Attributes wanted =
        new Attributes(
            user,
            verb,
            call.type().group(),
            call.type().version(),
            call.type().plural(),
            call.subresource(),
            call.namespace(),
            call.name(),
            options.get("fieldSelector"),
            "");
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
    RequestOptions options = new RequestOptions(call.options());
    Listing listing;
    try (Seat _ = seat(call, "list", options)) {
      listing = pipeline.list(user, options.list(call.type(), call.namespace()));
    }
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
  public CacheWatch open(Call call) {
    RequestOptions options = new RequestOptions(call.options());
    try (Seat _ = seat(call, "watch", options)) {
      return pipeline.watch(user, options.watch(call.type(), call.namespace(), call.name()));
    }
  }

  /// Holds nothing: the pipeline is closed by its owner.
  @Override
  public void close() {}

  private record LocalWatch(CacheWatch watch) implements Watch<Message> {
    @Override
    public Optional<WatchEvent<Message>> next(Duration patience) throws InterruptedException {
      return watch.next(patience).map(LocalWatch::event);
    }

    private static WatchEvent<Message> event(CacheEvent event) {
      return new WatchEvent<>(event.type(), event.object().message());
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
