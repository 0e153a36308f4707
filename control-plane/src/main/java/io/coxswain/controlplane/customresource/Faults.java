package io.coxswain.controlplane.customresource;

import io.coxswain.client.ApiError.Cause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Collects what is wrong with one object, in Kubernetes' words.
final class Faults {

  /// Nobody reads more, and a hostile object could have millions.
  private static final int MOST = 200;

  private final List<Cause> causes = new ArrayList<>();

  List<Cause> causes() {
    return List.copyOf(causes);
  }

  boolean isEmpty() {
    return causes.isEmpty();
  }

  void required(String path, String detail) {
    add("FieldValueRequired", path, "Required value" + (detail.isEmpty() ? "" : ": " + detail));
  }

  /// @param value as JSON
  void invalid(String path, String value, String detail) {
    add("FieldValueInvalid", path, "Invalid value: " + value + ": " + detail);
  }

  void invalidText(String path, String value, String detail) {
    invalid(path, quoted(value), detail);
  }

  void invalidType(String path, String value, String detail) {
    add("FieldValueTypeInvalid", path, "Invalid value: " + value + ": " + detail);
  }

  void duplicate(String path, String value) {
    add("FieldValueDuplicate", path, "Duplicate value: " + value);
  }

  void forbidden(String path, String detail) {
    add("FieldValueForbidden", path, "Forbidden: " + detail);
  }

  void tooLong(String path, long most) {
    add("FieldValueTooLong", path, "Too long: may not be more than " + most + " bytes");
  }

  void tooMany(String path, long count, long most) {
    add("FieldValueTooMany", path, "Too many: " + count + ": must have at most " + most + " items");
  }

  void unsupported(String path, String value, Collection<String> supported) {
    String all = supported.stream().map(Faults::quoted).collect(Collectors.joining(", "));
    add(
        "FieldValueNotSupported",
        path,
        "Unsupported value: " + value + ": supported values: " + all);
  }

  /// @param type as in a cause, as `FieldValueForbidden`
  void add(String type, String path, String message) {
    if (causes.size() < MOST) {
      causes.add(new Cause(type, path.isEmpty() ? "<nil>" : path, message));
    }
  }

  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  /// A value as it is shown: long ones are cut.
  static String shown(JsonNode value) {
    String text = value.isString() ? quoted(value.asString()) : value.toString();
    return text.length() > 1000 ? text.substring(0, 1000) + "…" : text;
  }
}
