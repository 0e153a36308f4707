package io.coxswain.simulation;

import io.coxswain.client.ApiClient;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.scheduler.SchedulerCore;
import io.coxswain.scheduler.SchedulerOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The production scheduler, but for its threads.
final class SchedulerProcess extends SimulatedProcess {

  private final ApiClient client;
  private final VirtualClock clock;
  private Agenda agenda;
  private Optional<SchedulerCore> core = Optional.empty();

  SchedulerProcess(ApiClient client, VirtualClock clock, RandomGenerator random) {
    super(random, InformerFactory.driven(client));
    this.client = client;
    this.clock = clock;
    this.agenda = new Agenda(clock, random);
  }

  @Override
  protected InformerFactory boot() {
    InformerFactory informers = InformerFactory.driven(client);
    agenda = new Agenda(clock, random);
    core =
        Optional.of(
            new SchedulerCore(
                client,
                informers,
                SchedulerOptions.alone("simulated"),
                EventRecorder.NONE,
                new SimpleMeterRegistry(),
                clock,
                clock,
                random,
                agenda));
    return informers;
  }

  @Override
  protected void synced() {}

  @Override
  protected boolean work() {
    boolean decide = random.nextBoolean();
    SchedulerCore scheduler = core.orElseThrow();
    if (random.nextInt(100) == 0) {
      scheduler.checkOverdue();
    }
    return (decide && scheduler.decideOne()) || agenda.step() || scheduler.decideOne();
  }
}
