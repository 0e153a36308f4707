package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.allocation.Lack;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker for each pod that this node runs or ran, by uid: a pod that was replaced under its name
/// ends beside the new one. Safe for use by many threads.
public final class PodWorkers implements ActivePods, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PodWorkers.class);

  private static final Duration AFTER_ERROR = Duration.ofSeconds(5);

  /// What the kernel may need to end a container that was killed.
  private static final Duration KILLING = Duration.ofSeconds(3);

  private final Map<String, PodWorker> byUid = new HashMap<>();
  private final Set<String> adopted = new HashSet<>();
  private final Map<String, Pod> early = new LinkedHashMap<>();
  private boolean complete;
  private Optional<Instant> haltBy = Optional.empty();
  private final PodParts parts;
  private final TaskScope threads = new TaskScope("pods");

  public PodWorkers(PodParts parts) {
    this.parts = parts;
  }

  /// Takes over the pods on disk, and takes away what there is of others. Comes before any
  /// [#update], and needs no API.
  public void adopt() throws IOException, InterruptedException {
    parts.runtime().clearLeftovers();
    Collection<Pod> known = parts.runtime().known();
    Set<String> uids =
        known.stream()
            .map(pod -> pod.getMetadata().getUid())
            .collect(Collectors.toUnmodifiableSet());
    for (String owner : parts.volumes().owners()) {
      if (!uids.contains(owner)) {
        clearVolumes(owner);
      }
    }
    parts.devices().adopt(uids);
    known.forEach(this::adopted);
  }

  private void clearVolumes(String uid) throws InterruptedException {
    log.warn("volumes of pod {}, of which nothing else is known, are taken away", uid);
    try {
      parts.volumes().tearDown(uid);
    } catch (IOException e) {
      log.warn("volumes of pod {} stay until the agent starts again", uid, e);
    }
  }

  private synchronized void adopted(Pod pod) {
    adopted.add(pod.getMetadata().getUid());
    begin(pod, true);
  }

  /// The API has the pod, now like this. Until all are known that the API has, one that is new here
  /// waits: of those that are here already, some may have to go.
  public synchronized void update(Pod pod) {
    PodWorker worker = byUid.get(pod.getMetadata().getUid());
    if (worker == null && !complete && !PodOrigin.isStatic(pod)) {
      early.put(pod.getMetadata().getUid(), pod);
    } else if (worker == null) {
      begin(pod, false);
    } else {
      // What is set aside for it is clear before the worker hears what is wanted.
      parts.allocations().want(pod);
      worker.update(pod);
    }
  }

  /// The API has the pod no more.
  public synchronized void removed(String uid) {
    early.remove(uid);
    PodWorker worker = byUid.get(uid);
    if (worker != null) {
      vanished(uid, worker);
    }
  }

  /// Who comes in its place finds the room.
  private void vanished(String uid, PodWorker worker) {
    worker.vanished();
    parts.allocations().over(uid);
  }

  /// All that the API has: whoever else is here must go, but for the node's own pods.
  public synchronized void retain(Set<String> uids) {
    byUid.forEach((uid, worker) -> {
      if (!uids.contains(uid) && !PodOrigin.isStatic(worker.pod())) {
        vanished(uid, worker);
      }
    });
    complete = true;
    List<Pod> waiting = new ArrayList<>(early.values());
    early.clear();
    waiting.sort(
        Comparator.comparing(pod -> Times.instant(pod.getMetadata().getCreationTimestamp())));
    waiting.forEach(pod -> begin(pod, false));
    parts.allocations().complete();
  }

  public synchronized Collection<String> uids() {
    return Set.copyOf(byUid.keySet());
  }

  /// The same, once all are known that the API has; nothing before.
  public synchronized Optional<Set<String>> all() {
    return complete ? Optional.of(Set.copyOf(byUid.keySet())) : Optional.empty();
  }

  /// As they are worked from.
  public synchronized Collection<Pod> pods() {
    return byUid.values().stream().map(PodWorker::pod).toList();
  }

  /// Something that is not the pod's may concern it: it is looked at again.
  public synchronized void wake(String uid) {
    PodWorker worker = byUid.get(uid);
    if (worker != null) {
      worker.wake();
    }
  }

  @Override
  public synchronized List<Pod> active() {
    return byUid.values().stream().filter(PodWorker::active).map(PodWorker::pod).toList();
  }

  @Override
  public synchronized boolean end(String uid, Failure why) {
    PodWorker worker = byUid.get(uid);
    if (worker == null || !worker.active()) {
      return false;
    }
    worker.fail(why);
    return true;
  }

  /// Ends all containers, each with the grace of its pod but by then at the latest, and starts none
  /// any more: the node goes down. The pods stay, for the next agent to run. Blocks until nothing
  /// runs, or for three seconds longer than `grace`.
  ///
  /// @return how many pods still run
  public long halt(Duration grace) throws InterruptedException {
    long end = System.nanoTime() + grace.plus(KILLING).toNanos();
    List<PodWorker> all;
    synchronized (this) {
      Instant by = parts.clock().instant().plus(grace);
      haltBy = Optional.of(by);
      all = List.copyOf(byUid.values());
      all.forEach(worker -> worker.halt(by));
    }
    long running = 0;
    for (PodWorker worker : all) {
      if (!worker.awaitHalted(Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
        running++;
      }
    }
    return running;
  }

  private synchronized void begin(Pod pod, boolean known) {
    PodWorker worker = new PodWorker(pod, known, parts);
    haltBy.ifPresent(worker::halt);
    String uid = pod.getMetadata().getUid();
    List<PodWorker> leaving = new ArrayList<>();
    Optional<Failure> refusal =
        known || !worker.active() ? Optional.empty() : refusal(pod, leaving);
    byUid.put(uid, worker);
    parts.allocations().take(pod, worker::wake);
    refusal.ifPresent(why -> {
      worker.refuse(why);
      parts.allocations().over(uid);
    });
    threads.fork(
        pod.getMetadata().getName(),
        () -> {
          for (PodWorker one : leaving) {
            one.awaitThrough();
          }
          work(worker);
        });
  }

  /// @param leaving gets those that have to be gone before the pod begins
  private Optional<Failure> refusal(Pod pod, List<PodWorker> leaving) {
    Optional<Failure> first = parts.admission().refusal(pod);
    List<Lack> lacks = parts.allocations().lacks(pod, parts.capacity());
    if (first.isPresent() || lacks.isEmpty()) {
      return first;
    }
    if (!PodOrigin.isCritical(pod)) {
      return Optional.of(Failure.refused(lacks.getFirst().reason(), lacks.getFirst().message()));
    }
    Optional<List<Pod>> victims = Preemption.victims(pod, active(), lacks);
    if (victims.isEmpty()) {
      return Optional.of(
          Failure.refused(
              "UnexpectedAdmissionError",
              "Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: %s"
                  .formatted(
                      lacks.stream()
                          .map(one -> "(res: %s, q: %d)".formatted(one.resource(), one.missing()))
                          .toList())));
    }
    for (Pod victim : victims.get()) {
      PodWorker worker = byUid.get(victim.getMetadata().getUid());
      if (worker != null) {
        log.info(
            "pod {} makes room for critical pod {}",
            victim.getMetadata().getName(),
            pod.getMetadata().getName());
        worker.fail(Failure.preempted());
        parts.allocations().over(victim.getMetadata().getUid());
        leaving.add(worker);
      }
    }
    return Optional.empty();
  }

  /// A worker that meets a bug is replaced by one that knows only what is on disk, as after a
  /// restart of the agent.
  private void work(PodWorker first) throws InterruptedException {
    PodWorker worker = first;
    String uid = first.pod().getMetadata().getUid();
    while (true) {
      try {
        worker.run();
        ended(uid);
        return;
      } catch (RuntimeException e) {
        log.error("pod {} is begun anew after an error", worker.pod().getMetadata().getName(), e);
        Thread.sleep(AFTER_ERROR);
        worker = replaced(uid, worker);
      }
    }
  }

  private synchronized PodWorker replaced(String uid, PodWorker failed) {
    PodWorker worker = new PodWorker(failed.pod(), true, parts);
    failed.drainTo(worker);
    haltBy.ifPresent(worker::halt);
    byUid.put(uid, worker);
    parts.allocations().take(worker.pod(), worker::wake);
    return worker;
  }

  private synchronized void ended(String uid) {
    byUid.remove(uid);
    parts.allocations().drop(uid);
    parts.devices().drop(uid);
    parts.statuses().forget(uid);
  }

  /// Ends the workers; containers stay as they are.
  @Override
  public void close() {
    threads.close();
  }
}
