package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Transport;
import io.coxswain.client.Watch;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.rpc.TransportClient;
import io.coxswain.schema.ResourceType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// An API server's objects in memory, for tests: `new InMemoryApi().client()`.
///
/// Every write raises one version counter, as in etcd. Uids are made from a counter, so that runs
/// repeat exactly under a fixed clock. As on a server, creating drops `status` where that is a
/// subresource: set it with `updateStatus`, or put a whole object with [#seed].
public final class InMemoryApi implements Transport {

  private final ReentrantLock lock = new ReentrantLock();
  private final InstantSource clock;
  private final Map<String, Shelf> shelves = new HashMap<>();
  private Function<Call, Optional<ApiError>> fault = call -> Optional.empty();
  private long revision;
  private long uids;
  private boolean closed;

  public InMemoryApi() {
    this(Clock.systemUTC());
  }

  public InMemoryApi(InstantSource clock) {
    this.clock = clock;
  }

  /// A client on these objects; any number may be made, and closing one closes nothing else.
  public ApiClient client() {
    return new TransportClient(
        new Transport() {
          @Override
          public Message call(Call call) {
            return InMemoryApi.this.call(call);
          }

          @Override
          public ObjectList<Message> list(Call call) {
            return InMemoryApi.this.list(call);
          }

          @Override
          public Watch<Message> watch(Call call) {
            return InMemoryApi.this.watch(call);
          }

          @Override
          public void close() {}
        });
  }

  /// Puts an object as it is, status and all; only a missing uid and creation time are filled in.
  @SuppressWarnings("unchecked") // the shelf keeps what it is given
  public <T extends Message> T seed(T object) {
    lock.lock();
    try {
      ObjectMeta.Builder meta = ObjectMetas.read(object).toBuilder();
      if (meta.getUid().isEmpty()) {
        meta.setUid(nextUid());
      }
      if (!meta.hasCreationTimestamp()) {
        meta.setCreationTimestamp(WriteRules.time(clock.instant()));
      }
      return (T) store(shelf(ResourceType.of(object)), ObjectMetas.replace(object, meta.build()));
    } finally {
      lock.unlock();
    }
  }

  /// Asked before every call, watch or list; the error it answers with is thrown instead.
  public void failing(Function<Call, Optional<ApiError>> decision) {
    lock.lock();
    try {
      fault = decision;
    } finally {
      lock.unlock();
    }
  }

  /// Ends every open watch, as a server that restarts does.
  public void disconnectWatches() {
    endWatches(new ApiError.Unavailable("the server went away"));
  }

  /// Forgets the history and ends every open watch with 410, so that watchers must list again.
  public void expireWatches() {
    lock.lock();
    try {
      shelves.values().forEach(shelf -> shelf.forgetHistory(revision));
    } finally {
      lock.unlock();
    }
    endWatches(new ApiError.Expired("too old resource version"));
  }

  /// Sends every open watch a bookmark at the present version.
  public void bookmark() {
    lock.lock();
    try {
      for (Shelf shelf : shelves.values()) {
        shelf.bookmark(WriteRules.withVersion(shelf.type.prototype(), version()));
      }
    } finally {
      lock.unlock();
    }
  }

  /// The version of the last write.
  public long revision() {
    lock.lock();
    try {
      return revision;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Message call(Call call) {
    lock.lock();
    try {
      checkOpen(call);
      Shelf shelf = shelf(call.type());
      return switch (call.verb()) {
        case GET -> get(shelf, call);
        case CREATE -> call.subresource().isEmpty() ? create(shelf, call) : act(shelf, call);
        case UPDATE -> update(shelf, call);
        case PATCH -> patch(shelf, call);
        case DELETE -> delete(shelf, existing(shelf, call), deleteOptions(call));
        case DELETE_COLLECTION -> deleteCollection(shelf, call);
        case LIST -> throw new IllegalArgumentException("LIST goes through list()");
      };
    } finally {
      lock.unlock();
    }
  }

  @Override
  public ObjectList<Message> list(Call call) {
    lock.lock();
    try {
      checkOpen(call);
      List<Message> items =
          shelf(call.type()).matching(Selection.of(call.type(), call.namespace(), call.options()));
      String after = call.options().getOrDefault("continue", "");
      if (!after.isEmpty()) {
        items =
            items.stream().filter(i -> ObjectMetas.key(i).toString().compareTo(after) > 0).toList();
      }
      int limit = Integer.parseInt(call.options().getOrDefault("limit", "0"));
      if (limit > 0 && items.size() > limit) {
        List<Message> page = items.subList(0, limit);
        return new ObjectList<>(page, version(), ObjectMetas.key(page.getLast()).toString());
      }
      return new ObjectList<>(items, version(), "");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Watch<Message> watch(Call call) {
    lock.lock();
    try {
      checkOpen(call);
      Watch<Message> watch =
          shelf(call.type())
              .watch(
                  Selection.of(call.type(), call.namespace(), call.options()),
                  call.options().getOrDefault("resourceVersion", ""),
                  revision);
      return new LockedWatch(watch, lock);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    endWatches(new ApiError.Unavailable("the API is closed"));
  }

  private Message get(Shelf shelf, Call call) {
    Message object = existing(shelf, call);
    return call.subresource().equals("scale") ? Subresources.scaleOf(object) : object;
  }

  private Message create(Shelf shelf, Call call) {
    ObjectMeta meta = ObjectMetas.read(call.body());
    String namespace = call.namespace().isEmpty() ? meta.getNamespace() : call.namespace();
    if (shelf.type.namespaced() && namespace.isEmpty()) {
      throw new ApiException(
          new ApiError.BadRequest(
              "an empty namespace may not be set during creation of " + shelf.type.kind()));
    }
    String uid = nextUid();
    String name = meta.getName();
    if (name.isEmpty() && !meta.getGenerateName().isEmpty()) {
      name = meta.getGenerateName() + Long.toString(uids + 46656, 36);
    }
    if (name.isEmpty()) {
      throw Refusals.nameRequired(shelf.type);
    }
    Message created =
        WriteRules.forCreate(shelf.type, call.body(), name, namespace, uid, clock.instant());
    if (shelf.find(ObjectMetas.key(created)).isPresent()) {
      throw Refusals.alreadyExists(shelf.type, name);
    }
    return store(shelf, created);
  }

  private Message act(Shelf shelf, Call call) {
    Message object = existing(shelf, call);
    return switch (call.subresource()) {
      case "binding" -> {
        Message ignored =
            store(shelf, Subresources.bind((Pod) object, (Binding) call.body(), clock.instant()));
        yield Status.newBuilder().setStatus("Success").setCode(201).build();
      }
      case "eviction" -> delete(shelf, object, DeleteOptions.getDefaultInstance());
      default -> throw Refusals.noSubresource(shelf.type, call.subresource());
    };
  }

  private Message update(Shelf shelf, Call call) {
    Message stored = existing(shelf, call);
    ObjectMeta meta = ObjectMetas.read(call.body());
    Refusals.checkUnchanged(
        shelf.type, ObjectMetas.read(stored), meta.getResourceVersion(), meta.getUid());
    return replace(shelf, stored, call.subresource(), call.body());
  }

  private Message replace(Shelf shelf, Message stored, String subresource, Message wanted) {
    return switch (subresource) {
      case "" -> storeIfChanged(shelf, stored, WriteRules.forUpdate(shelf.type, stored, wanted));
      case "status" -> storeIfChanged(shelf, stored, WriteRules.forStatusUpdate(stored, wanted));
      case "scale" -> {
        Message scaled = Subresources.scaled(stored, (Scale) wanted);
        yield Subresources.scaleOf(
            storeIfChanged(shelf, stored, WriteRules.forUpdate(shelf.type, stored, scaled)));
      }
      case "finalize" ->
          storeIfChanged(
              shelf,
              stored,
              ((Namespace) stored).toBuilder().setSpec(((Namespace) wanted).getSpec()).build());
      default -> throw Refusals.noSubresource(shelf.type, subresource);
    };
  }

  private Message patch(Shelf shelf, Call call) {
    Message stored = existing(shelf, call);
    Message target = call.subresource().equals("scale") ? Subresources.scaleOf(stored) : stored;
    Message patched = Patching.apply(target, call.patch());
    ObjectMeta meta = ObjectMetas.read(patched);
    Refusals.checkUnchanged(
        shelf.type, ObjectMetas.read(stored), meta.getResourceVersion(), meta.getUid());
    return replace(shelf, stored, call.subresource(), patched);
  }

  private Message delete(Shelf shelf, Message stored, DeleteOptions options) {
    Refusals.checkUnchanged(
        shelf.type,
        ObjectMetas.read(stored),
        options.getPreconditions().getResourceVersion(),
        options.getPreconditions().getUid());
    Optional<Message> marked = WriteRules.forDelete(shelf.type, stored, options, clock.instant());
    if (marked.isPresent()) {
      return storeIfChanged(shelf, stored, marked.get());
    }
    remove(shelf, stored);
    return Status.newBuilder().setStatus("Success").setCode(200).build();
  }

  private Message deleteCollection(Shelf shelf, Call call) {
    Selection selection = Selection.of(call.type(), call.namespace(), call.options());
    for (Message object : shelf.matching(selection)) {
      Message ignored = delete(shelf, object, deleteOptions(call));
    }
    return Status.newBuilder().setStatus("Success").setCode(200).build();
  }

  private Message storeIfChanged(Shelf shelf, Message stored, Message next) {
    if (next.equals(stored)) {
      return stored;
    }
    if (WriteRules.mayGo(next)) {
      remove(shelf, next);
      return next;
    }
    return store(shelf, next);
  }

  private Message store(Shelf shelf, Message object) {
    revision++;
    Message stored = WriteRules.withVersion(object, version());
    shelf.put(revision, stored);
    return stored;
  }

  private void remove(Shelf shelf, Message object) {
    revision++;
    shelf.remove(revision, WriteRules.withVersion(object, version()));
  }

  private Message existing(Shelf shelf, Call call) {
    return shelf
        .find(new ObjectKey(shelf.type.namespaced() ? call.namespace() : "", call.name()))
        .orElseThrow(() -> Refusals.notFound(shelf.type, call.name()));
  }

  private void checkOpen(Call call) {
    if (closed) {
      throw new ApiException(new ApiError.Unavailable("the API is closed"));
    }
    fault
        .apply(call)
        .ifPresent(error -> {
          throw new ApiException(error);
        });
  }

  private void endWatches(ApiError error) {
    lock.lock();
    try {
      shelves.values().forEach(shelf -> shelf.endWatches(error));
    } finally {
      lock.unlock();
    }
  }

  private Shelf shelf(ResourceType<?> type) {
    return shelves.computeIfAbsent(type.qualifiedPlural(), name -> new Shelf(type));
  }

  private String version() {
    return Long.toString(revision);
  }

  private String nextUid() {
    uids++;
    return UUID.nameUUIDFromBytes(("uid-" + uids).getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static DeleteOptions deleteOptions(Call call) {
    return call.body() instanceof DeleteOptions options
        ? options
        : DeleteOptions.getDefaultInstance();
  }
}
