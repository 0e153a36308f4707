package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.node.podworker.ActivePods;
import io.coxswain.node.podworker.Failure;
import io.coxswain.node.podworker.PodOrigin;
import io.coxswain.node.pressure.PressureState.Step;
import io.coxswain.node.pressure.Signal.Observed;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.PodMeter;
import io.coxswain.node.usage.PodUse;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after the node every few seconds, and ends pods where nothing else helps. On a thread of
/// the machine: walking through files blocks.
///
/// Writes [Pressures], which the node's conditions and the admission of pods follow.
public final class PressureMonitor implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PressureMonitor.class);

  /// What pods get that have to go at once.
  private static final long AT_ONCE_SECONDS = 1;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration ASK_EVERY = Duration.ofSeconds(1);

  /// How old what is known of a pod's disk may be when pods are compared.
  private static final Duration COMPARED = Duration.ofSeconds(10);

  /// The parts of the node that are looked at.
  ///
  /// @param reclaim what is given back before pods go
  public record Node(
      String name, Signals signals, NodeDisks disks, PodMeter meter, Reclaim reclaim) {}

  private final PressureOptions options;
  private final Node node;
  private final ActivePods pods;
  private final Pressures pressures;
  private final EventRecorder events;
  private final MeterRegistry metrics;
  private final StorageWatch storage;
  private final Clock clock;
  private final Thread thread = Thread.ofPlatform().name("pressure").daemon().unstarted(this::run);
  private PressureState state = PressureState.NONE;

  public PressureMonitor(
      PressureOptions options,
      Node node,
      ActivePods pods,
      Pressures pressures,
      EventRecorder events,
      MeterRegistry metrics,
      Clock clock) {
    this.options = options;
    this.node = node;
    this.pods = pods;
    this.pressures = pressures;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.storage = new StorageWatch(node.meter(), node.disks(), clock);
  }

  /// Returns at once.
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        List<String> ended = List.of();
        try {
          ended = look();
        } catch (IOException | RuntimeException e) {
          log.error("the node's memory and disk are not looked after this time", e);
        }
        if (ended.isEmpty()) {
          Thread.sleep(options.every());
        } else {
          awaitGone(ended);
        }
      }
    } catch (InterruptedException e) {
      log.debug("closed", e);
    }
  }

  /// What they held is given back only when they are through.
  private void awaitGone(List<String> uids) throws InterruptedException {
    for (long left = PATIENCE.dividedBy(ASK_EVERY); left > 0; left--) {
      Thread.sleep(ASK_EVERY);
      Set<String> active = uids(pods.active());
      if (uids.stream().noneMatch(active::contains)) {
        return;
      }
    }
    log.warn("pods {} do not end", uids);
  }

  private static Set<String> uids(List<Pod> pods) {
    return pods.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
  }

  /// Looks once.
  ///
  /// @return uids of pods that have to go
  List<String> look() throws IOException, InterruptedException {
    List<Pod> active = pods.active();
    node.meter().retain(uids(active));
    Map<Signal, Observed> seen = node.signals().observe();
    Step step = state.look(options.thresholds(), seen, options.transition(), clock.instant());
    state = step.state();
    tell(step.conditions());
    List<String> gone = new ArrayList<>();
    for (StorageWatch.Exceeded one : storage.look(active)) {
      if (end(one.pod(), Failure.evicted(one.message(), "", AT_ONCE_SECONDS))) {
        gone.add(one.pod().getMetadata().getUid());
      }
    }
    if (gone.isEmpty() && !step.due().isEmpty()) {
      relieve(step.due(), seen, active).ifPresent(gone::add);
    }
    return gone;
  }

  private void tell(Set<NodePressure> conditions) {
    Set<NodePressure> before = pressures.now();
    pressures.set(conditions);
    for (NodePressure pressure : EnumSet.allOf(NodePressure.class)) {
      boolean isShort = conditions.contains(pressure);
      if (isShort != before.contains(pressure)) {
        String event = pressure.event(isShort);
        log.info("{}", event);
        events.normal(
            reference(), event, "Node %s status is now: %s".formatted(node.name(), event));
      }
    }
  }

  private ObjectReference reference() {
    return ObjectReference.newBuilder()
        .setApiVersion("v1")
        .setKind("Node")
        .setName(node.name())
        .setUid(node.name())
        .build();
  }

  /// Does what the most urgent threshold asks for.
  ///
  /// @return the pod that has to go, if one has
  private Optional<String> relieve(
      List<Threshold> due, Map<Signal, Observed> seen, List<Pod> active)
      throws IOException, InterruptedException {
    Threshold first = due.getFirst();
    Signal signal = first.signal();
    log.warn("{} is below its threshold: {}", signal.text(), seen.get(signal));
    events.warning(
        reference(),
        "EvictionThresholdMet",
        "Attempting to reclaim %s".formatted(signal.resource().text()));
    boolean separate = node.disks().separate();
    boolean reclaims = signal.pressure() == NodePressure.DISK && (!separate || signal.isImageFs());
    if (reclaims) {
      node.reclaim().reclaim();
      if (PressureState.met(options.thresholds(), node.signals().observe(), true).isEmpty()) {
        log.info("what nobody used was enough: no pod has to go");
        return Optional.empty();
      }
    }
    List<Candidate> candidates = new ArrayList<>();
    for (Pod pod : active) {
      candidates.add(new Candidate(pod, use(pod, signal)));
    }
    for (Candidate one : Ranking.rank(candidates, signal, separate)) {
      String message = Messages.evicted(one, signal.resource(), due, seen);
      if (end(one.pod(), Failure.evicted(message, message, grace(first, one.pod())))) {
        metrics.counter("kubelet.evictions", "eviction_signal", signal.text()).increment();
        return Optional.of(one.pod().getMetadata().getUid());
      }
    }
    log.warn("{} is short and there is no pod that may be ended", signal.text());
    return Optional.empty();
  }

  private PodUse use(Pod pod, Signal signal) throws IOException {
    return signal.pressure() == NodePressure.DISK
        ? node.meter().all(pod, COMPARED)
        : node.meter().memory(pod);
  }

  private long grace(Threshold threshold, Pod pod) {
    if (threshold.isHard()) {
      return AT_ONCE_SECONDS;
    }
    long own = pod.getSpec().getTerminationGracePeriodSeconds();
    return pod.getSpec().hasTerminationGracePeriodSeconds()
        ? Math.min(own, options.mostGrace().toSeconds())
        : options.mostGrace().toSeconds();
  }

  private boolean end(Pod pod, Failure why) {
    if (PodOrigin.isCritical(pod)) {
      log.warn("critical pod {} stays: {}", pod.getMetadata().getName(), why.message());
      return false;
    }
    log.warn("pod {} has to go: {}", pod.getMetadata().getName(), why.message());
    return pods.end(pod.getMetadata().getUid(), why);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      boolean _ = thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
