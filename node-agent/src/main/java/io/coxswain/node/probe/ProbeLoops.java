package io.coxswain.node.probe;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Probe;
import io.coxswain.client.lifecycle.TaskScope;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A virtual thread for each probe of each container, asleep between questions: the JDK's one timer
/// wakes them all. The first question comes at a random moment of the period, so that pods which
/// were started at once are not asked at once. A pod that waits for its first readiness is asked at
/// once, and then often at first, so that it serves as soon as it can: what starts in 0.1 s is not
/// ready only when a period of 10 s is over.
public final class ProbeLoops implements Probes {

  private static final Logger log = LoggerFactory.getLogger(ProbeLoops.class);
  private static final int DEFAULT_FAILURES = 3;
  private static final int DEFAULT_PERIOD_SECONDS = 10;

  /// How long after its first question who never was ready is asked again; each pause is twice the
  /// one before, up to the period.
  private static final Duration FIRST_PAUSE = Duration.ofMillis(150);

  /// Who is asked again before that has not failed yet, but is starting.
  private static final Duration STARTING = Duration.ofSeconds(1);

  private final Map<String, TaskScope> byContainer = new ConcurrentHashMap<>();
  private final Prober prober;
  private final RandomGenerator random;

  public ProbeLoops(Prober prober, RandomGenerator random) {
    this.prober = prober;
    this.random = random;
  }

  @Override
  public void begin(ProbeTarget target, ProbeListener listener) {
    String id = target.record().id();
    TaskScope scope = new TaskScope("probes/" + target.container().getName());
    if (byContainer.putIfAbsent(id, scope) != null) {
      return;
    }
    Container container = target.container();
    if (container.hasStartupProbe()) {
      scope.fork(
          "startup",
          () -> {
            if (startUp(target, container.getStartupProbe(), listener)) {
              listener.started(target);
              beginOthers(target, listener, scope);
            }
          });
    } else {
      beginOthers(target, listener, scope);
    }
  }

  private void beginOthers(ProbeTarget target, ProbeListener listener, TaskScope scope) {
    Container container = target.container();
    if (container.hasReadinessProbe()) {
      scope.fork("readiness", () -> readiness(target, container.getReadinessProbe(), listener));
    }
    if (container.hasLivenessProbe()) {
      scope.fork("liveness", () -> liveness(target, container.getLivenessProbe(), listener));
    }
  }

  private boolean startUp(ProbeTarget target, Probe probe, ProbeListener listener)
      throws InterruptedException {
    Thread.sleep(Duration.ofSeconds(probe.getInitialDelaySeconds()));
    for (int failures = 0; ; ) {
      Prober.Answer answer = prober.ask(target, probe);
      if (answer.ok()) {
        return true;
      }
      listener.failed(target, "Startup probe failed: " + answer.message());
      failures++;
      if (failures >= threshold(probe)) {
        listener.unhealthy(
            target,
            "Container %s failed startup probe, will be restarted"
                .formatted(target.container().getName()));
        return false;
      }
      Thread.sleep(period(probe));
    }
  }

  private void liveness(ProbeTarget target, Probe probe, ProbeListener listener)
      throws InterruptedException {
    Thread.sleep(firstDelay(target, probe));
    for (int failures = 0; ; ) {
      Prober.Answer answer = prober.ask(target, probe);
      failures = answer.ok() ? 0 : failures + 1;
      if (!answer.ok()) {
        listener.failed(target, "Liveness probe failed: " + answer.message());
      }
      if (failures >= threshold(probe)) {
        listener.unhealthy(
            target,
            "Container %s failed liveness probe, will be restarted"
                .formatted(target.container().getName()));
        return;
      }
      Thread.sleep(period(probe));
    }
  }

  private void readiness(ProbeTarget target, Probe probe, ProbeListener listener)
      throws InterruptedException {
    Thread.sleep(Duration.ofSeconds(probe.getInitialDelaySeconds()));
    // What an adopted container was before, its listener knows: the first verdict is told in any
    // case.
    boolean told = false;
    boolean ready = false;
    int successes = 0;
    int failures = 0;
    Duration pause = FIRST_PAUSE;
    while (true) {
      Prober.Answer answer = prober.ask(target, probe);
      successes = answer.ok() ? successes + 1 : 0;
      failures = answer.ok() ? 0 : failures + 1;
      if (answer.ok() || pause.compareTo(period(probe)) > 0) {
        pause = period(probe);
      }
      boolean starting = pause.compareTo(STARTING) < 0;
      if (!answer.ok() && !starting) {
        listener.failed(target, "Readiness probe failed: " + answer.message());
      }
      boolean found = successes >= Math.max(1, probe.getSuccessThreshold());
      boolean lost = failures >= threshold(probe) && (told || !starting);
      if ((found || lost) && (!told || found != ready)) {
        told = true;
        ready = found;
        listener.ready(target, ready);
      }
      Thread.sleep(pause);
      pause = pause.multipliedBy(2);
    }
  }

  private Duration firstDelay(ProbeTarget target, Probe probe) {
    Duration initial = Duration.ofSeconds(probe.getInitialDelaySeconds());
    Duration age = Duration.between(target.record().startedAt(), java.time.Instant.now());
    // An adopted container is as old as it is: the delay counts from its start.
    Duration rest = initial.minus(age.isNegative() ? Duration.ZERO : age);
    Duration jitter = Duration.ofMillis(random.nextLong(period(probe).toMillis()));
    return (rest.isNegative() ? Duration.ZERO : rest).plus(jitter);
  }

  private static Duration period(Probe probe) {
    int seconds = probe.getPeriodSeconds();
    return Duration.ofSeconds(seconds > 0 ? seconds : DEFAULT_PERIOD_SECONDS);
  }

  private static int threshold(Probe probe) {
    return probe.getFailureThreshold() > 0 ? probe.getFailureThreshold() : DEFAULT_FAILURES;
  }

  @Override
  public void end(String containerId) {
    TaskScope scope = byContainer.remove(containerId);
    if (scope != null) {
      // Not waited for: a probe's question may take its whole timeout.
      Thread.startVirtualThread(scope::close);
      log.debug("container {} is no longer probed", containerId);
    }
  }

  @Override
  public void close() {
    byContainer.keySet().forEach(this::end);
  }
}
