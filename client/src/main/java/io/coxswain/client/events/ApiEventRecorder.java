package io.coxswain.client.events;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.EventSource;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.schema.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes events to the API from one virtual thread.
///
/// The same event on the same object within ten minutes raises the count of the one written before.
/// An object that reports more than 25 in a burst is cut to one every five minutes; what is dropped
/// is counted.
public final class ApiEventRecorder implements EventRecorder, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ApiEventRecorder.class);
  private static final int QUEUE = 1_000;
  private static final int REMEMBERED = 4_096;
  private static final Duration SAME = Duration.ofMinutes(10);
  private static final int MESSAGE_LIMIT = 1_024;

  private record Report(
      ObjectReference regarding, Type type, String reason, String message, Instant at) {}

  private record Sameness(
      String uid,
      String kind,
      String namespace,
      String name,
      Type type,
      String reason,
      String message) {}

  private record Written(Event event, Instant at) {}

  private final Resources<Event> events;
  private final String component;
  private final String host;
  private final InstantSource clock;
  private final BlockingQueue<Report> queue = new ArrayBlockingQueue<>(QUEUE);
  private final TaskScope scope = new TaskScope("events");
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong names = new AtomicLong();
  private final Bursts bursts = new Bursts(REMEMBERED);
  // Only the writing thread touches it.
  private final Map<Sameness, Written> written =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Sameness, Written> eldest) {
          return size() > REMEMBERED;
        }
      };

  /// @param component who reports, as `default-scheduler` or `kubelet`
  /// @param host the node the reporter runs on; empty where that means nothing
  public ApiEventRecorder(ApiClient client, String component, String host) {
    this(client, component, host, Clock.systemUTC());
  }

  public ApiEventRecorder(ApiClient client, String component, String host, InstantSource clock) {
    this.events = client.resources(Event.class);
    this.component = component;
    this.host = host;
    this.clock = clock;
    names.set(clock.instant().toEpochMilli() * 1_000_000);
    scope.fork("write", this::run);
  }

  @Override
  public void event(Message regarding, Type type, String reason, String message) {
    Report report =
        new Report(reference(regarding), type, reason, shortened(message), clock.instant());
    if (!queue.offer(report)) {
      long count = dropped.incrementAndGet();
      log.debug("event {} dropped, {} so far: the API does not keep up", reason, count);
    }
  }

  /// Events that were not written: too many waited, an object reported too many, or the API
  /// refused.
  public long dropped() {
    return dropped.get();
  }

  /// Writes what waits, 2 s at most, and ends.
  @Override
  public void close() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    try {
      while (!queue.isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(5);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    scope.close();
  }

  private void run() throws InterruptedException {
    while (true) {
      Report report = queue.take();
      try {
        write(report);
      } catch (ApiException e) {
        dropped.incrementAndGet();
        log.debug("event {} could not be written: {}", report.reason, e.getMessage());
      } catch (RuntimeException e) {
        dropped.incrementAndGet();
        log.warn("event {} could not be written", report.reason, e);
      }
    }
  }

  private void write(Report report) {
    ObjectReference about = report.regarding;
    if (!bursts.allow(
        about.getUid() + "/" + about.getNamespace() + "/" + about.getName(), report.at)) {
      dropped.incrementAndGet();
      return;
    }
    Sameness sameness =
        new Sameness(
            about.getUid(),
            about.getKind(),
            about.getNamespace(),
            about.getName(),
            report.type,
            report.reason,
            report.message);
    Written before = written.get(sameness);
    if (before != null && Duration.between(before.at, report.at).compareTo(SAME) <= 0) {
      Event raised =
          before.event.toBuilder()
              .setCount(before.event.getCount() + 1)
              .setLastTimestamp(time(report.at))
              .setMetadata(before.event.getMetadata().toBuilder().clearResourceVersion())
              .build();
      try {
        written.put(sameness, new Written(events.update(raised), report.at));
        return;
      } catch (ApiException e) {
        if (!e.isNotFound()) {
          throw e;
        }
      }
    }
    written.put(sameness, new Written(events.create(fresh(report)), report.at));
  }

  private Event fresh(Report report) {
    ObjectReference about = report.regarding;
    String namespace = about.getNamespace().isEmpty() ? "default" : about.getNamespace();
    EventSource.Builder source = EventSource.newBuilder().setComponent(component);
    if (!host.isEmpty()) {
      source.setHost(host);
    }
    return Event.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setNamespace(namespace)
                .setName(about.getName() + "." + Long.toHexString(names.incrementAndGet())))
        .setInvolvedObject(about)
        .setType(report.type.text())
        .setReason(report.reason)
        .setMessage(report.message)
        .setSource(source)
        .setFirstTimestamp(time(report.at))
        .setLastTimestamp(time(report.at))
        .setCount(1)
        .setReportingComponent(component)
        .setReportingInstance(host)
        .build();
  }

  private static ObjectReference reference(Message regarding) {
    if (regarding instanceof ObjectReference already) {
      return already;
    }
    ObjectMeta meta = ObjectMetas.read(regarding);
    ResourceType<?> type = ResourceType.of(regarding);
    return ObjectReference.newBuilder()
        .setKind(type.kind())
        .setApiVersion(type.apiVersion())
        .setNamespace(meta.getNamespace())
        .setName(meta.getName())
        .setUid(meta.getUid())
        .setResourceVersion(meta.getResourceVersion())
        .build();
  }

  private static String shortened(String message) {
    return message.length() <= MESSAGE_LIMIT
        ? message
        : message.substring(0, MESSAGE_LIMIT - 1) + "…";
  }

  private static Time time(Instant at) {
    return Time.newBuilder().setSeconds(at.getEpochSecond()).build();
  }
}
