package io.coxswain.controlplane;

import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A watch over REST that tells its events one by one, while it goes on. After half a minute it
/// ends, and with it a test that waits for what does not come.
final class OpenWatch implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();

  private final Stream<String> lines;
  private final Iterator<String> events;

  private OpenWatch(Stream<String> lines) {
    this.lines = lines;
    this.events = lines.iterator();
  }

  /// @param query as `labelSelector=a%3Db`, may be empty
  static OpenWatch of(TestPlane plane, String path, String query, String since) throws Exception {
    HttpResponse<Stream<String>> answer =
        plane
            .admin()
            .send(
                plane
                    .request(
                        path
                            + "?watch=1&timeoutSeconds=30&resourceVersion="
                            + since
                            + (query.isEmpty() ? "" : "&" + query))
                    .build(),
                HttpResponse.BodyHandlers.ofLines());
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " cannot be watched: " + answer.body().toList());
    }
    return new OpenWatch(answer.body());
  }

  /// From what a list says now.
  static OpenWatch fromNow(TestPlane plane, String path, String query) throws Exception {
    return of(plane, path, query, plane.read(path).at("/metadata/resourceVersion").asString());
  }

  JsonNode next() {
    if (!events.hasNext()) {
      throw new AssertionError("the watch is over");
    }
    return JSON.readTree(events.next());
  }

  /// As `ADDED name`.
  String nextInWords() {
    JsonNode event = next();
    return event.path("type").asString() + " " + event.at("/object/metadata/name").asString();
  }

  /// The object of the first event of this type that is as wanted; others in between are passed
  /// over, as controllers write, too.
  JsonNode await(String type, Predicate<JsonNode> wanted) {
    while (true) {
      JsonNode event = next();
      if (event.path("type").asString().equals(type) && wanted.test(event.path("object"))) {
        return event.path("object");
      }
    }
  }

  @Override
  public void close() {
    lines.close();
  }
}
