package io.coxswain.node.service;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/// How the rules for services are kept.
public final class ProxyMetrics {

  private final Timer applied;
  private final Counter failed;

  public ProxyMetrics(MeterRegistry registry) {
    applied =
        Timer.builder("coxswain.node.service.rules.sync")
            .description("From a look at Services and endpoints to the rules in the kernel")
            .register(registry);
    failed =
        Counter.builder("coxswain.node.service.rules.failures")
            .description("Changes of the rules that could not be applied")
            .register(registry);
  }

  void applied(Duration took) {
    applied.record(took);
  }

  void failed() {
    failed.increment();
  }
}
