package io.coxswain.controlplane.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts requests and how long they took, by what they were and how they ended.
public final class RequestMetrics {

  /// A stranger's made-up resource names must not fill the memory.
  private static final int MOST_SERIES = 4000;

  private record Series(String verb, String resource, int code) {}

  private final MeterRegistry registry;
  private final Map<Series, Timer> timers = new ConcurrentHashMap<>();
  private final Map<Series, Counter> counters = new ConcurrentHashMap<>();
  private final AtomicInteger watches = new AtomicInteger();

  public RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("apiserver.longrunning.requests", watches, AtomicInteger::get)
        .description("watches, logs and terminals that are open")
        .register(registry);
  }

  void longRunning(int change) {
    watches.addAndGet(change);
  }

  /// @param resource `pods` or `pods/log`; empty of what is no resource
  void request(String verb, String resource, int code, Duration took, boolean longRunning) {
    Series series = new Series(verb, resource, code);
    if (counters.size() >= MOST_SERIES && !counters.containsKey(series)) {
      series = new Series(verb, "other", code);
    }
    counters.computeIfAbsent(series, this::counter).increment();
    if (!longRunning) {
      timers.computeIfAbsent(new Series(verb, series.resource(), 0), this::timer).record(took);
    }
  }

  private Counter counter(Series series) {
    return Counter.builder("apiserver.request")
        .description("requests answered")
        .tag("verb", series.verb())
        .tag("resource", series.resource())
        .tag("code", Integer.toString(series.code()))
        .register(registry);
  }

  private Timer timer(Series series) {
    return Timer.builder("apiserver.request.duration")
        .description("time from the whole request to the whole answer")
        .tag("verb", series.verb())
        .tag("resource", series.resource())
        .register(registry);
  }
}
