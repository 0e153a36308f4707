package io.coxswain.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Reads one field of any message of its type, as `Message.getField` and its like do, and several
/// times faster for a field that is read often: then the generated class's own methods are called
/// instead of being looked up and checked each time. Whoever walks through whole objects reads
/// hundreds of fields, most of them absent.
///
/// Safe for use by many threads.
public final class FieldAccess {

  /// To bind the methods costs as much as some hundred reads.
  static final int OFTEN = 200;

  private static final Map<FieldDescriptor, FieldAccess> KNOWN = new ConcurrentHashMap<>();

  /// The generated class's methods.
  ///
  /// @param type the only class that they are of
  /// @param present for a list or map: whether it has elements
  /// @param value of a map: the map
  private record Bound(
      Class<?> type,
      Predicate<Object> present,
      ToIntFunction<Object> count,
      Function<Object, Object> value) {}

  /// For a class that has no such methods.
  private static final Bound NONE = new Bound(Void.class, _ -> false, _ -> 0, message -> message);

  private final FieldDescriptor field;
  private final boolean map;
  private volatile @Nullable Bound bound;

  private int reads; // about: threads may lose some

  private FieldAccess(FieldDescriptor field) {
    this.field = field;
    this.map = field.isMapField();
  }

  public static FieldAccess of(FieldDescriptor field) {
    FieldAccess known = KNOWN.get(field);
    return known != null ? known : KNOWN.computeIfAbsent(field, FieldAccess::new);
  }

  /// Whether the field is set; of a list or map, whether it has elements.
  public boolean has(Message message) {
    Bound quick = bound(message);
    if (quick != null) {
      return quick.present().test(message);
    }
    return field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
  }

  /// The value of a field that is no map; of an absent one what it means. A list is one.
  public Object get(Message message) {
    if (map) {
      throw new IllegalArgumentException(field.getFullName() + " is a map");
    }
    Bound quick = bound(message);
    return quick != null ? quick.value().apply(message) : message.getField(field);
  }

  /// The entries of a map, whose keys are texts in all of the API, in no order.
  public Map<String, ?> map(Message message) {
    Bound quick = bound(message);
    if (quick != null) {
      @SuppressWarnings("unchecked") // as the generated method has it
      Map<String, ?> map = (Map<String, ?>) quick.value().apply(message);
      return map;
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (Object entry : (List<?>) message.getField(field)) {
      Message pair = (Message) entry;
      map.put(
          (String) pair.getField(field.getMessageType().findFieldByNumber(1)),
          pair.getField(field.getMessageType().findFieldByNumber(2)));
    }
    return map;
  }

  /// How many elements a list or map has.
  public int count(Message message) {
    Bound quick = bound(message);
    return quick != null ? quick.count().applyAsInt(message) : message.getRepeatedFieldCount(field);
  }

  /// The elements of a list.
  public List<?> list(Message message) {
    return (List<?>) get(message);
  }

  /// Whether the generated methods are called by now, for messages that have them.
  boolean isQuick() {
    return bound != null && bound != NONE;
  }

  private @Nullable Bound bound(Message message) {
    Bound quick = bound;
    if (quick == null) {
      if (++reads > OFTEN) {
        bound = bind(message.getClass());
      }
      return null;
    }
    return quick.type() == message.getClass() ? quick : null;
  }

  /// Messages without a class of their own have no methods, and some names are not as expected.
  private Bound bind(Class<?> type) {
    GeneratedMethods methods = new GeneratedMethods(type, field);
    try {
      Function<Object, Object> value = field.isMapField() ? methods.map() : methods.value();
      return new Bound(type, methods.present(), methods.count(), value);
    } catch (Exception _) {
      return NONE;
    } catch (Throwable e) { // a method handle may throw anything
      throw new IllegalStateException("binding " + field.getFullName(), e);
    }
  }
}
