package io.coxswain.controlplane.controller.framework;

import io.coxswain.client.ApiClient;
import io.coxswain.client.controller.Execution;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.InformerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;

/// The world as every controller sees it.
///
/// @param clock tells when conditions change; intervals end by it too
/// @param execution whose threads they work on
public record ControllerContext(
    ApiClient client,
    InformerFactory informers,
    EventRecorder events,
    Clock clock,
    MeterRegistry metrics,
    Execution execution) {

  /// On threads of their own.
  public ControllerContext(
      ApiClient client,
      InformerFactory informers,
      EventRecorder events,
      Clock clock,
      MeterRegistry metrics) {
    this(client, informers, events, clock, metrics, Execution.THREADS);
  }
}
