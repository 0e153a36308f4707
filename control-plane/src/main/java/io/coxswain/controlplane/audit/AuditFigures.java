package io.coxswain.controlplane.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/// What became of events, by Kubernetes' names.
final class AuditFigures {

  private final MeterRegistry registry;
  private final Counter events;
  private final Map<Level, Counter> levels = new EnumMap<>(Level.class);

  AuditFigures(MeterRegistry registry) {
    this.registry = registry;
    events =
        Counter.builder("apiserver.audit.event")
            .description("audit events made and handed to the sinks")
            .register(registry);
    for (Level level : Level.values()) {
      levels.put(
          level,
          Counter.builder("apiserver.audit.level")
              .description("requests by how much the policy has told of them")
              .tag("level", level.text())
              .register(registry));
    }
  }

  void event() {
    events.increment();
  }

  void level(Level level) {
    Counter counter = levels.get(level);
    if (counter != null) {
      counter.increment();
    }
  }

  /// Counts events that were lost.
  ///
  /// @param plugin where: `buffered`, `log` or `webhook`
  Counter lost(String plugin) {
    return Counter.builder("apiserver.audit.error")
        .description("audit events that were lost")
        .tag("plugin", plugin)
        .register(registry);
  }
}
