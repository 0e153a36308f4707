package io.coxswain.controlplane.fairness;

import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfigurationSpec;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.fairness.PriorityLevel.Outcome;
import io.coxswain.controlplane.fairness.PriorityLevel.Refusal;
import io.coxswain.controlplane.fairness.Shares.Claim;
import io.coxswain.controlplane.fairness.Shares.Demand;
import io.coxswain.controlplane.fairness.Shares.Limits;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Gives out the server's seats. Until it is told of stored objects it goes by those that every
/// cluster has. Safe for use by many threads.
public final class Fairness {

  /// As many as Kubernetes serves at once: 400 that read and 200 that write.
  public static final int SEATS = 600;

  /// No request waits longer for a seat: a quarter of the time that it has by itself.
  public static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final String BUSY = "Too many requests, please try again later.";
  private static final long NANOS = 1_000_000_000L;

  private record Figured(FlowFigures figures, String schema, String level) {}

  private final int seats;
  private final MeterRegistry metrics;
  private final LongSupplier nanoTime;
  private final Map<String, PriorityLevel> levels = new LinkedHashMap<>();
  private final Map<String, Runnable> levelFigures = new HashMap<>();
  private final Map<String, Figured> figures = new HashMap<>();
  private volatile Arrangement arrangement;

  /// @param seats of the whole server
  /// @param nanoTime as [System#nanoTime]
  public Fairness(int seats, MeterRegistry metrics, LongSupplier nanoTime) {
    if (seats < 1) {
      throw new IllegalArgumentException("a server needs at least one seat, not " + seats);
    }
    this.seats = seats;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.arrangement = arranged(List.of(), List.of());
  }

  /// Where a request belongs. Does not block.
  public Flow classify(Attributes request) {
    return arrangement.flow(request);
  }

  /// Takes seats. Blocks while none is free, at most so long.
  ///
  /// @param wanted how many
  /// @param onGone is given what to call when the client has gone; called only when there is a wait
  /// @throws ApiException with TooManyRequests when there was none in time, or too many wait
  ///   already
  public Seat enter(Flow flow, int wanted, Duration patience, Consumer<Runnable> onGone) {
    PriorityLevel level = flow.row().level();
    FlowFigures told = flow.row().figures();
    Outcome outcome;
    try {
      outcome =
          level.enter(
              flow,
              wanted,
              patience,
              cancel -> {
                told.waits(1);
                onGone.accept(cancel);
              },
              () -> told.waits(-1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(new ApiError.Unavailable("interrupted while waiting for a seat"), e);
    }
    Seat seat = outcome.seat();
    if (seat != null) {
      told.began(outcome.waitedNanos());
      return new Told(seat, told);
    }
    Refusal refusal = outcome.refusal() == null ? Refusal.CANCELLED : outcome.refusal();
    told.refused(refusal, outcome.waitedNanos());
    int seconds = level.drops().drop(nanoTime.getAsLong() / NANOS);
    throw new ApiException(new ApiError.TooManyRequests(Duration.ofSeconds(seconds), BUSY));
  }

  /// A seat that is counted.
  private static final class Told implements Seat {
    private final Seat seat;
    private final FlowFigures figures;
    private boolean closed;

    Told(Seat seat, FlowFigures figures) {
      this.seat = seat;
      this.figures = figures;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        figures.ended();
        seat.close();
      }
    }
  }

  /// Goes by these objects from now on. Those that must be there are, whether told of or not.
  public synchronized void arrange(
      Collection<FlowSchema> schemas, Collection<PriorityLevelConfiguration> configurations) {
    arrangement = arranged(schemas, configurations);
  }

  private Arrangement arranged(
      Collection<FlowSchema> schemas, Collection<PriorityLevelConfiguration> configurations) {
    boolean first = schemas.isEmpty() && configurations.isEmpty();
    Map<String, PriorityLevelConfiguration> wanted = new LinkedHashMap<>();
    FlowObjects.levels().stream()
        .filter(one -> first || FlowObjects.isMandatory(one.getMetadata().getName()))
        .forEach(one -> wanted.put(one.getMetadata().getName(), one));
    configurations.forEach(one -> wanted.put(one.getMetadata().getName(), one));
    configure(wanted);
    Map<String, FlowSchema> known = new LinkedHashMap<>();
    FlowObjects.schemas().stream()
        .filter(one -> first || FlowObjects.isMandatory(one.getMetadata().getName()))
        .forEach(one -> known.put(one.getMetadata().getName(), one));
    schemas.forEach(one -> known.put(one.getMetadata().getName(), one));
    List<Arrangement.Row> rows = new ArrayList<>();
    known.values().stream()
        .sorted(Arrangement.ORDER)
        .forEach(schema -> {
          String level = schema.getSpec().getPriorityLevelConfiguration().getName();
          PriorityLevelConfiguration configuration = wanted.get(level);
          PriorityLevel serving = levels.get(level);
          if (configuration != null && serving != null) {
            String name = schema.getMetadata().getName();
            rows.add(
                new Arrangement.Row(
                    name,
                    schema.getMetadata().getUid(),
                    schema.getSpec(),
                    serving,
                    configuration.getMetadata().getUid(),
                    figures(name, level)));
          }
        });
    forgetFigures(known.keySet());
    return new Arrangement(rows);
  }

  private FlowFigures figures(String schema, String level) {
    Figured known = figures.get(schema);
    if (known != null && known.level().equals(level)) {
      return known.figures();
    }
    if (known != null) {
      known.figures().remove();
    }
    FlowFigures made = new FlowFigures(metrics, schema, level);
    figures.put(schema, new Figured(made, schema, level));
    return made;
  }

  private void forgetFigures(Set<String> known) {
    for (String gone : List.copyOf(figures.keySet())) {
      Figured figured = figures.get(gone);
      if (!known.contains(gone) && figured != null) {
        figured.figures().remove();
        figures.remove(gone);
      }
    }
  }

  private void configure(Map<String, PriorityLevelConfiguration> wanted) {
    List<PriorityLevelConfiguration> all = List.copyOf(wanted.values());
    List<Limits> limits =
        Shares.limits(seats, all.stream().map(one -> claim(one.getSpec())).toList());
    for (int i = 0; i < all.size(); i++) {
      String name = all.get(i).getMetadata().getName();
      PriorityLevel level = levels.get(name);
      if (level == null) {
        level = new PriorityLevel(name, nanoTime);
        levels.put(name, level);
        levelFigures.put(name, FlowFigures.ofLevel(metrics, level));
      }
      level.configure(all.get(i).getSpec(), limits.get(i));
    }
    Set<String> gone = new HashSet<>(levels.keySet());
    gone.removeAll(wanted.keySet());
    gone.forEach(name -> {
      // Who sits or waits there has it in hand, and goes on.
      levels.remove(name);
      Runnable shown = levelFigures.remove(name);
      if (shown != null) {
        shown.run();
      }
    });
  }

  private static Claim claim(PriorityLevelConfigurationSpec spec) {
    if (spec.getType().equals("Exempt")) {
      return new Claim(
          spec.getExempt().getNominalConcurrencyShares(),
          spec.getExempt().getLendablePercent(),
          -1);
    }
    var limited = spec.getLimited();
    return new Claim(
        limited.hasNominalConcurrencyShares() ? limited.getNominalConcurrencyShares() : 30,
        limited.getLendablePercent(),
        limited.hasBorrowingLimitPercent() ? limited.getBorrowingLimitPercent() : -1);
  }

  /// Divides the seats anew by who needed them since the last time.
  public synchronized void adjust() {
    List<PriorityLevel> limited = new ArrayList<>();
    List<Limits> limits = new ArrayList<>();
    List<Demand> demands = new ArrayList<>();
    int left = seats;
    for (PriorityLevel level : levels.values()) {
      Demand demand = level.demand();
      if (level.isExempt()) {
        // It takes what it needs, but what it was given and needs it does not lend.
        left -= Math.max(level.limits().least(), Math.min(level.limits().nominal(), demand.peak()));
      } else {
        limited.add(level);
        limits.add(level.limits());
        demands.add(demand);
      }
    }
    int[] current = Shares.current(Math.max(0, left), limits, demands);
    for (int i = 0; i < current.length; i++) {
      limited.get(i).current(current[i]);
    }
  }
}
