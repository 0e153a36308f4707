package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.api.meta.v1.StatusDetails;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.registry.Deleted;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.registry.WatchQuery;
import io.coxswain.controlplane.registry.WriteOptions;
import io.coxswain.controlplane.registry.Written;
import io.coxswain.controlplane.table.IncludeObject;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/// The verbs on resources as REST has them: decodes, calls the pipeline, encodes.
final class ResourceVerbs {

  /// A watch without a limit of its own ends after this at the least and twice this at the most, so
  /// that clients do not all come back at once.
  private static final Duration WATCH = Duration.ofMinutes(30);

  /// Kinds whose deletion answers with the object even when it is gone, as Kubernetes does.
  private static final Set<String> SHOWN_WHEN_GONE =
      Set.of(
          "pods",
          "services",
          "serviceaccounts",
          "persistentvolumes",
          "persistentvolumeclaims",
          "podtemplates",
          "resourcequotas");

  private final ApiPipeline pipeline;
  private final Bodies bodies = new Bodies();

  ResourceVerbs(ApiPipeline pipeline) {
    this.pipeline = pipeline;
  }

  void handle(
      User user, RequestInfo request, ResourceType<?> type, RequestOptions options, Reply reply)
      throws IOException, InterruptedException {
    pipeline
        .catalog()
        .custom(type)
        .flatMap(CustomKind::deprecation)
        .ifPresent(warning -> reply.warn(List.of(warning)));
    Negotiation form = Negotiation.of(reply.exchange().header("accept"), type.prototype());
    IncludeObject include = IncludeObject.of(options.get("includeObject"));
    Target target = new Target(type, request.namespace(), request.name(), request.subresource());
    switch (request.verb()) {
      case "get" -> {
        if (Subresources.hasOwnMessage(target)) {
          reply.message(200, form.format(), pipeline.readPart(user, target));
        } else {
          Target object = Target.of(type, request.namespace(), request.name());
          reply.read(
              form,
              type,
              pipeline.read(
                  user,
                  request.subresource().isEmpty() ? object : target,
                  options.get("resourceVersion")),
              include);
        }
      }
      case "list" ->
          reply.list(
              form, type, pipeline.list(user, options.list(type, request.namespace())), include);
      case "watch" -> watch(user, request, type, options, form, include, reply);
      case "create" -> create(user, target, options, form, include, reply);
      case "update" -> update(user, target, options, form, include, reply);
      case "patch" -> patch(user, target, options, form, include, reply);
      case "delete" -> delete(user, target, options, form, include, reply);
      case "deletecollection" -> {
        WriteOptions write = options.write("Delete", agent(reply));
        DeleteOptions how = deleteOptions(reply, options);
        ListQuery query = options.list(type, request.namespace());
        Listing deleted =
            noted(
                reply,
                write,
                () ->
                    pipeline.deleteCollection(
                        user, query, how, how.getDryRunCount() > 0 ? write.asDryRun() : write));
        reply.list(form, type, deleted, include);
      }
      default -> throw methodNotAllowed();
    }
  }

  static ApiException methodNotAllowed() {
    return new ApiException(
        new ApiError.MethodNotAllowed(
            "the server does not allow this method on the requested resource"));
  }

  private void watch(
      User user,
      RequestInfo request,
      ResourceType<?> type,
      RequestOptions options,
      Negotiation form,
      IncludeObject include,
      Reply reply)
      throws IOException, InterruptedException {
    WatchQuery query = options.watch(type, request.namespace(), request.name());
    Duration timeout =
        options
            .timeout()
            .orElseGet(
                () -> WATCH.plusSeconds(ThreadLocalRandom.current().nextLong(WATCH.toSeconds())));
    WatchStream stream = new WatchStream(reply, type, form, include);
    CacheWatch watch;
    try {
      watch = pipeline.watch(user, query);
    } catch (ApiException e) {
      if (!e.isExpired()) {
        throw e;
      }
      stream.expired(e);
      return;
    }
    stream.run(watch, timeout);
  }

  private void create(
      User user,
      Target target,
      RequestOptions options,
      Negotiation form,
      IncludeObject include,
      Reply reply)
      throws IOException {
    WriteOptions write = options.write("Create", agent(reply));
    Exchange exchange = reply.exchange();
    Decoded<Message> body = body(exchange, target, options.strictness("Create"));
    reply.warn(body.warnings());
    Message object = body.message();
    reply.trail().request(object);
    checkNamespace(target, object);
    Target made =
        target.subresource().isEmpty()
            ? Target.of(target.type(), target.namespace(), ObjectMetas.read(object).getName())
            : target;
    Written written = noted(reply, write, () -> pipeline.create(user, made, object, write));
    reply.warn(written.warnings());
    written(reply, 201, form, target.type(), written.object(), include);
  }

  /// Answers with the encoding that others get, too, where there is one.
  private void written(
      Reply reply,
      int status,
      Negotiation form,
      ResourceType<?> type,
      Message object,
      IncludeObject include)
      throws IOException {
    Optional<CachedObject> cached = pipeline.holding(type, object);
    if (cached.isPresent()) {
      reply.written(status, form, type, cached.get(), include);
    } else {
      reply.object(status, form, type, object, include);
    }
  }

  /// What a write carries, by the schema of its kind.
  private Decoded<Message> body(Exchange exchange, Target target, Strictness strictness) {
    Message prototype = Subresources.bodyOf(target);
    String contentType = exchange.header("content-type");
    Optional<CustomKind> custom =
        prototype instanceof CustomObject
            ? pipeline.catalog().custom(target.type())
            : Optional.empty();
    return custom.isPresent()
        ? bodies.custom(exchange.body(), contentType, custom.get(), strictness)
        : bodies.object(exchange.body(), contentType, prototype, strictness);
  }

  private void update(
      User user,
      Target target,
      RequestOptions options,
      Negotiation form,
      IncludeObject include,
      Reply reply)
      throws IOException {
    WriteOptions write = options.write("Update", agent(reply));
    Exchange exchange = reply.exchange();
    Decoded<Message> body = body(exchange, target, options.strictness("Update"));
    reply.warn(body.warnings());
    reply.trail().request(body.message());
    checkNamespace(target, body.message());
    String name = ObjectMetas.read(body.message()).getName();
    if (!name.equals(target.name())) {
      throw new ApiException(
          new ApiError.BadRequest(
              name.isEmpty()
                  ? "name must be provided: the object has no metadata.name"
                  : "the name of the object ("
                      + name
                      + ") does not match the name on the URL ("
                      + target.name()
                      + ")"));
    }
    Written written =
        noted(reply, write, () -> pipeline.update(user, target, body.message(), write));
    reply.warn(written.warnings());
    written(reply, written.created() ? 201 : 200, form, target.type(), written.object(), include);
  }

  private void patch(
      User user,
      Target target,
      RequestOptions options,
      Negotiation form,
      IncludeObject include,
      Reply reply)
      throws IOException {
    Exchange exchange = reply.exchange();
    Patch.Type type = patchType(Bodies.mediaType(exchange.header("content-type")));
    WriteOptions write = options.patch(type == Patch.Type.APPLY, agent(reply));
    reply.trail().patch(exchange.body());
    Patch patch = new Patch(type, new String(exchange.body(), StandardCharsets.UTF_8));
    Written written = noted(reply, write, () -> pipeline.patch(user, target, patch, write));
    reply.warn(written.warnings());
    written(reply, written.created() ? 201 : 200, form, target.type(), written.object(), include);
  }

  private static Patch.Type patchType(String mediaType) {
    for (Patch.Type type : Patch.Type.values()) {
      if (type.contentType().equals(mediaType)) {
        return type;
      }
    }
    throw new ApiException(
        new ApiError.UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include:"
                + " application/json-patch+json, application/merge-patch+json,"
                + " application/strategic-merge-patch+json, application/apply-patch+yaml"));
  }

  private void delete(
      User user,
      Target target,
      RequestOptions options,
      Negotiation form,
      IncludeObject include,
      Reply reply)
      throws IOException {
    if (!target.subresource().isEmpty()) {
      throw methodNotAllowed();
    }
    WriteOptions write = options.write("Delete", agent(reply));
    DeleteOptions how = deleteOptions(reply, options);
    WriteOptions really = how.getDryRunCount() > 0 ? write.asDryRun() : write;
    Deleted deleted = noted(reply, write, () -> pipeline.delete(user, target, how, really));
    if (!deleted.gone() || SHOWN_WHEN_GONE.contains(target.type().qualifiedPlural())) {
      reply.object(200, form, target.type(), deleted.object(), include);
      return;
    }
    ObjectMeta meta = ObjectMetas.read(deleted.object());
    StatusDetails.Builder details =
        StatusDetails.newBuilder()
            .setName(target.name())
            .setKind(target.type().plural())
            .setUid(meta.getUid());
    if (!target.type().group().isEmpty()) {
      details.setGroup(target.type().group());
    }
    reply.message(
        200,
        form.format(),
        Status.newBuilder()
            .setMetadata(ListMeta.getDefaultInstance())
            .setStatus("Success")
            .setDetails(details)
            .build());
  }

  /// Whatever admission had to say is told, also with a refusal.
  private static <T> T noted(Reply reply, WriteOptions write, Supplier<T> verb) {
    try {
      return verb.get();
    } finally {
      reply.warn(write.notes().warnings());
    }
  }

  /// From the body, or from the query where there is no body.
  private DeleteOptions deleteOptions(Reply reply, RequestOptions options) {
    Exchange exchange = reply.exchange();
    DeleteOptions body = bodies.deleteOptions(exchange.body(), exchange.header("content-type"));
    if (exchange.body().length > 0) {
      reply.trail().request(body);
      return body;
    }
    DeleteOptions.Builder how = body.toBuilder();
    options.number("gracePeriodSeconds").ifPresent(how::setGracePeriodSeconds);
    if (!options.get("propagationPolicy").isEmpty()) {
      how.setPropagationPolicy(options.get("propagationPolicy"));
    }
    if (!options.get("orphanDependents").isEmpty()) {
      how.setOrphanDependents(options.flag("orphanDependents"));
    }
    return how.build();
  }

  private static void checkNamespace(Target target, Message object) {
    String namespace = ObjectMetas.read(object).getNamespace();
    if (!namespace.isEmpty() && !namespace.equals(target.namespace())) {
      throw new ApiException(
          new ApiError.BadRequest(
              target.type().namespaced()
                  ? "the namespace of the provided object does not match the namespace sent on the"
                      + " request"
                  : "namespace may not be set on a "
                      + target.type().kind()
                      + ": it belongs to the whole cluster"));
    }
  }

  private static String agent(Reply reply) {
    return reply.exchange().header("user-agent");
  }
}
