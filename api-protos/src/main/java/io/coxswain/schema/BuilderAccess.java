package io.coxswain.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
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
  private record Bound(Class<?> type, BiConsumer<Object, Object> put, @Nullable Message part) {}

  /// For a class that has no such methods.
  private static final Bound NONE = new Bound(Void.class, (_, _) -> {}, null);

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

  /// Sets the field; to a list the value is added. Of a map it takes entries.
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

  /// A builder of one value of a field that holds messages, which is not in it yet.
  public Message.Builder part(Message.Builder builder) {
    Bound quick = bound(builder);
    return quick != null && quick.part() != null
        ? quick.part().newBuilderForType()
        : builder.newBuilderForField(field);
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
    if (field.isMapField()) {
      return NONE;
    }
    GeneratedMethods methods = new GeneratedMethods(builder.getClass(), field);
    try {
      if (field.getJavaType() != JavaType.MESSAGE) {
        return new Bound(builder.getClass(), methods.put(methods.scalar()), null);
      }
      Message part = builder.newBuilderForField(field).getDefaultInstanceForType();
      return new Bound(builder.getClass(), methods.put(part.getClass()), part);
    } catch (Exception _) {
      return NONE;
    } catch (Throwable e) { // a method handle may throw anything
      throw new IllegalStateException("binding " + field.getFullName(), e);
    }
  }
}
