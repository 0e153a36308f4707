package io.coxswain.controlplane.server;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.registry.Guard;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.WatchQuery;
import io.coxswain.controlplane.registry.WriteOptions;
import io.coxswain.controlplane.registry.WriteOptions.FieldValidation;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The query parameters that verbs know, checked.
///
/// @param values the first value of each
record RequestOptions(Map<String, String> values) {

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
    if (manager.length() > LONGEST_MANAGER) {
      throw invalid(
          verb,
          "fieldManager",
          "FieldValueTooLong",
          "Too long: may not be more than " + LONGEST_MANAGER + " bytes");
    }
    return new WriteOptions(
        dryRun(verb),
        manager.isEmpty() ? managerOf(userAgent) : manager,
        switch (strictness(verb)) {
          case STRICT -> FieldValidation.STRICT;
          case WARN -> FieldValidation.WARN;
          case IGNORE -> FieldValidation.IGNORE;
        },
        flag("force"),
        Guard.NONE);
  }

  private static String managerOf(String userAgent) {
    int slash = userAgent.indexOf('/');
    String name = slash < 0 ? userAgent : userAgent.substring(0, slash);
    return name.isEmpty() ? "unknown" : name.substring(0, Math.min(name.length(), LONGEST_MANAGER));
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
        (int) Math.min(Integer.MAX_VALUE, number("limit").orElse(0L)),
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
    return number("timeoutSeconds").filter(seconds -> seconds > 0).map(Duration::ofSeconds);
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
