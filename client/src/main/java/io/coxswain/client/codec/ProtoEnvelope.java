package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.coxswain.api.runtime.TypeMeta;
import io.coxswain.api.runtime.Unknown;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.Schema;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Kubernetes' protobuf: four magic bytes, then a message that names the kind and holds its bytes.
/// So objects are stored, and so they travel as `application/vnd.kubernetes.protobuf`.
public final class ProtoEnvelope {

  /// `k8s` and a zero.
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  /// As deep as JSON goes that requests may hold: a schema's level is two of protobuf's.
  private static final int MOST_DEPTH = 600;

  private static final int PIECE = 64 << 10;

  private static final Map<Descriptor, byte[]> OPENINGS = new ConcurrentHashMap<>();

  private ProtoEnvelope() {}

  /// @throws IllegalArgumentException if the message does not stand on its own in the API
  public static byte[] encode(Message message) {
    byte[] opening = opening(message);
    int size = message.getSerializedSize();
    byte[] envelope =
        new byte
            [opening.length
                + CodedOutputStream.computeTagSize(Unknown.RAW_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(size)
                + size];
    CodedOutputStream out = CodedOutputStream.newInstance(envelope);
    try {
      write(opening, message, out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("the envelope has room for its message", e);
    }
    return envelope;
  }

  /// The same, written piece by piece. The stream is not closed.
  public static void write(Message message, OutputStream out) throws IOException {
    write(opening(message), message, CodedOutputStream.newInstance(out, PIECE));
  }

  private static void write(byte[] opening, Message message, CodedOutputStream out)
      throws IOException {
    out.writeRawBytes(opening);
    out.writeTag(Unknown.RAW_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(message.getSerializedSize());
    message.writeTo(out);
    out.flush();
  }

  /// What all envelopes of a kind begin with: all but the message itself.
  private static byte[] opening(Message message) {
    return OPENINGS.computeIfAbsent(message.getDescriptorForType(), ProtoEnvelope::makeOpening);
  }

  private static byte[] makeOpening(Descriptor message) {
    ObjectKind kind =
        Schema.api()
            .kindOf(message)
            .orElseThrow(() ->
                new IllegalArgumentException(message.getFullName() + " is only part of an object"));
    byte[] name =
        Unknown.newBuilder()
            .setTypeMeta(
                TypeMeta.newBuilder().setApiVersion(kind.apiVersion()).setKind(kind.kind()))
            .build()
            .toByteArray();
    byte[] opening = Arrays.copyOf(MAGIC, MAGIC.length + name.length);
    System.arraycopy(name, 0, opening, MAGIC.length, name.length);
    return opening;
  }

  /// Whether the bytes are an envelope, told by the magic.
  public static boolean isEnvelope(byte[] bytes) {
    if (bytes.length < MAGIC.length) {
      return false;
    }
    for (int i = 0; i < MAGIC.length; i++) {
      if (bytes[i] != MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  /// What is inside, by the name on the envelope.
  ///
  /// @throws ApiException with BadRequest when it is no envelope or of a kind unknown here
  public static Message decode(byte[] envelope) {
    Unknown unknown = open(envelope);
    ObjectKind kind = kindOf(unknown);
    Message prototype =
        Schema.api()
            .message(kind)
            .orElseThrow(() ->
                refused(
                    "no kind \"" + kind.kind() + "\" is known in \"" + kind.apiVersion() + "\""));
    return parse(unknown.getRaw(), prototype);
  }

  /// What is inside, known to be of one type.
  ///
  /// @throws ApiException with BadRequest when it is not
  public static <T extends Message> T decode(byte[] envelope, T prototype) {
    Unknown unknown = open(envelope);
    ObjectKind kind = kindOf(unknown);
    Schema.api()
        .kindOf(prototype.getDescriptorForType())
        .filter(expected -> !kind.kind().isEmpty() && !expected.equals(kind))
        .ifPresent(expected -> {
          throw refused("the data is " + kind + ", expected " + expected);
        });
    return parse(unknown.getRaw(), prototype);
  }

  private static Unknown open(byte[] envelope) {
    if (!isEnvelope(envelope)) {
      throw refused("the data is no Kubernetes protobuf: it does not begin with k8s\\0");
    }
    try {
      Unknown unknown =
          Unknown.parseFrom(
              ByteString.copyFrom(envelope, MAGIC.length, envelope.length - MAGIC.length));
      if (!unknown.getContentEncoding().isEmpty()) {
        throw refused("unknown encoding of protobuf data: " + unknown.getContentEncoding());
      }
      return unknown;
    } catch (InvalidProtocolBufferException e) {
      throw refused("the protobuf envelope is damaged: " + e.getMessage());
    }
  }

  private static ObjectKind kindOf(Unknown unknown) {
    return ObjectKind.of(unknown.getTypeMeta().getApiVersion(), unknown.getTypeMeta().getKind());
  }

  @SuppressWarnings("unchecked") // a prototype's parser makes the prototype's class
  private static <T extends Message> T parse(ByteString bytes, T prototype) {
    try {
      CodedInputStream input = bytes.newCodedInput();
      input.setRecursionLimit(MOST_DEPTH);
      T message = (T) prototype.getParserForType().parseFrom(input);
      input.checkLastTagWas(0);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw refused("the protobuf data is damaged: " + e.getMessage());
    } catch (StackOverflowError e) {
      // A level of what the schema does not know takes several times as much as one that it does.
      throw refused("the protobuf data is damaged: it is nested too deeply");
    }
  }

  private static ApiException refused(String what) {
    return new ApiException(new ApiError.BadRequest(what));
  }
}
