package io.coxswain.client.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Patch;
import io.coxswain.client.Transport.Call;
import io.coxswain.client.Transport.Verb;
import io.coxswain.rpc.v1.CallReply;
import io.coxswain.rpc.v1.CallRequest;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Calls, objects and lists as the messages of the gRPC service, both ways.
///
/// Every list of the API has `metadata` as field 1 and `items` as field 2, so one reader and one
/// writer serve all kinds.
public final class WireCalls {

  private static final int METADATA = 1;
  private static final int ITEMS = 2;

  private WireCalls() {}

  /// @param watch whether a LIST is to be watched
  public static CallRequest request(Call call, boolean watch) {
    CallRequest.Builder request =
        CallRequest.newBuilder()
            .setVerb(watch ? io.coxswain.rpc.v1.Verb.WATCH : verb(call.verb()))
            .setGroup(call.type().group())
            .setVersion(call.type().version())
            .setPlural(call.type().plural())
            .setNamespace(call.namespace())
            .setName(call.name())
            .setSubresource(call.subresource())
            .putAllOptions(call.options());
    return switch (call.verb()) {
      case PATCH ->
          request
              .setBody(ByteString.copyFromUtf8(call.patch().json()))
              .setContentType(call.patch().type().contentType())
              .build();
      case CREATE, UPDATE, DELETE, DELETE_COLLECTION ->
          request.setBody(call.body().toByteString()).build();
      case GET, LIST -> request.build();
    };
  }

  /// A call as a server received it.
  ///
  /// @throws ApiException NotFound for an unknown kind, BadRequest for a body that cannot be read
  public static Call call(CallRequest request) {
    ResourceType<?> type =
        Schema.api()
            .find(request.getGroup(), request.getVersion(), request.getPlural())
            .orElseThrow(() ->
                new ApiException(
                    new ApiError.NotFound(
                        request.getGroup(),
                        request.getPlural(),
                        "",
                        "the server could not find the requested resource")));
    Verb verb = verb(request.getVerb());
    Message body =
        switch (verb) {
          case CREATE, UPDATE -> parse(bodyType(type, request.getSubresource()), request.getBody());
          case DELETE, DELETE_COLLECTION ->
              parse(DeleteOptions.getDefaultInstance(), request.getBody());
          case GET, LIST, PATCH -> type.prototype();
        };
    return new Call(
        verb,
        type,
        request.getNamespace(),
        request.getName(),
        request.getSubresource(),
        body,
        verb == Verb.PATCH ? patch(request) : Call.NO_PATCH,
        request.getOptionsMap());
  }

  /// What a server answers: the object, named when it is not of the resource's own kind.
  public static CallReply reply(ResourceType<?> type, Message answer) {
    CallReply.Builder reply = CallReply.newBuilder().setBody(answer.toByteString());
    if (answer.getDescriptorForType() != type.prototype().getDescriptorForType()) {
      ObjectKind kind =
          Schema.api()
              .kindOf(answer.getDescriptorForType())
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      answer.getDescriptorForType().getFullName() + " is no answer"));
      reply.setKind(kind.apiVersion() + "/" + kind.kind());
    }
    return reply.build();
  }

  /// The object in an answer.
  ///
  /// @throws ApiException Internal when it cannot be read
  public static Message object(ResourceType<?> type, CallReply reply) {
    if (reply.getKind().isEmpty()) {
      return parse(type.prototype(), reply.getBody());
    }
    int slash = reply.getKind().lastIndexOf('/');
    String apiVersion = slash < 0 ? "" : reply.getKind().substring(0, slash);
    ObjectKind kind = ObjectKind.of(apiVersion, reply.getKind().substring(slash + 1));
    Message prototype =
        Schema.api()
            .message(kind)
            .orElseThrow(() ->
                new ApiException(
                    new ApiError.Internal("the server answered with an unknown " + kind)));
    return parse(prototype, reply.getBody());
  }

  public static CallReply listReply(ObjectList<? extends Message> list) {
    ListMeta meta =
        ListMeta.newBuilder()
            .setResourceVersion(list.resourceVersion())
            .setContinue(list.continueToken())
            .build();
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeMessage(METADATA, meta);
      for (Message item : list.items()) {
        out.writeMessage(ITEMS, item);
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing a list into memory", e);
    }
    return CallReply.newBuilder().setBody(bytes.toByteString()).build();
  }

  public static ObjectList<Message> list(ResourceType<?> type, CallReply reply) {
    CodedInputStream in = reply.getBody().newCodedInput();
    in.setRecursionLimit(1_000);
    ListMeta meta = ListMeta.getDefaultInstance();
    List<Message> items = new ArrayList<>();
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case METADATA ->
              meta = in.readMessage(ListMeta.parser(), ExtensionRegistryLite.getEmptyRegistry());
          case ITEMS ->
              items.add(
                  in.readMessage(
                      type.prototype().getParserForType(),
                      ExtensionRegistryLite.getEmptyRegistry()));
          default -> {
            if (!in.skipField(tag)) {
              throw new IOException("unexpected end of a group");
            }
          }
        }
      }
    } catch (IOException e) {
      throw new ApiException(
          new ApiError.Internal("the list of " + type.qualifiedPlural() + " cannot be read"), e);
    }
    return new ObjectList<>(items, meta.getResourceVersion(), meta.getContinue());
  }

  /// @throws ApiException BadRequest when the bytes are not of that message
  static Message parse(Message prototype, ByteString bytes) {
    try {
      return prototype.getParserForType().parseFrom(bytes);
    } catch (IOException e) {
      throw new ApiException(
          new ApiError.BadRequest(
              "the bytes are no "
                  + prototype.getDescriptorForType().getName()
                  + ": "
                  + e.getMessage()),
          e);
    }
  }

  private static Message bodyType(ResourceType<?> type, String subresource) {
    ObjectKind kind =
        switch (subresource) {
          case "binding" -> new ObjectKind("", "v1", "Binding");
          case "eviction" -> new ObjectKind("policy", "v1", "Eviction");
          case "scale" -> new ObjectKind("autoscaling", "v1", "Scale");
          case "token" -> new ObjectKind("authentication.k8s.io", "v1", "TokenRequest");
          default -> ObjectKind.of(type.apiVersion(), type.kind());
        };
    return Schema.api()
        .message(kind)
        .orElseThrow(() ->
            new ApiException(
                new ApiError.NotFound(
                    type.group(),
                    type.plural(),
                    "",
                    "the server could not find the requested resource: "
                        + type.qualifiedPlural()
                        + "/"
                        + subresource)));
  }

  private static Patch patch(CallRequest request) {
    for (Patch.Type type : Patch.Type.values()) {
      if (type.contentType().equals(request.getContentType())) {
        return new Patch(type, request.getBody().toStringUtf8());
      }
    }
    throw new ApiException(
        new ApiError.UnsupportedMediaType(
            "'" + request.getContentType() + "' is no type of patch"));
  }

  private static io.coxswain.rpc.v1.Verb verb(Verb verb) {
    return switch (verb) {
      case GET -> io.coxswain.rpc.v1.Verb.GET;
      case LIST -> io.coxswain.rpc.v1.Verb.LIST;
      case CREATE -> io.coxswain.rpc.v1.Verb.CREATE;
      case UPDATE -> io.coxswain.rpc.v1.Verb.UPDATE;
      case PATCH -> io.coxswain.rpc.v1.Verb.PATCH;
      case DELETE -> io.coxswain.rpc.v1.Verb.DELETE;
      case DELETE_COLLECTION -> io.coxswain.rpc.v1.Verb.DELETE_COLLECTION;
    };
  }

  private static Verb verb(io.coxswain.rpc.v1.Verb verb) {
    return switch (verb) {
      case GET -> Verb.GET;
      case LIST, WATCH -> Verb.LIST;
      case CREATE -> Verb.CREATE;
      case UPDATE -> Verb.UPDATE;
      case PATCH -> Verb.PATCH;
      case DELETE -> Verb.DELETE;
      case DELETE_COLLECTION -> Verb.DELETE_COLLECTION;
      case VERB_UNSPECIFIED, UNRECOGNIZED ->
          throw new ApiException(new ApiError.BadRequest("the call names no verb"));
    };
  }
}
