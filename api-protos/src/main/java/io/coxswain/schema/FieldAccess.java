package io.coxswain.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
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
  private static final int OFTEN = 200;

  private static final Map<FieldDescriptor, FieldAccess> KNOWN = new ConcurrentHashMap<>();

  /// The generated class's methods.
  ///
  /// @param type the only class that they are of
  /// @param present for a list or map: whether it has elements
  private record Bound(
      Class<?> type,
      Predicate<Object> present,
      ToIntFunction<Object> count,
      Function<Object, Object> value) {}

  /// For a class that has no such methods.
  private static final Bound NONE = new Bound(Void.class, _ -> false, _ -> 0, message -> message);

  private final FieldDescriptor field;
  private volatile @Nullable Bound bound;

  private int reads; // about: threads may lose some

  private FieldAccess(FieldDescriptor field) {
    this.field = field;
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
    Bound quick = bound(message);
    return quick != null ? quick.value().apply(message) : message.getField(field);
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
    String name = capitalized();
    try {
      if (field.isMapField()) {
        ToIntFunction<Object> count = count(type, "get" + name + "Count");
        return new Bound(type, message -> count.applyAsInt(message) > 0, count, this::reflected);
      }
      if (field.isRepeated()) {
        ToIntFunction<Object> count = count(type, "get" + name + "Count");
        return new Bound(
            type,
            message -> count.applyAsInt(message) > 0,
            count,
            value(type, "get" + name + "List", List.class));
      }
      return new Bound(
          type, present(type, "has" + name), _ -> 1, value(type, "get" + name, boxed()));
    } catch (Exception _) {
      return NONE;
    } catch (Throwable e) { // a method handle may throw anything
      throw new IllegalStateException("binding " + field.getFullName(), e);
    }
  }

  private Object reflected(Object message) {
    return ((Message) message).getField(field);
  }

  private Class<?> boxed() {
    return switch (field.getJavaType()) {
      case INT -> Integer.class;
      case LONG -> Long.class;
      case FLOAT -> Float.class;
      case DOUBLE -> Double.class;
      case BOOLEAN -> Boolean.class;
      case STRING -> String.class;
      case BYTE_STRING -> com.google.protobuf.ByteString.class;
      case MESSAGE, ENUM -> Object.class;
    };
  }

  /// As in the names of generated methods.
  private String capitalized() {
    StringBuilder name = new StringBuilder();
    boolean upper = true;
    for (char c : field.getName().toCharArray()) {
      if (c == '_') {
        upper = true;
      } else {
        name.append(upper ? Character.toUpperCase(c) : c);
        upper = Character.isDigit(c);
      }
    }
    return name.toString();
  }

  @SuppressWarnings("unchecked") // as the factory is told
  private static Predicate<Object> present(Class<?> type, String method) throws Throwable {
    return (Predicate<Object>)
        lambda(
            type.getMethod(method),
            "test",
            Predicate.class,
            MethodType.methodType(boolean.class, Object.class),
            MethodType.methodType(boolean.class, type));
  }

  @SuppressWarnings("unchecked") // as the factory is told
  private static ToIntFunction<Object> count(Class<?> type, String method) throws Throwable {
    return (ToIntFunction<Object>)
        lambda(
            type.getMethod(method),
            "applyAsInt",
            ToIntFunction.class,
            MethodType.methodType(int.class, Object.class),
            MethodType.methodType(int.class, type));
  }

  @SuppressWarnings("unchecked") // as the factory is told
  private static Function<Object, Object> value(Class<?> type, String method, Class<?> result)
      throws Throwable {
    return (Function<Object, Object>)
        lambda(
            type.getMethod(method),
            "apply",
            Function.class,
            MethodType.methodType(Object.class, Object.class),
            MethodType.methodType(result, type));
  }

  private static Object lambda(
      Method method, String name, Class<?> shape, MethodType erased, MethodType actual)
      throws Throwable {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    MethodHandle made =
        LambdaMetafactory.metafactory(
                lookup,
                name,
                MethodType.methodType(shape),
                erased,
                lookup.unreflect(method),
                actual)
            .getTarget();
    return made.invoke();
  }
}
