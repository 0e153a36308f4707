package io.coxswain.controlplane.fieldset;

import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import io.coxswain.controlplane.fieldset.FieldSet.Node;
import io.coxswain.controlplane.fieldset.MessageListShape.KeyField;
import io.coxswain.controlplane.fieldset.MessageShape.MessageSlot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is in a message, read from its bytes: only what is there is looked at, and nothing by
/// reflection. Writing a pod's bytes and reading them takes a tenth of asking a message for each of
/// its fields.
final class WireFields {

  private final byte[] bytes;
  private int position;

  private WireFields(byte[] bytes) {
    this.bytes = bytes;
  }

  /// @param bytes of a message of that shape, well formed
  static FieldSet of(MessageShape shape, byte[] bytes) {
    return new WireFields(bytes).message(shape, bytes.length, true);
  }

  /// One object in the making: what is found of each field, in the order in which a set has them.
  ///
  /// @param nodes by the rank of the field
  /// @param parts lists and maps, whose elements come one by one, also by rank
  @SuppressWarnings({"ArrayRecordComponent", "ReferenceEquality"}) // nobody compares; one a type
  private record Level(
      MessageShape shape, @Nullable Node[] nodes, @Nullable FieldSetBuilder[] parts) {

    Level(MessageShape shape) {
      this(shape, new @Nullable Node[shape.size()], new @Nullable FieldSetBuilder[shape.size()]);
    }

    /// The place of a field; of one in an inlined message, where it stands in this object.
    @Nullable MessageSlot slot(MessageShape owner, int number) {
      MessageSlot slot = owner.slot(number);
      return slot == null || owner == shape ? slot : shape.slot(slot.element().name());
    }

    FieldSetBuilder part(MessageSlot slot) {
      FieldSetBuilder part = parts[slot.rank()];
      if (part == null) {
        part = new FieldSetBuilder();
        parts[slot.rank()] = part;
      }
      return part;
    }

    void add(MessageSlot slot, boolean member, FieldSet below) {
      if (!member && below.isEmpty()) {
        return;
      }
      Node found = new Node(slot.element(), member, below);
      Node before = nodes[slot.rank()];
      // a message may come in pieces
      nodes[slot.rank()] = before == null ? found : FieldSet.union(before, found);
    }

    FieldSet build() {
      int count = 0;
      for (Node node : nodes) {
        count += node == null ? 0 : 1;
      }
      if (count == 0) {
        return FieldSet.EMPTY;
      }
      Node[] all = new Node[count];
      int next = 0;
      for (Node node : nodes) {
        if (node != null) {
          all[next++] = node;
        }
      }
      return new FieldSet(all);
    }
  }

  /// @param lasting whether the object was there, if only empty, before it was made
  private FieldSet message(MessageShape shape, int end, boolean lasting) {
    Level level = new Level(shape);
    fields(shape, end, lasting, level);
    for (MessageSlot slot : shape.parts()) {
      FieldSetBuilder part = level.parts()[slot.rank()];
      if (part != null) {
        boolean stays = lasting && slot.isLasting();
        level.add(slot, !stays || slot.shape() instanceof Shape.Leaf<Object>, part.build());
      }
    }
    if (!lasting) {
      for (MessageSlot slot : shape.shown()) {
        if (level.nodes()[slot.rank()] == null) {
          level.nodes()[slot.rank()] = slot.leaf();
        }
      }
    }
    return level.build();
  }

  private void fields(MessageShape shape, int end, boolean lasting, Level level) {
    while (position < end) {
      int tag = (int) varint();
      int number = WireFormat.getTagFieldNumber(tag);
      MessageShape inlined = shape.inlined(number);
      if (inlined != null) {
        int length = (int) varint();
        fields(inlined, position + length, lasting, level);
        continue;
      }
      MessageSlot slot = level.slot(shape, number);
      if (slot == null) {
        skip(tag);
        continue;
      }
      switch (slot.shape()) {
        case MessageMapShape map -> entry(map, level.part(slot));
        case MessageListShape list -> element(list, level.part(slot));
        case MessageShape struct -> {
          boolean stays = lasting && slot.isLasting();
          int length = (int) varint();
          FieldSet below = message(struct, position + length, stays);
          level.add(slot, !stays, below);
        }
        case Shape<Object> _ -> {
          skip(tag);
          level.nodes()[slot.rank()] = slot.leaf();
        }
      }
    }
  }

  private void entry(MessageMapShape map, FieldSetBuilder into) {
    int length = (int) varint();
    int end = position + length;
    String key = "";
    FieldSet below = FieldSet.EMPTY;
    while (position < end) {
      int tag = (int) varint();
      if (WireFormat.getTagFieldNumber(tag) == 1) {
        key = text();
      } else if (map.value() instanceof MessageShape struct) {
        int inner = (int) varint();
        below = message(struct, position + inner, false);
      } else {
        skip(tag);
      }
    }
    var _ = into.add(new PathElement.Field(key), true, below);
  }

  private void element(MessageListShape list, FieldSetBuilder into) {
    if (list.keys().isEmpty()) {
      into.add(Node.leaf(new PathElement.Value(new Scalar.Text(text()))));
      return;
    }
    int length = (int) varint();
    int begin = position;
    List<PathElement.Part> parts = new ArrayList<>(list.keys().size());
    for (KeyField key : list.keys()) {
      position = begin;
      Scalar value = key(key, 0, begin + length);
      Scalar part = value == null ? key.standard() : value;
      if (part != null) {
        parts.add(new PathElement.Part(key.name(), part));
      }
    }
    position = begin;
    FieldSet below = FieldSet.EMPTY;
    if (list.item() instanceof MessageShape struct) {
      below = message(struct, begin + length, false);
    } else {
      position = begin + length;
    }
    var _ = into.add(new PathElement.Key(parts), true, below);
  }

  /// The value of a key's field in the message that begins here; null when it is not there.
  ///
  /// @param depth how many inlined messages have been stepped into
  private @Nullable Scalar key(KeyField key, int depth, int end) {
    boolean there = depth == key.inlined().size();
    int wanted = there ? key.descriptor().getNumber() : key.inlined().get(depth).getNumber();
    Scalar found = null;
    while (position < end) {
      int tag = (int) varint();
      if (WireFormat.getTagFieldNumber(tag) != wanted) {
        skip(tag);
      } else if (there) {
        found =
            key.descriptor().getJavaType() == JavaType.STRING
                ? new Scalar.Text(text())
                : new Scalar.Whole(varint());
      } else {
        int length = (int) varint();
        found = key(key, depth + 1, position + length);
      }
    }
    return found;
  }

  private String text() {
    int length = (int) varint();
    String text = new String(bytes, position, length, StandardCharsets.UTF_8);
    position += length;
    return text;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[position++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private void skip(int tag) {
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> {
        long _ = varint();
      }
      case WireFormat.WIRETYPE_FIXED64 -> position += Long.BYTES;
      case WireFormat.WIRETYPE_FIXED32 -> position += Integer.BYTES;
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
        int length = (int) varint();
        position += length;
      }
      default -> throw new IllegalStateException("no field of the API is a group");
    }
  }
}
