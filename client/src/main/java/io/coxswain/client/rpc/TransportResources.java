package io.coxswain.client.rpc;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Preconditions;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Patch;
import io.coxswain.client.Resources;
import io.coxswain.client.Transport;
import io.coxswain.client.Transport.Call;
import io.coxswain.client.Transport.Verb;
import io.coxswain.client.Watch;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.schema.ResourceType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The verbs of one kind as calls of a transport.
final class TransportResources<T extends Message> implements Resources<T> {

  private final Transport transport;
  private final ResourceType<T> type;

  TransportResources(Transport transport, ResourceType<T> type) {
    this.transport = transport;
    this.type = type;
  }

  @Override
  public T read(String namespace, String name) {
    return typed(transport.call(call(Verb.GET, namespace, name, "", type.prototype())));
  }

  @Override
  public Optional<T> find(String namespace, String name) {
    try {
      return Optional.of(read(namespace, name));
    } catch (ApiException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the transport answers with objects of the type it was asked for
  public ObjectList<T> list(ListOptions options) {
    ObjectList<Message> answer = transport.list(listCall(options));
    return new ObjectList<>(
        (List<T>) (List<?>) answer.items(), answer.resourceVersion(), answer.continueToken());
  }

  @Override
  @SuppressWarnings("unchecked") // as for list
  public Watch<T> watch(ListOptions options) {
    return (Watch<T>) (Watch<?>) transport.watch(listCall(options));
  }

  @Override
  public T create(T object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return typed(
        transport.call(call(Verb.CREATE, meta.getNamespace(), meta.getName(), "", object)));
  }

  @Override
  public T update(T object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return typed(
        transport.call(call(Verb.UPDATE, meta.getNamespace(), meta.getName(), "", object)));
  }

  @Override
  public T updateStatus(T object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return typed(
        transport.call(call(Verb.UPDATE, meta.getNamespace(), meta.getName(), "status", object)));
  }

  @Override
  public Message createSubresource(
      String namespace, String name, String subresource, Message body) {
    return transport.call(call(verbOf(subresource), namespace, name, subresource, body));
  }

  @Override
  public T patch(String namespace, String name, Patch patch) {
    return typed(transport.call(patchCall(namespace, name, "", patch)));
  }

  @Override
  public T patchStatus(String namespace, String name, Patch patch) {
    return typed(transport.call(patchCall(namespace, name, "status", patch)));
  }

  @Override
  public void delete(String namespace, String name, DeletePolicy policy) {
    Message ignored = transport.call(call(Verb.DELETE, namespace, name, "", options(policy)));
  }

  // Parts that replace something of the object, as opposed to those that are created to make
  // something happen, as a binding.
  private static Verb verbOf(String subresource) {
    return switch (subresource) {
      case "scale", "status", "finalize", "approval", "resize", "ephemeralcontainers" ->
          Verb.UPDATE;
      default -> Verb.CREATE;
    };
  }

  private Call call(Verb verb, String namespace, String name, String subresource, Message body) {
    return new Call(verb, type, namespace, name, subresource, body, Call.NO_PATCH, Map.of());
  }

  private Call patchCall(String namespace, String name, String subresource, Patch patch) {
    return new Call(
        Verb.PATCH, type, namespace, name, subresource, type.prototype(), patch, Map.of());
  }

  private Call listCall(ListOptions options) {
    Map<String, String> query = new HashMap<>();
    put(query, "labelSelector", options.labelSelector());
    put(query, "fieldSelector", options.fieldSelector());
    put(query, "resourceVersion", options.resourceVersion());
    put(query, "continue", options.continueToken());
    put(query, "limit", options.limit() > 0 ? Integer.toString(options.limit()) : "");
    put(query, "allowWatchBookmarks", options.bookmarks() ? "true" : "");
    return new Call(
        Verb.LIST, type, options.namespace(), "", "", type.prototype(), Call.NO_PATCH, query);
  }

  private static void put(Map<String, String> query, String key, String value) {
    if (!value.isEmpty()) {
      query.put(key, value);
    }
  }

  private static DeleteOptions options(DeletePolicy policy) {
    DeleteOptions.Builder options = DeleteOptions.newBuilder();
    policy.graceSeconds().ifPresent(options::setGracePeriodSeconds);
    Preconditions.Builder preconditions = Preconditions.newBuilder();
    if (!policy.uid().isEmpty()) {
      preconditions.setUid(policy.uid());
    }
    if (!policy.resourceVersion().isEmpty()) {
      preconditions.setResourceVersion(policy.resourceVersion());
    }
    if (preconditions.hasUid() || preconditions.hasResourceVersion()) {
      options.setPreconditions(preconditions);
    }
    switch (policy.propagation()) {
      case DEFAULT -> {}
      case BACKGROUND -> options.setPropagationPolicy("Background");
      case FOREGROUND -> options.setPropagationPolicy("Foreground");
      case ORPHAN -> options.setPropagationPolicy("Orphan");
    }
    return options.build();
  }

  @SuppressWarnings("unchecked") // as for list
  private T typed(Message answer) {
    return (T) answer;
  }

  @Override
  public String toString() {
    return type.qualifiedPlural();
  }
}
