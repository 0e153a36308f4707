package io.coxswain.controlplane.edge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts connections, and what was turned away before anybody handled it.
final class EdgeMetrics {

  private final MeterRegistry registry;
  private final AtomicInteger connections = new AtomicInteger();

  EdgeMetrics(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("coxswain.edge.connections", connections, AtomicInteger::get)
        .description("open client connections")
        .register(registry);
  }

  int opened() {
    return connections.incrementAndGet();
  }

  void closed() {
    connections.decrementAndGet();
  }

  void refused(int status) {
    Counter.builder("coxswain.edge.refused")
        .description("requests refused as HTTP, before they had a meaning")
        .tag("code", Integer.toString(status))
        .register(registry)
        .increment();
  }
}
