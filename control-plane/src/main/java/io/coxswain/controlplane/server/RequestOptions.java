package io.coxswain.controlplane.server;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.admission.dynamic.Notes;
import io.coxswain.controlplane.registry.Guard;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.WatchQuery;
import io.coxswain.controlplane.registry.WriteOptions;
import io.coxswain.controlplane.registry.WriteOptions.Bookkeeping;
import io.coxswain.controlplane.registry.WriteOptions.FieldValidation;
import io.coxswain.schema.ResourceType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The query parameters that verbs know, checked.
///
/// @param values the first value of each
/// @param notes takes what admission has to say of the request
record RequestOptions(Map<String, String> values, Notes notes) {

  private static final int LONGEST_MANAGER = 128;

  RequestOptions {
    values = Map.copyOf(values);
  }

  String get(String name) {
    return values.getOrDefault(name, "");
  }

  boolean flag(String name) {
    String value = values.get(name);
    return value != null && !value.equals("false") && !value.equals("0");
  }

  /// @param verb as it stands in the error's name: `Create` for `CreateOptions`
  WriteOptions write(String verb, String userAgent) {
    String manager = get("fieldManager");
    checkManager(verb, manager);
    return new WriteOptions(
        dryRun(verb),
        manager.isEmpty() ? managerOf(userAgent) : manager,
        Bookkeeping.BEGIN,
        switch (strictness(verb)) {
          case STRICT -> FieldValidation.STRICT;
          case WARN -> FieldValidation.WARN;
          case IGNORE -> FieldValidation.IGNORE;
        },
        flag("force"),
        Guard.NONE,
        Optional.empty(),
        notes);
  }

  /// The options of a patch: who applies says who he is, and nobody else forces anything.
  ///
  /// @param apply whether it is an apply
  WriteOptions patch(boolean apply, String userAgent) {
    if (apply && get("fieldManager").isEmpty()) {
      throw invalid(
          "Patch",
          "fieldManager",
          "FieldValueRequired",
          "Required value: is required for apply patch");
    }
    if (!apply && values.containsKey("force")) {
      throw invalid(
          "Patch",
          "force",
          "FieldValueForbidden",
          "Forbidden: may not be specified for non-apply patch");
    }
    return write("Patch", userAgent);
  }

  private static void checkManager(String verb, String manager) {
    if (manager.getBytes(StandardCharsets.UTF_8).length > LONGEST_MANAGER) {
      throw invalid(
          verb,
          "fieldManager",
          "FieldValueTooLong",
          "Too long: may not be more than " + LONGEST_MANAGER + " bytes");
    }
    for (int i = 0; i < manager.length(); i += Character.charCount(manager.codePointAt(i))) {
      int character = manager.codePointAt(i);
      if (!isPrintable(character)) {
        throw invalid(
            verb,
            "fieldManager",
            "FieldValueInvalid",
            "Invalid value: \""
                + manager
                    .codePoints()
                    .mapToObj(c -> isPrintable(c) ? Character.toString(c) : escaped(c))
                    .collect(Collectors.joining())
                + "\": invalid character "
                + String.format("U+%04X", character)
                + " (at position "
                + manager.substring(0, i).getBytes(StandardCharsets.UTF_8).length
                + ")");
      }
    }
  }

  private static String escaped(int character) {
    return String.format("\\u%04x", character);
  }

  /// What can be seen, and the plain space.
  private static boolean isPrintable(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> character == ' ';
      default -> true;
    };
  }

  /// What of the name before the slash can be printed, as far as it fits.
  private static String managerOf(String userAgent) {
    int slash = userAgent.indexOf('/');
    String name = slash < 0 ? userAgent : userAgent.substring(0, slash);
    StringBuilder manager = new StringBuilder(name.length());
    int bytes = 0;
    for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
      int character = name.codePointAt(i);
      if (isPrintable(character)) {
        bytes += Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_MANAGER) {
          break;
        }
        manager.appendCodePoint(character);
      }
    }
    return manager.toString();
  }

  private boolean dryRun(String verb) {
    String value = values.get("dryRun");
    if (value == null) {
      return false;
    }
    if (!value.equals("All")) {
      throw invalid(
          verb,
          "dryRun",
          "FieldValueNotSupported",
          "Unsupported value: \"" + value + "\": supported values: \"All\"");
    }
    return true;
  }

  Strictness strictness(String verb) {
    String value = get("fieldValidation");
    return Strictness.of(value)
        .orElseThrow(() ->
            invalid(
                verb,
                "fieldValidation",
                "FieldValueNotSupported",
                "Unsupported value: \""
                    + value
                    + "\": supported values: \"Ignore\", \"Strict\", \"Warn\""));
  }

  ListQuery list(ResourceType<?> type, String namespace) {
    return new ListQuery(
        type,
        namespace,
        get("labelSelector"),
        get("fieldSelector"),
        get("resourceVersion"),
        get("resourceVersionMatch"),
        // Below 0 is no limit, as in Kubernetes.
        Math.clamp(number("limit").orElse(0L), 0, Integer.MAX_VALUE),
        get("continue"));
  }

  /// @param name of the only object to follow; empty for all
  WatchQuery watch(ResourceType<?> type, String namespace, String name) {
    String fields = get("fieldSelector");
    if (!name.isEmpty() && RequestInfo.onlyName(fields).isEmpty()) {
      fields = (fields.isEmpty() ? "" : fields + ",") + "metadata.name=" + name;
    }
    return new WatchQuery(
        type,
        namespace,
        get("labelSelector"),
        fields,
        get("resourceVersion"),
        flag("allowWatchBookmarks"),
        flag("sendInitialEvents"));
  }

  Optional<Duration> timeout() {
    return number("timeoutSeconds")
        .filter(seconds -> seconds > 0)
        .map(seconds -> Duration.ofSeconds(Math.min(seconds, Integer.MAX_VALUE)));
  }

  /// @throws ApiException with BadRequest when it is there and no whole number
  Optional<Long> number(String name) {
    String value = get(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(value));
    } catch (NumberFormatException e) {
      throw new ApiException(
          new ApiError.BadRequest(
              "the query parameter " + name + " must be a whole number, not \"" + value + "\""),
          e);
    }
  }

  private static ApiException invalid(String verb, String field, String type, String message) {
    String kind = verb + "Options";
    return new ApiException(
        new ApiError.Invalid(
            "meta.k8s.io",
            kind,
            "",
            List.of(new ApiError.Cause(type, field, message)),
            kind + ".meta.k8s.io \"\" is invalid: " + field + ": " + message));
  }
}
