package io.coxswain.controlplane.admission;

import io.coxswain.client.ApiError.Cause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Collects what is wrong with one object, in Kubernetes' words.
final class Problems {

  /// Nobody reads more, and a hostile object could have millions.
  private static final int MOST = 200;

  private final List<Cause> causes = new ArrayList<>();

  List<Cause> causes() {
    return List.copyOf(causes);
  }

  boolean isEmpty() {
    return causes.isEmpty();
  }

  void required(String path) {
    add("FieldValueRequired", path, "Required value");
  }

  void required(String path, String detail) {
    add("FieldValueRequired", path, "Required value: " + detail);
  }

  void invalid(String path, String value, String detail) {
    add("FieldValueInvalid", path, "Invalid value: " + quoted(value) + ": " + detail);
  }

  void invalid(String path, long value, String detail) {
    add("FieldValueInvalid", path, "Invalid value: " + value + ": " + detail);
  }

  /// @param json how the value is shown: whole objects are wrong now and then
  void invalidJson(String path, String json, String detail) {
    add("FieldValueInvalid", path, "Invalid value: " + json + ": " + detail);
  }

  void duplicate(String path, String value) {
    add("FieldValueDuplicate", path, "Duplicate value: " + quoted(value));
  }

  void notFound(String path, String value) {
    add("FieldValueNotFound", path, "Not found: " + quoted(value));
  }

  void notFound(String path, String value, String detail) {
    add("FieldValueNotFound", path, "Not found: " + quoted(value) + ": " + detail);
  }

  void forbidden(String path, String detail) {
    add("FieldValueForbidden", path, "Forbidden: " + detail);
  }

  void unsupported(String path, String value, Collection<String> supported) {
    String all =
        supported.stream().sorted().map(Problems::quoted).collect(Collectors.joining(", "));
    add(
        "FieldValueNotSupported",
        path,
        "Unsupported value: " + quoted(value) + ": supported values: " + all);
  }

  void tooLong(String path, long most) {
    add("FieldValueTooLong", path, "Too long: may not be more than " + most + " bytes");
  }

  void tooMany(String path, long count, long most) {
    add("FieldValueTooMany", path, "Too many: " + count + ": must have at most " + most + " items");
  }

  private void add(String type, String path, String message) {
    boolean known =
        causes.stream().anyMatch(cause -> cause.field().equals(path) && cause.type().equals(type));
    if (!known && causes.size() < MOST) {
      causes.add(new Cause(type, path, message));
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
