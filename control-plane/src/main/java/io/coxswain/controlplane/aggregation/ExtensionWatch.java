package io.coxswain.controlplane.aggregation;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.proxy.UpstreamLines;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A watch at another server: a thread reads it, and waits while nobody takes what it read.
final class ExtensionWatch implements Watch<Message> {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int MOST_AHEAD = 128;

  /// What was read: an event, or why there are no more.
  private sealed interface Heard {
    record Event(WatchEvent<Message> event) implements Heard {}

    record End(ApiError why) implements Heard {}
  }

  private final UpstreamLines lines;
  private final Function<ObjectNode, ? extends Message> objects;
  private final BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(MOST_AHEAD);
  private final Thread reader;
  private volatile boolean closed;

  ExtensionWatch(UpstreamLines lines, Function<ObjectNode, ? extends Message> objects) {
    this.lines = lines;
    this.objects = objects;
    this.reader = Thread.ofVirtual().name("extension-watch").start(this::read);
  }

  private void read() {
    try (lines) {
      heard.put(new Heard.End(untilTheEnd()));
    } catch (InterruptedException e) {
      // closed
    }
  }

  private ApiError untilTheEnd() throws InterruptedException {
    try {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        JsonNode event = JSON.readTree(line.get());
        String type = event.path("type").asString("");
        if (type.equals("ERROR") || !(event.path("object") instanceof ObjectNode object)) {
          return Statuses.error(ExtensionTransport.status(event.path("object")));
        }
        heard.put(
            new Heard.Event(
                new WatchEvent<>(WatchEvent.Type.valueOf(type), objects.apply(object))));
      }
      return new ApiError.Unavailable("the server ended the watch");
    } catch (IOException | JacksonException | IllegalArgumentException e) {
      return new ApiError.Unavailable("the watch broke off: " + e.getMessage());
    } catch (ApiException e) {
      return e.error();
    }
  }

  @Override
  public Optional<WatchEvent<Message>> next(Duration patience) throws InterruptedException {
    if (closed) {
      throw new IllegalStateException("the watch is closed");
    }
    @Nullable Heard next = heard.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    if (closed) {
      throw new IllegalStateException("the watch is closed");
    }
    return switch (next) {
      case null -> Optional.empty();
      case Heard.Event(var event) -> Optional.of(event);
      case Heard.End(var why) -> {
        closed = true;
        throw new ApiException(why);
      }
    };
  }

  /// A reader that is blocked is told that nothing more comes.
  @Override
  public void close() {
    closed = true;
    reader.interrupt();
    lines.cut();
    var _ = heard.offer(new Heard.End(new ApiError.Unavailable("the watch is closed")));
  }
}
