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
import io.coxswain.client.events.WrittenEvents.Sameness;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.schema.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes events to the API, those of a moment together: one virtual thread gathers what was
/// reported and sends it side by side, so that the store can make one transaction of it. What
/// happens to a pod that starts is a handful of events, and each by itself costs the store as much
/// as the pod.
///
/// The same event on the same object within ten minutes raises the count of the one written before;
/// then it is let go. An object that reports more than 25 in a burst is cut to one every five
/// minutes; what is dropped is counted.
public final class ApiEventRecorder implements EventRecorder, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ApiEventRecorder.class);
  private static final int QUEUE = 1_000;
  private static final int REMEMBERED = 4_096;

  /// Written side by side at most.
  private static final int TOGETHER = 32;

  /// How long the first event of a moment waits for others. People do not notice it.
  private static final Duration GATHERED = Duration.ofMillis(200);

  /// How often what is of no use any more is looked for.
  private static final Duration SWEEP = Duration.ofMinutes(1);

  private static final int MESSAGE_LIMIT = 1_024;

  private record Report(
      ObjectReference regarding, Type type, String reason, String message, Instant at) {}

  /// One event that is about to be written.
  ///
  /// @param raises whether it counts up one that is there
  /// @param fresh what is written when that one is not there any more
  private record Writing(Event event, boolean raises, Event fresh, Instant at) {}

  private final Resources<Event> events;
  private final String component;
  private final String host;
  private final InstantSource clock;
  private final BlockingQueue<Report> queue = new ArrayBlockingQueue<>(QUEUE);
  private final TaskScope scope = new TaskScope("events");
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicInteger unwritten = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong names = new AtomicLong();
  // Only the gathering thread touches these.
  private final Bursts bursts = new Bursts(REMEMBERED);
  private final WrittenEvents written = new WrittenEvents(REMEMBERED);
  private Instant swept;

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
    this.swept = clock.instant();
    names.set(swept.toEpochMilli() * 1_000_000);
    scope.fork("gather", this::run);
  }

  @Override
  public void event(Message regarding, Type type, String reason, String message) {
    Report report =
        new Report(reference(regarding), type, reason, shortened(message), clock.instant());
    unwritten.incrementAndGet();
    if (!queue.offer(report)) {
      unwritten.decrementAndGet();
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
    closing.countDown();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    try {
      while (unwritten.get() > 0 && System.nanoTime() < deadline) {
        Thread.sleep(5);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    scope.close();
  }

  private void run() throws InterruptedException {
    while (true) {
      List<Report> moment = new ArrayList<>();
      moment.add(next());
      if (queue.size() < TOGETHER - 1) {
        // ends at once when the recorder is closed
        boolean _ = closing.await(GATHERED.toMillis(), TimeUnit.MILLISECONDS);
      }
      queue.drainTo(moment, TOGETHER - 1);
      try {
        write(moment);
      } finally {
        unwritten.addAndGet(-moment.size());
      }
    }
  }

  /// Waits for the first report of a moment. Nobody wakes while nothing is remembered.
  private Report next() throws InterruptedException {
    while (true) {
      sweep();
      if (written.size() == 0 && bursts.size() == 0) {
        return queue.take();
      }
      Report report = queue.poll(SWEEP.toMillis(), TimeUnit.MILLISECONDS);
      if (report != null) {
        return report;
      }
    }
  }

  private void sweep() {
    Instant now = clock.instant();
    if (Duration.between(swept, now).compareTo(SWEEP) >= 0) {
      written.forget(now);
      bursts.forget(now);
      swept = now;
    }
  }

  private void write(List<Report> moment) throws InterruptedException {
    Map<Sameness, Writing> writings = new LinkedHashMap<>();
    for (Report report : moment) {
      ObjectReference about = report.regarding;
      if (bursts.allow(
          about.getUid() + "/" + about.getNamespace() + "/" + about.getName(), report.at)) {
        writings.compute(sameness(report), (same, before) -> writing(same, before, report));
      } else {
        dropped.incrementAndGet();
      }
    }
    Map<Sameness, Event> made = new ConcurrentHashMap<>();
    CountDownLatch under = new CountDownLatch(writings.size());
    writings.forEach((sameness, writing) ->
        scope.fork(
            "write",
            () -> {
              try {
                send(writing).ifPresent(event -> made.put(sameness, event));
              } finally {
                under.countDown();
              }
            }));
    under.await();
    made.forEach((sameness, event) ->
        written.put(
            sameness, event, Objects.requireNonNull(writings.get(sameness), "was sent").at));
  }

  private static Sameness sameness(Report report) {
    ObjectReference about = report.regarding;
    return new Sameness(
        about.getUid(),
        about.getKind(),
        about.getNamespace(),
        about.getName(),
        report.type,
        report.reason,
        report.message);
  }

  /// @param earlier the same event of the same moment
  private Writing writing(Sameness sameness, @Nullable Writing earlier, Report report) {
    if (earlier != null) {
      return new Writing(
          raised(earlier.event, report), earlier.raises, raised(earlier.fresh, report), report.at);
    }
    Event fresh = fresh(report);
    return written
        .find(sameness, report.at)
        .map(before -> new Writing(raised(before, report), true, fresh, report.at))
        .orElseGet(() -> new Writing(fresh, false, fresh, report.at));
  }

  private static Event raised(Event event, Report report) {
    return event.toBuilder()
        .setCount(event.getCount() + 1)
        .setLastTimestamp(time(report.at))
        .setMetadata(event.getMetadata().toBuilder().clearResourceVersion())
        .build();
  }

  private Optional<Event> send(Writing writing) {
    try {
      if (writing.raises) {
        try {
          return Optional.of(events.update(writing.event));
        } catch (ApiException e) {
          if (!e.isNotFound()) {
            throw e;
          }
        }
      }
      return Optional.of(events.create(writing.fresh));
    } catch (ApiException e) {
      dropped.incrementAndGet();
      log.debug("event {} could not be written: {}", writing.event.getReason(), e.getMessage());
    } catch (RuntimeException e) {
      dropped.incrementAndGet();
      log.warn("event {} could not be written", writing.event.getReason(), e);
    }
    return Optional.empty();
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
