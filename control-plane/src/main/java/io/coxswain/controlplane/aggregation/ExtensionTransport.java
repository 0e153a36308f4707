package io.coxswain.controlplane.aggregation;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Transport;
import io.coxswain.client.Watch;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.proxy.Upstream;
import io.coxswain.controlplane.proxy.UpstreamFetch;
import io.coxswain.controlplane.proxy.UpstreamLines;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Calls of a component in this process: those for kinds of other servers go to these, by REST, all
/// others to this one. Lists and watches of the former tell metadata alone, which is what
/// controllers want that look after every kind.
public final class ExtensionTransport implements Transport {

  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Between two events of a watch; servers send bookmarks more often.
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private static final String METADATA =
      "application/json;as=PartialObjectMetadata%s;g=meta.k8s.io;v=v1,application/json";

  private final Transport own;
  private final ExtensionApis apis;
  private final User user;

  /// @param own to this server
  /// @param user as who the component is known to the others
  public ExtensionTransport(Transport own, ExtensionApis apis, User user) {
    this.own = own;
    this.apis = apis;
    this.user = user;
  }

  private boolean isElsewhere(Call call) {
    return call.type().prototype() instanceof CustomObject
        && apis.serves(call.type().group(), call.type().version());
  }

  @Override
  public Message call(Call call) {
    if (!isElsewhere(call)) {
      return own.call(call);
    }
    HttpHeaders headers = headers("application/json");
    byte[] body =
        switch (call.verb()) {
          case GET, LIST -> new byte[0];
          case CREATE, UPDATE -> object(call.body());
          case PATCH -> {
            headers.set("Content-Type", call.patch().type().contentType());
            yield call.patch().json().getBytes(StandardCharsets.UTF_8);
          }
          case DELETE, DELETE_COLLECTION -> options(call.body());
        };
    String method =
        switch (call.verb()) {
          case GET, LIST -> "GET";
          case CREATE -> "POST";
          case UPDATE -> "PUT";
          case PATCH -> "PATCH";
          case DELETE, DELETE_COLLECTION -> "DELETE";
        };
    boolean named = call.verb() != Verb.CREATE || !call.subresource().isEmpty();
    JsonNode answer = ask(call, method, named ? call.name() : "", headers, body);
    return answer instanceof ObjectNode tree && !isStatus(tree)
        ? object(tree, call.type())
        : call.type().prototype();
  }

  private static byte[] object(Message body) {
    return body instanceof CustomObject object
        ? JSON.writeValueAsBytes(CustomObjects.toTree(object))
        : CODEC.encode(body);
  }

  private static byte[] options(Message body) {
    if (!(body instanceof DeleteOptions how)) {
      return new byte[0];
    }
    ObjectNode tree = CODEC.toTree(how);
    tree.put("kind", "DeleteOptions").put("apiVersion", "v1");
    return JSON.writeValueAsBytes(tree);
  }

  private static boolean isStatus(JsonNode answer) {
    return answer.path("kind").asString("").equals("Status")
        && answer.path("apiVersion").asString("").equals("v1");
  }

  /// Of this type, whatever form it came in.
  private static CustomObject object(ObjectNode tree, ResourceType<?> type) {
    tree.put("apiVersion", type.apiVersion()).put("kind", type.kind());
    return CustomObjects.of(tree, CustomObjects.metadata(tree, new ArrayList<>()));
  }

  @Override
  public ObjectList<Message> list(Call call) {
    if (!isElsewhere(call)) {
      return own.list(call);
    }
    JsonNode answer = ask(call, "GET", "", headers(METADATA.formatted("List")), new byte[0]);
    List<Message> items = new ArrayList<>();
    for (JsonNode item : answer.path("items")) {
      if (item instanceof ObjectNode tree) {
        items.add(object(tree, call.type()));
      }
    }
    return new ObjectList<>(
        items,
        answer.at("/metadata/resourceVersion").asString(""),
        answer.at("/metadata/continue").asString(""));
  }

  @Override
  public Watch<Message> watch(Call call) {
    if (!isElsewhere(call)) {
      return own.watch(call);
    }
    Map<String, String> query = new TreeMap<>(call.options());
    query.put("watch", "true");
    try {
      UpstreamLines lines =
          UpstreamLines.open(
              upstream(call), path(call, "", query), headers(METADATA.formatted("")), SILENCE);
      if (lines.status() / 100 != 2) {
        String said = lines.next().orElse("");
        lines.close();
        throw refused(lines.status(), said.getBytes(StandardCharsets.UTF_8));
      }
      return new ExtensionWatch(lines, tree -> object(tree, call.type()));
    } catch (IOException e) {
      throw unreachable(call, e);
    }
  }

  private HttpHeaders headers(String accept) {
    HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    headers.set("Accept", accept);
    headers.set("Content-Type", "application/json");
    headers.set("User-Agent", "coxswain");
    Identity.put(headers, user);
    return headers;
  }

  private Upstream upstream(Call call) {
    return apis.upstream(call.type().group(), call.type().version());
  }

  private JsonNode ask(Call call, String method, String name, HttpHeaders headers, byte[] body) {
    try {
      UpstreamFetch answer =
          UpstreamFetch.send(
              upstream(call), method, path(call, name, call.options()), headers, body, PATIENCE);
      if (answer.status() / 100 != 2) {
        throw refused(answer.status(), answer.body().toByteArray());
      }
      return JSON.readTree(answer.body().toByteArray());
    } catch (IOException | JacksonException e) {
      throw unreachable(call, e);
    }
  }

  private static String path(Call call, String name, Map<String, String> options) {
    StringBuilder path = new StringBuilder("/apis/");
    path.append(call.type().group()).append('/').append(call.type().version());
    if (call.type().namespaced() && !call.namespace().isEmpty()) {
      path.append("/namespaces/").append(call.namespace());
    }
    path.append('/').append(call.type().plural());
    if (!name.isEmpty()) {
      path.append('/').append(name);
    }
    if (!call.subresource().isEmpty()) {
      path.append('/').append(call.subresource());
    }
    String query =
        options.entrySet().stream()
            .map(one ->
                one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? path.toString() : path.append('?').append(query).toString();
  }

  /// What a server said that is not as it was asked.
  static ApiException refused(int code, byte[] body) {
    String text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8);
    try {
      JsonNode told = JSON.readTree(body);
      if (isStatus(told)) {
        return new ApiException(Statuses.error(status(told)));
      }
    } catch (JacksonException | ApiException e) {
      text = text + " (" + e.getMessage() + ")";
    }
    return new ApiException(
        Statuses.error(
            Status.newBuilder()
                .setCode(code)
                .setStatus("Failure")
                .setMessage("the server answered " + code + ": " + text)
                .build()));
  }

  static Status status(JsonNode told) {
    return CODEC.decode(told, Status.getDefaultInstance(), Strictness.IGNORE).message();
  }

  private static ApiException unreachable(Call call, Exception e) {
    return new ApiException(
        new ApiError.Unavailable(
            "the server of " + call.type().apiVersion() + ": " + e.getMessage()));
  }

  @Override
  public void close() {
    own.close();
  }
}
