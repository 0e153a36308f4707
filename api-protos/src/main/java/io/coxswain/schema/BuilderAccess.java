package io.coxswain.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.coxswain.schema.GeneratedMethods.EntryPut;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Writes one field of any builder of its type, as `Message.Builder.setField` and its like do, and
/// several times faster for a field that is written often (see [FieldAccess]).
///
/// Safe for use by many threads.
public final class BuilderAccess {

  private static final Map<FieldDescriptor, BuilderAccess> KNOWN = new ConcurrentHashMap<>();

  /// The generated builder's methods.
  ///
  /// @param type the only class that they are of
  /// @param part an empty message of the field, where it holds messages
  /// @param entry puts into a map
  private record Bound(
      Class<?> type, BiConsumer<Object, Object> put, EntryPut entry, @Nullable Message part) {}

  private static final BiConsumer<Object, Object> NO_PUT = (_, _) -> {};
  private static final EntryPut NO_ENTRY = (_, _, _) -> {};

  /// For a class that has no such methods.
  private static final Bound NONE = new Bound(Void.class, NO_PUT, NO_ENTRY, null);

  private final FieldDescriptor field;
  private volatile @Nullable Bound bound;

  private int writes; // about: threads may lose some

  private BuilderAccess(FieldDescriptor field) {
    this.field = field;
  }

  public static BuilderAccess of(FieldDescriptor field) {
    BuilderAccess known = KNOWN.get(field);
    return known != null ? known : KNOWN.computeIfAbsent(field, BuilderAccess::new);
  }

  /// Puts an entry into a map, in place of one with that key.
  ///
  /// @param value of the class that the entry's `setField` takes
  public void putEntry(Message.Builder builder, String key, Object value) {
    Bound quick = bound(builder);
    if (quick != null) {
      quick.entry().put(builder, key, value);
      return;
    }
    Message.Builder entry = builder.newBuilderForField(field);
    entry.setField(field.getMessageType().findFieldByNumber(1), key);
    entry.setField(field.getMessageType().findFieldByNumber(2), value);
    builder.addRepeatedField(field, entry.build());
  }

  /// Sets the field, which is no map; to a list the value is added.
  ///
  /// @param value one value, of the class that `setField` takes
  public void put(Message.Builder builder, Object value) {
    Bound quick = bound(builder);
    if (quick != null) {
      quick.put().accept(builder, value);
    } else if (field.isRepeated()) {
      builder.addRepeatedField(field, value);
    } else {
      builder.setField(field, value);
    }
  }

  /// A builder of one value of a field that holds messages, or of a map to such, which is not in it
  /// yet.
  public Message.Builder part(Message.Builder builder) {
    Bound quick = bound(builder);
    if (quick != null && quick.part() != null) {
      return quick.part().newBuilderForType();
    }
    Message.Builder part = builder.newBuilderForField(field);
    return field.isMapField()
        ? part.newBuilderForField(field.getMessageType().findFieldByNumber(2))
        : part;
  }

  /// Whether the generated methods are called by now, for builders that have them.
  boolean isQuick() {
    return bound != null && bound != NONE;
  }

  private @Nullable Bound bound(Message.Builder builder) {
    Bound quick = bound;
    if (quick == null) {
      if (++writes > FieldAccess.OFTEN) {
        bound = bind(builder);
      }
      return null;
    }
    return quick.type() == builder.getClass() ? quick : null;
  }

  private Bound bind(Message.Builder builder) {
    GeneratedMethods methods = new GeneratedMethods(builder.getClass(), field);
    try {
      if (field.isMapField()) {
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        Message part =
            value.getJavaType() == JavaType.MESSAGE
                ? ((Message) builder.newBuilderForField(field).getField(value))
                    .getDefaultInstanceForType()
                : null;
        Class<?> held = part == null ? methods.scalar() : part.getClass();
        return new Bound(builder.getClass(), NO_PUT, methods.putEntry(held), part);
      }
      if (field.getJavaType() != JavaType.MESSAGE) {
        return new Bound(builder.getClass(), methods.put(methods.scalar()), NO_ENTRY, null);
      }
      Message part = builder.newBuilderForField(field).getDefaultInstanceForType();
      return new Bound(builder.getClass(), methods.put(part.getClass()), NO_ENTRY, part);
    } catch (Exception _) {
      return NONE;
    } catch (Throwable e) { // a method handle may throw anything
      throw new IllegalStateException("binding " + field.getFullName(), e);
    }
  }
}
