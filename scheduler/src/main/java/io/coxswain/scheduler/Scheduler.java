package io.coxswain.scheduler;

import io.coxswain.client.ApiClient;
import io.coxswain.client.events.ApiEventRecorder;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.leader.LeaderElection;
import io.coxswain.client.leader.LeaderElector;
import io.coxswain.client.leader.Leadership;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.client.lifecycle.SteadyClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The scheduler: give it a client and start it.
///
/// Reads Pods, Nodes, Namespaces, Services, claims, volumes and their classes; writes
/// `pods/binding`, the condition `PodScheduled` where a pod fits nowhere, and Events. Reserves
/// volumes for claims (`spec.claimRef`), and says on claims for which node they are to be
/// provisioned.
public final class Scheduler implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
  private static final Duration CLOSING = Duration.ofSeconds(2);
  private static final Duration OVERDUE_CHECK = Duration.ofSeconds(30);

  private final Lifecycle parts = new Lifecycle("scheduler");
  private final InformerFactory informers;
  private final Threads threads = new Threads();
  private final SchedulerCore core;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition leadership = lock.newCondition();
  private volatile boolean deciding;

  public Scheduler(ApiClient client, SchedulerOptions options, MeterRegistry metrics) {
    this.informers = new InformerFactory(client);
    ApiEventRecorder events = parts.own("events", new ApiEventRecorder(client, options.name(), ""));
    this.core =
        new SchedulerCore(
            client,
            informers,
            options,
            events,
            metrics,
            Clock.systemUTC(),
            new SteadyClock(),
            RandomGenerator.getDefault(),
            threads);
    parts.add("informers", () -> informers.startAndSync(options.syncPatience()), informers);
    parts.add("decisions", this::startDeciding, this::stopDeciding);
    if (options.elect()) {
      LeaderElector elector = new LeaderElector(client, election(options), new Elected());
      parts.add("leader election", elector::start, elector);
    } else {
      deciding = true;
    }
  }

  /// Blocks until every object was listed.
  ///
  /// @throws IllegalStateException when the API did not answer in time
  public void start() {
    parts.start();
  }

  /// Whether the cluster is known.
  public boolean ready() {
    return informers.informers().stream().allMatch(Informer::synced);
  }

  /// Decisions on their way to the API are waited for, 2 s at most.
  @Override
  public void close() {
    parts.close();
  }

  private static LeaderElection election(SchedulerOptions options) {
    return LeaderElection.of("kube-system", "kube-scheduler", options.identity());
  }

  private void startDeciding() {
    threads.run("decide", this::decide);
    threads.run("overdue", this::checkOverdue);
  }

  private void stopDeciding() {
    core.queue().close();
    try {
      if (!core.decisions().awaitWritten(CLOSING)) {
        log.info("decisions still on their way are left to whoever schedules next");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.close();
  }

  private void decide() throws InterruptedException {
    boolean open = true;
    while (open) {
      awaitLeadership();
      open = core.decisions().decideNext(() -> deciding);
    }
  }

  private void checkOverdue() throws InterruptedException {
    while (true) {
      Thread.sleep(OVERDUE_CHECK);
      core.checkOverdue();
    }
  }

  private void awaitLeadership() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!deciding) {
        leadership.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private final class Elected implements Leadership {

    @Override
    public void gained(long term) {
      decide(true);
    }

    @Override
    public void lost() {
      decide(false);
    }

    private void decide(boolean now) {
      lock.lock();
      try {
        deciding = now;
        leadership.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
