package io.coxswain.controlplane.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.api.runtime.RawExtension;
import io.coxswain.client.ApiException;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.server.Negotiation.Format;
import io.coxswain.controlplane.server.Negotiation.View;
import io.coxswain.controlplane.table.IncludeObject;
import io.coxswain.controlplane.watch.CacheEvent;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.EventSink;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/// Sends the events of one watch until its time is over, the client has gone, or the client is too
/// slow. The frame of an event is encoded once for all watchers that want it in the same form, and
/// as a rule leaves without this watch's thread: it is needed for what may block, and when the
/// client does not keep up.
final class WatchStream {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// An event loop should be held up no longer than it takes to encode this much.
  private static final int LARGE = 64 << 10;

  /// JSON is about so many times as long as what is stored.
  private static final int LENGTH = 3;

  /// Names a frame among the forms of an event.
  private record FrameForm(Format format, View view) {}

  private final Reply reply;
  private final Exchange exchange;
  private final ResourceType<?> type;
  private final Negotiation form;
  private final IncludeObject include;
  private boolean headed;

  WatchStream(Reply reply, ResourceType<?> type, Negotiation form, IncludeObject include) {
    this.reply = reply;
    this.exchange = reply.exchange();
    this.type = type;
    this.form = form;
    this.include = include;
  }

  /// Blocks until the stream is over.
  ///
  /// @param watch is closed by this call
  void run(CacheWatch watch, Duration timeout) throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    exchange.onEnd(watch::close);
    try (watch) {
      answer(sink -> send(watch, end, sink));
    }
  }

  /// Says by an event that the version to begin at is forgotten, as Kubernetes does: some clients
  /// try again for ever when the answer itself is a refusal.
  void expired(ApiException refusal) throws IOException, InterruptedException {
    answer(_ -> {
      throw refusal;
    });
  }

  private interface Frames {
    void into(FrameSink sink) throws IOException, InterruptedException;
  }

  /// From head to end: what is refused on the way is the last frame.
  private void answer(Frames frames) throws IOException, InterruptedException {
    try (FrameSink sink = FrameSink.open(reply, form.format())) {
      try {
        frames.into(sink);
      } catch (ApiException e) {
        sink.send(error(Statuses.of(e.error())));
      } catch (IllegalStateException closed) {
        if (exchange.isEnded()) {
          return;
        }
      }
      sink.flush();
      sink.end();
    }
  }

  private void send(CacheWatch watch, long end, FrameSink sink)
      throws IOException, InterruptedException {
    EventSink direct = isShared() ? event -> offer(event, sink) : EventSink.NONE;
    while (true) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        Optional<CacheEvent> last = watch.bookmark();
        if (last.isPresent()) {
          sink.send(frame(last.get()));
        }
        return;
      }
      Duration patience = Duration.ofNanos(Math.min(left, PATIENCE.toNanos()));
      Optional<CacheEvent> event = watch.next(patience, direct);
      // What is there already goes out in one go.
      while (event.isPresent()) {
        sink.send(frame(event.get()));
        event = watch.poll();
      }
      sink.flush();
    }
  }

  /// Whether the frames are the same for all who watch in this form, and quickly made.
  private boolean isShared() {
    return form.view() != View.TABLE && form.format() != Format.YAML;
  }

  private boolean offer(CacheEvent event, FrameSink sink) {
    CachedObject object = event.object();
    int size = object.storedSize();
    return size < LARGE && !object.mayBlock() && sink.offer(size * LENGTH, () -> frame(event));
  }

  private byte[] frame(CacheEvent event) {
    if (form.view() == View.TABLE) {
      boolean first = !headed;
      headed = true;
      Message table = reply.tables().of(type, event.object().message(), include, first);
      return frame(event.type().name(), table);
    }
    return event
        .memo()
        .form(
            new FrameForm(form.format(), form.view()),
            byte[].class,
            () -> shared(event.type(), event));
  }

  private byte[] shared(WatchEvent.Type eventType, CacheEvent event) {
    if (form.view() == View.METADATA) {
      return frame(eventType.name(), Encoder.metadata(event.object().message()));
    }
    return form.format() == Format.PROTOBUF
        ? protobuf(eventType.name(), reply.encoder().protobuf(event.object()))
        : json(eventType.name(), reply.encoder().json(event.object()));
  }

  private byte[] error(Status status) {
    return frame("ERROR", status);
  }

  private byte[] frame(String eventType, Message object) {
    return form.format() == Format.PROTOBUF
        ? protobuf(eventType, ProtoEnvelope.encode(object))
        : json(eventType, reply.encoder().json(object));
  }

  private byte[] json(String eventType, byte[] object) {
    byte[] head = Encoder.utf8("{\"type\":\"" + eventType + "\",\"object\":");
    ByteBuffer frame = ByteBuffer.allocate(head.length + object.length + 2);
    frame.put(head).put(object).put((byte) '}').put((byte) '\n');
    byte[] line = frame.array();
    if (form.format() != Format.YAML) {
      return line;
    }
    byte[] text = reply.encoder().yaml(line);
    ByteBuffer document = ByteBuffer.allocate(text.length + 4);
    return document.put(Encoder.utf8("---\n")).put(text).array();
  }

  private static byte[] protobuf(String eventType, byte[] object) {
    byte[] event =
        io.coxswain.api.meta.v1.WatchEvent.newBuilder()
            .setType(eventType)
            .setObject(RawExtension.newBuilder().setRaw(ByteString.copyFrom(object)))
            .build()
            .toByteArray();
    return ByteBuffer.allocate(4 + event.length).putInt(event.length).put(event).array();
  }
}
