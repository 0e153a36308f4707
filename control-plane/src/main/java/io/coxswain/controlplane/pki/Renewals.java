package io.coxswain.controlplane.pki;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes anew what ends, long before it does: looked at every six hours, and within a minute after
/// somebody set the machine's clock, by which what was good may have ended or not yet begun.
public final class Renewals implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);

  private static final Duration LOOK = Duration.ofHours(6);
  private static final Duration CLOCK_LOOK = Duration.ofMinutes(1);

  /// A clock that is led to the right time slowly does not move more in six hours.
  private static final Duration STEP = Duration.ofMinutes(1);

  /// Makes one thing anew when it is time to.
  @FunctionalInterface
  public interface Step {
    void run() throws IOException;
  }

  private final InstantSource clock;
  private final LongSupplier nanos;
  private final List<Step> steps = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private Instant lookedAt;
  private long lookedNanos;

  /// @param nanos runs evenly, whatever is done to the clock
  public Renewals(InstantSource clock, LongSupplier nanos) {
    this.clock = clock;
    this.nanos = nanos;
    lookedAt = clock.instant();
    lookedNanos = nanos.getAsLong();
    thread = Thread.ofVirtual().name("certificate-renewal").unstarted(this::run);
  }

  /// To be called at each look, after those before it.
  public void add(Step step) {
    steps.add(step);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (true) {
      try {
        Thread.sleep(CLOCK_LOOK);
      } catch (InterruptedException e) {
        return;
      }
      lookIfDue();
    }
  }

  /// What fails is told, and tried again at the next look; it keeps nothing else from being made.
  void lookIfDue() {
    Instant now = clock.instant();
    Duration passed = Duration.ofNanos(nanos.getAsLong() - lookedNanos);
    Duration step = Duration.between(lookedAt.plus(passed), now);
    boolean set = step.abs().compareTo(STEP) > 0;
    if (!set && passed.compareTo(LOOK) < 0) {
      return;
    }
    if (set) {
      LOG.warn(
          "The clock of this machine was set {} by {}, to {}: what was signed before may not be good now",
          step.isNegative() ? "back" : "forward",
          Duration.ofSeconds(step.abs().toSeconds()),
          now);
    }
    lookedAt = now;
    lookedNanos += passed.toNanos();
    for (Step one : steps) {
      try {
        one.run();
      } catch (IOException | RuntimeException e) {
        LOG.error("Certificates could not be renewed; tried again in {} hours", LOOK.toHours(), e);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
