package io.coxswain.schema;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/// The methods that a generated class has for one field, as functions that call them without
/// reflection.
///
/// @param type a message's class or a builder's
record GeneratedMethods(Class<?> type, FieldDescriptor field) {

  /// For a list or map: whether it has elements. A field that does not know whether it was set is
  /// present when it is not what an absent one means.
  Predicate<Object> present() throws Throwable {
    if (field.isRepeated()) {
      ToIntFunction<Object> count = count();
      return message -> count.applyAsInt(message) > 0;
    }
    if (!field.hasPresence()) {
      return unlikeAbsent(value());
    }
    return function(
        Predicate.class, "test", boolean.class, type.getMethod("has" + name()), boolean.class);
  }

  /// The usual types without the way round by what an absent one means.
  private Predicate<Object> unlikeAbsent(Function<Object, Object> value) {
    return switch (field.getJavaType()) {
      case STRING -> message -> !((String) value.apply(message)).isEmpty();
      case BOOLEAN -> message -> (Boolean) value.apply(message);
      case INT -> message -> (Integer) value.apply(message) != 0;
      case LONG -> message -> (Long) value.apply(message) != 0;
      case FLOAT, DOUBLE, BYTE_STRING, ENUM, MESSAGE -> {
        Object absent = field.getDefaultValue();
        yield message -> !value.apply(message).equals(absent);
      }
    };
  }

  ToIntFunction<Object> count() throws Throwable {
    if (!field.isRepeated()) {
      return _ -> 1;
    }
    Method method = type.getMethod("get" + name() + "Count");
    return function(ToIntFunction.class, "applyAsInt", int.class, method, int.class);
  }

  /// Of a list all of it. There is none of a map.
  Function<Object, Object> value() throws Throwable {
    Method method = type.getMethod("get" + name() + (field.isRepeated() ? "List" : ""));
    Class<?> result = field.isRepeated() ? Object.class : boxed(field);
    return function(Function.class, "apply", Object.class, method, result);
  }

  /// All entries of a map, unmodifiable.
  Function<Object, Object> map() throws Throwable {
    Method method = type.getMethod("get" + name() + "Map");
    return function(Function.class, "apply", Object.class, method, Object.class);
  }

  /// Puts an entry into a map of a builder.
  interface EntryPut {
    void put(Object builder, Object key, Object value);
  }

  /// @param value the class of the map's values, as [FieldDescriptor] has it
  EntryPut putEntry(Class<?> value) throws Throwable {
    Method method = type.getMethod("put" + name(), String.class, value);
    Class<?> given = value.isPrimitive() ? boxed(mapValue()) : value;
    return function(EntryPut.class, "put", void.class, method, void.class, String.class, given);
  }

  private FieldDescriptor mapValue() {
    return field.getMessageType().findFieldByNumber(2);
  }

  /// Sets the field; to a list it adds. There is none of a map.
  ///
  /// @param value the class of one value, as [FieldDescriptor] has it
  BiConsumer<Object, Object> put(Class<?> value) throws Throwable {
    Method method = type.getMethod((field.isRepeated() ? "add" : "set") + name(), value);
    Class<?> given = value.isPrimitive() ? boxed(field) : value;
    return function(BiConsumer.class, "accept", void.class, method, void.class, given);
  }

  /// The class of one value of a field that holds no messages, or of a map to such.
  Class<?> scalar() {
    FieldDescriptor value = field.isMapField() ? mapValue() : field;
    return switch (value.getJavaType()) {
      case INT -> int.class;
      case LONG -> long.class;
      case FLOAT -> float.class;
      case DOUBLE -> double.class;
      case BOOLEAN -> boolean.class;
      case STRING -> String.class;
      case BYTE_STRING -> ByteString.class;
      case MESSAGE, ENUM -> throw new IllegalStateException(field.getFullName() + " is no scalar");
    };
  }

  private static Class<?> boxed(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT -> Integer.class;
      case LONG -> Long.class;
      case FLOAT -> Float.class;
      case DOUBLE -> Double.class;
      case BOOLEAN -> Boolean.class;
      case STRING -> String.class;
      case BYTE_STRING -> ByteString.class;
      case MESSAGE, ENUM -> Object.class;
    };
  }

  /// The field's, as in the names of generated methods.
  private String name() {
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

  /// @param shape a functional interface, and the name of its method
  /// @param erased what that returns; it takes objects
  /// @param result as which the method's result is returned
  /// @param given as which the arguments come
  private <F> F function(
      Class<?> shape,
      String name,
      Class<?> erased,
      Method method,
      Class<?> result,
      Class<?>... given)
      throws Throwable {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    MethodType general = MethodType.genericMethodType(1 + given.length).changeReturnType(erased);
    MethodType special =
        MethodType.methodType(result, given).insertParameterTypes(0, (Class<?>) type);
    MethodHandle made =
        LambdaMetafactory.metafactory(
                lookup,
                name,
                MethodType.methodType(shape),
                general,
                lookup.unreflect(method),
                special)
            .getTarget();
    @SuppressWarnings("unchecked") // as the factory was told
    F function = (F) made.invoke();
    return function;
  }
}
