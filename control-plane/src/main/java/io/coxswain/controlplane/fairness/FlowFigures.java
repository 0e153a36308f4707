package io.coxswain.controlplane.fairness;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// The figures of one flow schema in one level, by Kubernetes' names. Their number is bounded by
/// that of the objects, which only administrators make.
final class FlowFigures {

  private static final String PREFIX = "apiserver.flowcontrol.";

  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder executing = new LongAdder();
  private final Counter dispatched;
  private final Timer admittedWait;
  private final Timer refusedWait;
  private final Map<PriorityLevel.Refusal, Counter> rejected =
      new EnumMap<>(PriorityLevel.Refusal.class);
  private final List<io.micrometer.core.instrument.Meter> meters = new ArrayList<>();
  private final MeterRegistry registry;

  FlowFigures(MeterRegistry registry, String schema, String level) {
    this.registry = registry;
    Tags tags = Tags.of("flow_schema", schema, "priority_level", level);
    dispatched =
        kept(
            Counter.builder(PREFIX + "dispatched.requests")
                .description("requests that got a seat")
                .tags(tags)
                .register(registry));
    admittedWait = wait(tags, "true");
    refusedWait = wait(tags, "false");
    for (PriorityLevel.Refusal refusal : PriorityLevel.Refusal.values()) {
      rejected.put(
          refusal,
          kept(
              Counter.builder(PREFIX + "rejected.requests")
                  .description("requests that were turned away")
                  .tags(tags)
                  .tag("reason", refusal.label())
                  .register(registry)));
    }
    var _ =
        kept(
            Gauge.builder(PREFIX + "current.inqueue.requests", waiting, AtomicInteger::get)
                .description("requests that wait for a seat")
                .tags(tags)
                .register(registry));
    var _ =
        kept(
            Gauge.builder(PREFIX + "current.executing.requests", executing, LongAdder::sum)
                .description("requests that have a seat")
                .tags(tags)
                .register(registry));
  }

  private Timer wait(Tags tags, String execute) {
    return kept(
        Timer.builder(PREFIX + "request.wait.duration")
            .description("how long requests waited in a queue")
            .tags(tags)
            .tag("execute", execute)
            .register(registry));
  }

  private <M extends io.micrometer.core.instrument.Meter> M kept(M meter) {
    meters.add(meter);
    return meter;
  }

  void waits(int change) {
    waiting.addAndGet(change);
  }

  void began(long waitedNanos) {
    dispatched.increment();
    executing.increment();
    if (waitedNanos > 0) {
      admittedWait.record(waitedNanos, TimeUnit.NANOSECONDS);
    }
  }

  void ended() {
    executing.decrement();
  }

  void refused(PriorityLevel.Refusal refusal, long waitedNanos) {
    Counter counter = rejected.get(refusal);
    if (counter != null) {
      counter.increment();
    }
    refusedWait.record(waitedNanos, TimeUnit.NANOSECONDS);
  }

  /// Takes the figures of a schema that is gone out of sight.
  void remove() {
    meters.forEach(registry::remove);
  }

  /// Shows the seats of a level.
  ///
  /// @return what to call when the level is gone
  static Runnable ofLevel(MeterRegistry registry, PriorityLevel level) {
    Tags tags = Tags.of("priority_level", level.name());
    List<Gauge> gauges =
        List.of(
            seats("nominal.limit.seats", level, one -> one.limits().nominal())
                .description("seats by the level's share of the server's")
                .tags(tags)
                .register(registry),
            seats("lower.limit.seats", level, one -> one.limits().least())
                .description("seats that nobody borrows")
                .tags(tags)
                .register(registry),
            seats("upper.limit.seats", level, one -> one.limits().most())
                .description("seats with all that can be borrowed")
                .tags(tags)
                .register(registry),
            seats("current.limit.seats", level, PriorityLevel::current)
                .description("seats with what is lent and borrowed now")
                .tags(tags)
                .register(registry),
            seats("current.executing.seats", level, PriorityLevel::taken)
                .description("seats that are taken")
                .tags(tags)
                .register(registry));
    return () -> gauges.forEach(registry::remove);
  }

  private static Gauge.Builder<PriorityLevel> seats(
      String name, PriorityLevel level, java.util.function.ToDoubleFunction<PriorityLevel> value) {
    return Gauge.builder(PREFIX + name, level, value);
  }
}
