package io.coxswain.controlplane.audit;

import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The audit log: begins a [Trail] for each request of which its policy tells something. Safe for
/// use by many threads, none of which it holds up.
public final class AuditLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

  /// Tells nothing of anything, and costs nothing.
  public static final AuditLog OFF = new AuditLog();

  /// What may wait for a sink, so that a sink which hangs costs this much memory.
  private static final long MOST_BYTES = 32 << 20;

  private static final int LOG_EVENTS = 10_000;
  private static final int LOG_BATCH = 256;
  private static final long MEGABYTE = 1024 * 1024;

  private final Optional<AuditPolicy> policy;
  private final Optional<AuditFigures> figures;
  private final InstantSource clock;
  private final List<Backlog> sinks;

  private AuditLog() {
    this.policy = Optional.empty();
    this.figures = Optional.empty();
    this.clock = InstantSource.system();
    this.sinks = List.of();
  }

  AuditLog(AuditPolicy policy, List<Backlog> sinks, AuditFigures figures, InstantSource clock) {
    this.policy = Optional.of(policy);
    this.figures = Optional.of(figures);
    this.clock = clock;
    this.sinks = List.copyOf(sinks);
  }

  /// Reads the policy and opens its sinks.
  ///
  /// @throws IOException when a file is wrong or cannot be had; the message is for who runs the
  ///   server
  public static AuditLog open(AuditOptions options, MeterRegistry registry, InstantSource clock)
      throws IOException {
    if (options.policy().isEmpty()) {
      return OFF;
    }
    AuditPolicy policy = PolicyFile.read(options.policy().get());
    AuditFigures figures = new AuditFigures(registry);
    List<Backlog> sinks = new ArrayList<>();
    // Both are opened before either has a thread: what fails here leaves nothing behind.
    Optional<Sink> sender = Optional.empty();
    if (options.webhook().isPresent()) {
      AuditOptions.Webhook webhook = options.webhook().get();
      sender = Optional.of(new EventSender(webhook.config(), webhook.backoff()));
    }
    if (options.log().isPresent()) {
      sinks.add(
          new Backlog(
              log(options.log().get(), clock),
              new Backlog.Bounds(LOG_EVENTS, MOST_BYTES, LOG_BATCH, Duration.ZERO),
              figures));
    }
    sender.ifPresent(sink -> {
      AuditOptions.Webhook webhook = options.webhook().orElseThrow();
      sinks.add(
          new Backlog(
              sink,
              new Backlog.Bounds(webhook.queue(), MOST_BYTES, webhook.batch(), webhook.linger()),
              figures));
    });
    return new AuditLog(policy, sinks, figures, clock);
  }

  private static Sink log(AuditOptions.Log log, InstantSource clock) throws IOException {
    return log.path().equals("-")
        ? new StandardOutput(new FileOutputStream(FileDescriptor.out))
        : new LogFile(
            Path.of(log.path()),
            new LogFile.Limits(
                log.megabytes() * MEGABYTE, Duration.ofDays(log.days()), log.backups()),
            clock);
  }

  public boolean isOn() {
    return policy.isPresent();
  }

  /// Begins to follow a request, and tells that it is here.
  ///
  /// @param arrival asked for only if something is told
  public Trail begin(Attributes wanted, Supplier<Arrival> arrival) {
    if (policy.isEmpty()) {
      return Trail.NONE;
    }
    Trail trail = trail(wanted, arrival, Optional.of(wanted.user()));
    if (trail.isOn()) {
      trail.received();
    }
    return trail;
  }

  /// Tells of a request that is refused because nobody knows who sent it.
  ///
  /// @param wanted by a user without a name
  public void stranger(Attributes wanted, Supplier<Arrival> arrival, String why) {
    if (policy.isPresent()) {
      Trail trail = trail(wanted, arrival, Optional.empty());
      if (trail.isOn()) {
        trail.stranger(why);
      }
    }
  }

  private Trail trail(Attributes wanted, Supplier<Arrival> arrival, Optional<User> user) {
    AuditPolicy.Ruling ruling = policy.orElseThrow().of(wanted);
    figures.ifPresent(known -> known.level(ruling.level()));
    return ruling.level() == Level.NONE
        ? Trail.NONE
        : new Trail(this, ruling, arrival.get(), wanted, user);
  }

  void tell(EventJson.Event event) {
    figures.ifPresent(AuditFigures::event);
    byte[] json;
    try {
      json = EventJson.encode(event);
    } catch (RuntimeException e) {
      // The request is not to fail because it cannot be told.
      figures.ifPresent(known -> known.lost("encoding").increment());
      LOG.warn("An audit event of {} could not be written", event.arrival().uri(), e);
      return;
    }
    for (Backlog sink : sinks) {
      sink.offer(json);
    }
  }

  /// By the log's own clock.
  public Instant now() {
    return clock.instant();
  }

  /// Writes what waits, as far as there is time.
  @Override
  public void close() throws IOException {
    for (Backlog sink : sinks) {
      sink.close();
    }
  }
}
