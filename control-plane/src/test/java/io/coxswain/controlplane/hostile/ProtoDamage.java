package io.coxswain.controlplane.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Changes a body in protobuf's own terms: other wire types, field numbers and lengths, depth,
/// groups, numbers too long. The envelope around it stays, mostly.
final class ProtoDamage {

  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int GROUP = 3;
  private static final int END_GROUP = 4;

  private static final int MAGIC = 4;

  private ProtoDamage() {}

  /// @param body in Kubernetes' envelope, whose second field is the object
  static byte[] damage(byte[] body, Chance chance) {
    try {
      UnknownFieldSet envelope =
          UnknownFieldSet.parseFrom(CodedInputStream.newInstance(body, MAGIC, body.length - MAGIC));
      List<ByteString> raw = envelope.getField(2).getLengthDelimitedList();
      if (raw.isEmpty() || chance.percent(10)) {
        return framed(body, message(envelope, chance, 0));
      }
      byte[] object = message(UnknownFieldSet.parseFrom(raw.getFirst()), chance, 0);
      Field changed = Field.newBuilder().addLengthDelimited(ByteString.copyFrom(object)).build();
      return framed(
          body, envelope.toBuilder().clearField(2).addField(2, changed).build().toByteArray());
    } catch (IOException e) {
      throw new IllegalStateException("good protobuf was expected", e);
    }
  }

  private static byte[] framed(byte[] body, byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(body, 0, MAGIC);
    out.writeBytes(message);
    return out.toByteArray();
  }

  /// Goes some way down and changes what it finds there.
  private static byte[] message(UnknownFieldSet message, Chance chance, int depth) {
    List<Map.Entry<Integer, Field>> fields = new ArrayList<>(message.asMap().entrySet());
    if (fields.isEmpty()) {
      return wrong(chance);
    }
    Map.Entry<Integer, Field> chosen = chance.of(fields);
    List<ByteString> parts = chosen.getValue().getLengthDelimitedList();
    if (!parts.isEmpty() && depth < 8 && chance.percent(75)) {
      try {
        UnknownFieldSet inner = UnknownFieldSet.parseFrom(parts.getFirst());
        ByteString changed = ByteString.copyFrom(message(inner, chance, depth + 1));
        Field.Builder field = Field.newBuilder().addLengthDelimited(changed);
        parts.stream().skip(1).forEach(field::addLengthDelimited);
        return message.toBuilder()
            .clearField(chosen.getKey())
            .addField(chosen.getKey(), field.build())
            .build()
            .toByteArray();
      } catch (InvalidProtocolBufferException e) {
        // a text: changed here
      }
    }
    return changed(message, chosen.getKey(), chosen.getValue(), chance);
  }

  private static byte[] changed(UnknownFieldSet message, int number, Field field, Chance chance) {
    UnknownFieldSet rest = message.toBuilder().clearField(number).build();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(rest.toByteArray());
    switch (chance.below(9)) {
      case 0 -> { // the type of another field
        varint(out, ((long) number << 3) | chance.of(List.of(0, 1, 2, 5)));
        out.writeBytes(chance.bytes(8));
      }
      case 1 -> { // longer than what is there
        varint(out, ((long) number << 3) | LENGTH);
        varint(out, chance.of(List.of(1L << 20, (1L << 31) - 1, 1L << 31, 1L << 40, -1L)));
        out.writeBytes(chance.bytes(chance.below(20)));
      }
      case 2 -> nested(out, number, chance.of(List.of(20, 90, 200, 400, 550, 590, 610, 20_000)));
      case 3 -> out.writeBytes(repeated(number, field, chance));
      case 4 -> { // as another field
        int other = chance.of(List.of(1, 2, 3, number + 1, 536_870_911, 19_000));
        out.writeBytes(UnknownFieldSet.newBuilder().addField(other, field).build().toByteArray());
      }
      case 5 -> groups(out, number, chance);
      case 6 -> { // no text in any encoding
        varint(out, ((long) number << 3) | LENGTH);
        varint(out, 4);
        out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xc0, 'a', 0});
      }
      case 7 -> { // an extreme of a number
        varint(out, ((long) number << 3) | VARINT);
        varint(out, chance.of(List.of(-1L, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, 1L << 32)));
      }
      default -> out.writeBytes(wrong(chance));
    }
    return out.toByteArray();
  }

  /// A field that holds itself, so many levels deep: the lengths of levels further in are shorter.
  private static void nested(ByteArrayOutputStream out, int number, int depth) {
    List<byte[]> heads = new ArrayList<>();
    int size = 0;
    for (int i = 0; i < depth; i++) {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      varint(head, ((long) number << 3) | LENGTH);
      varint(head, size);
      heads.add(head.toByteArray());
      size += head.size();
    }
    heads.reversed().forEach(out::writeBytes);
  }

  private static byte[] repeated(int number, Field field, Chance chance) {
    Field.Builder many = Field.newBuilder();
    int times = chance.percent(10) ? 20_000 : 2 + chance.below(50);
    for (int i = 0; i < times; i++) {
      many.mergeFrom(field);
      if (many.build().getSerializedSize(number) > 1 << 20) {
        break;
      }
    }
    return UnknownFieldSet.newBuilder().addField(number, many.build()).build().toByteArray();
  }

  private static void groups(ByteArrayOutputStream out, int number, Chance chance) {
    int depth = 1 + chance.below(5_000);
    for (int i = 0; i < depth; i++) {
      varint(out, ((long) number << 3) | GROUP);
    }
    int ends = chance.percent(50) ? depth : chance.below(depth);
    for (int i = 0; i < ends; i++) {
      varint(out, ((long) number << 3) | END_GROUP);
    }
  }

  private static byte[] wrong(Chance chance) {
    return switch (chance.below(4)) {
      case 0 -> new byte[] {0, 0, 0}; // field 0
      case 1 -> new byte[] {0x0e, 0x0f}; // types that there are none of
      case 2 -> chance.bytes(chance.below(200));
      default -> { // a number longer than numbers are
        byte[] long11 = new byte[12];
        java.util.Arrays.fill(long11, (byte) 0xff);
        long11[0] = 8;
        yield long11;
      }
    };
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~127L) != 0) {
      out.write((int) ((rest & 127) | 128));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
