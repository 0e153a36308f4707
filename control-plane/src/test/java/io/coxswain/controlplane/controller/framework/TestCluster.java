package io.coxswain.controlplane.controller.framework;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.client.testing.RecordedEvents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;

/// An API in memory with controllers on it. Closing it ends the controllers.
public final class TestCluster implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final InMemoryApi api;
  private final ApiClient client;
  private final Clock clock;
  private final RecordedEvents events = new RecordedEvents();
  private List<Controller> controllers = List.of();
  private InformerFactory informers;

  public TestCluster() {
    this(Clock.systemUTC());
  }

  public TestCluster(Clock clock) {
    this.clock = clock;
    this.api = new InMemoryApi(clock);
    this.client = api.client();
    this.informers = new InformerFactory(client);
  }

  public InMemoryApi api() {
    return api;
  }

  public ApiClient client() {
    return client;
  }

  public RecordedEvents events() {
    return events;
  }

  /// Makes and starts controllers on new informers, as a new process would.
  public void start(Function<ControllerContext, List<Controller>> made)
      throws InterruptedException {
    stop();
    informers = new InformerFactory(client);
    controllers =
        made.apply(
            new ControllerContext(client, informers, events, clock, new SimpleMeterRegistry()));
    informers.startAndSync(PATIENCE);
    controllers.forEach(Controller::start);
  }

  public void stop() {
    List<Controller> ending = new ArrayList<>(controllers);
    Collections.reverse(ending);
    ending.forEach(Controller::close);
    controllers = List.of();
    informers.close();
  }

  public <T extends Message> List<T> all(Class<T> kind) {
    return client.resources(kind).list(ListOptions.ALL).items();
  }

  public static void eventually(Callable<Boolean> condition) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(condition);
  }

  @Override
  public void close() {
    stop();
  }
}
