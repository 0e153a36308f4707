package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// Waits until one object is as it shall be: reads it, then follows its changes.
final class Await {

  private static final long LONGEST_WATCH_SECONDS = 30;

  private Await() {}

  /// @param reached given the object, or nothing when there is none
  /// @param late what to tell when the time is over
  static void until(
      Session session,
      Kind kind,
      String namespace,
      String name,
      Instant end,
      Predicate<Optional<JsonNode>> reached,
      Supplier<String> late) {
    while (true) {
      Map<String, String> query = new TreeMap<>();
      query.put("fieldSelector", "metadata.name=" + name);
      JsonNode list;
      try {
        list = session.api().get(kind.path(namespace, query));
      } catch (Api.Refusal e) {
        if (e.isNotFound() && reached.test(Optional.empty())) {
          return; // the kind went, and all of its objects
        }
        throw e;
      }
      JsonNode items = Json.at(list, "items");
      Optional<JsonNode> object = items.isEmpty() ? Optional.empty() : Optional.of(items.get(0));
      if (reached.test(object)) {
        return;
      }
      Duration left =
          end.equals(Instant.MAX)
              ? Duration.ofSeconds(LONGEST_WATCH_SECONDS)
              : Duration.between(session.world().clock().instant(), end);
      if (!left.isPositive()) {
        throw new Failure(late.get());
      }
      query.put("watch", "true");
      query.put("resourceVersion", Json.text(list, "metadata", "resourceVersion"));
      // the server ends the stream in time
      query.put(
          "timeoutSeconds",
          Long.toString(Math.clamp(left.toMillis() / 1000 + 1, 1, LONGEST_WATCH_SECONDS)));
      if (follow(session.api(), kind.path(namespace, query), reached)) {
        return;
      }
    }
  }

  private static boolean follow(Api api, String path, Predicate<Optional<JsonNode>> reached) {
    try (Api stream = api.another()) {
      Iterator<JsonNode> events = stream.watch(path, Api.JSON);
      while (events.hasNext()) {
        JsonNode event = events.next();
        String type = Json.text(event, "type");
        if (type.equals("ERROR")) {
          return false;
        }
        if (!type.equals("BOOKMARK")
            && reached.test(
                type.equals("DELETED")
                    ? Optional.empty()
                    : Optional.of(Json.at(event, "object")))) {
          return true;
        }
      }
    } catch (tools.jackson.core.JacksonException e) {
      return false; // the stream broke off: look again
    }
    return false;
  }
}
