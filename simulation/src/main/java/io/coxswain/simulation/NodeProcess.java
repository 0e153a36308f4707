package io.coxswain.simulation;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.node.podworker.Action;
import io.coxswain.node.podworker.ContainerView.Stopping;
import io.coxswain.node.podworker.Planner;
import io.coxswain.node.podworker.PodStatuses;
import io.coxswain.node.podworker.Variables.NodeFacts;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.schema.ResourceType;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// A node's agent: the production planner and statuses, on containers that are only written down.
final class NodeProcess extends SimulatedProcess {

  private static final int KILLED = 137;

  private final String name;
  private final ApiClient client;
  private final Resources<Pod> pods;
  private final VirtualClock clock;
  private final Machines machines;
  private final NodeFacts facts;
  private final NodeDisk disk = new NodeDisk();
  private Map<String, PodOnNode> workers = new LinkedHashMap<>();

  NodeProcess(
      String name,
      ApiClient client,
      VirtualClock clock,
      RandomGenerator random,
      Machines machines) {
    super(random, InformerFactory.driven(client));
    this.name = name;
    this.client = client;
    this.pods = client.resources(Pod.class);
    this.clock = clock;
    this.machines = machines;
    this.facts = new NodeFacts(name, List.of(), 4000, 1L << 33, 1L << 33, Map.of());
  }

  @Override
  protected InformerFactory boot() {
    workers = new LinkedHashMap<>();
    // Containers go on without an agent: the next one takes them over.
    disk.byUid.forEach((uid, held) -> {
      PodOnNode worker = new PodOnNode(held.pod, held, clock.instant());
      worker.gone = true;
      workers.put(uid, worker);
    });
    InformerFactory informers = InformerFactory.driven(client);
    informers
        .informer(ResourceType.of(Pod.class), ListOptions.ALL.withFields("spec.nodeName=" + name))
        .addHandler(
            new Handler<>() {
              @Override
              public void added(Pod pod) {
                heard(pod);
              }

              @Override
              public void updated(Pod before, Pod after) {
                heard(after);
              }

              @Override
              public void deleted(Pod last) {
                vanished(last);
              }
            });
    return informers;
  }

  @Override
  protected void synced() {}

  @Override
  protected boolean work() {
    if (workers.isEmpty()) {
      return false;
    }
    List<PodOnNode> all = List.copyOf(workers.values());
    PodOnNode worker = all.get(random.nextInt(all.size()));
    endContainers(worker);
    boolean acted = false;
    for (Action action : Planner.plan(worker.snapshot(clock.instant()))) {
      acted |= act(worker, action);
      if (!workers.containsKey(uid(worker.pod))) {
        return true;
      }
    }
    return publish(worker) || acted;
  }

  /// A container of this node ends by itself.
  boolean breakOne() {
    for (NodeDisk.Held held : disk.byUid.values()) {
      for (ContainerRecord record : held.records.values()) {
        if (record.running() && random.nextBoolean()) {
          end(held, record, 1);
          return true;
        }
      }
    }
    return false;
  }

  private void heard(Pod pod) {
    PodOnNode known = workers.get(uid(pod));
    if (known != null) {
      known.pod = pod;
      known.gone = false;
      return;
    }
    String phase = pod.getStatus().getPhase();
    NodeDisk.Held held = new NodeDisk.Held(pod);
    PodOnNode worker = new PodOnNode(pod, held, clock.instant());
    if (phase.equals("Succeeded") || phase.equals("Failed")) {
      // Ended before: never to be started again.
      worker.failed = "Ended";
      worker.released = true;
    } else {
      disk.byUid.put(uid(pod), held);
    }
    workers.put(uid(pod), worker);
  }

  private void vanished(Pod pod) {
    PodOnNode worker = workers.get(uid(pod));
    if (worker != null) {
      worker.gone = true;
    }
  }

  private boolean act(PodOnNode worker, Action action) {
    Instant now = clock.instant();
    NodeDisk.Held held = worker.held;
    switch (action) {
      case Action.SetUp() -> held.sandbox = true;
      case Action.PullImage(String container) -> worker.pulled.add(container);
      case Action.StartContainer(String container) -> {
        ContainerRecord last = held.records.get(container);
        machines.started(name, worker.pod, container);
        held.records.put(
            container,
            NodeDisk.started(worker.pod, container, last == null ? 0 : last.attempt() + 1, now));
      }
      case Action.Resize() ->
          held.records.replaceAll((_, record) -> NodeDisk.resized(worker.pod, record));
      case Action.BeginStop(String container, String why, long grace) ->
          worker.stopping.put(container, new Stopping(now, grace, true, false, Instant.MAX));
      case Action.Signal(String container) -> {
        Stopping was = worker.stopping.get(container);
        if (was != null) {
          worker.stopping.put(
              container, new Stopping(was.began(), was.graceSeconds(), true, true, was.killedAt()));
        }
        held.endsAt.put(container, now.plusMillis(random.nextInt(5_000)));
      }
      case Action.Kill(String container) -> {
        ContainerRecord record = held.records.get(container);
        if (record != null) {
          end(held, record, KILLED);
          worker.stopping.remove(container);
        }
      }
      case Action.Fail(String reason, String message) -> worker.failed = reason;
      case Action.Release() -> {
        held.sandbox = false;
        worker.released = true;
      }
      case Action.TearDown() -> {
        held.records.values().stream()
            .filter(ContainerRecord::running)
            .toList()
            .forEach(record -> end(held, record, KILLED));
        disk.byUid.remove(uid(worker.pod));
        if (worker.gone) {
          workers.remove(uid(worker.pod));
        }
      }
      case Action.DeleteObject() -> delete(worker);
      case Action.WaitUntil(Instant moment) -> {
        return !moment.isAfter(now);
      }
    }
    return true;
  }

  private void delete(PodOnNode worker) {
    try {
      pods.delete(
          worker.pod.getMetadata().getNamespace(),
          worker.pod.getMetadata().getName(),
          DeletePolicy.DEFAULT.withGraceSeconds(0).onlyUid(uid(worker.pod)));
      workers.remove(uid(worker.pod));
    } catch (ApiException e) {
      if (e.isNotFound() || e.isConflict()) {
        workers.remove(uid(worker.pod));
      }
    }
  }

  private void endContainers(PodOnNode worker) {
    NodeDisk.Held held = worker.held;
    List.copyOf(held.endsAt.entrySet())
        .forEach(entry -> {
          ContainerRecord record = held.records.get(entry.getKey());
          if (record == null || !record.running()) {
            held.endsAt.remove(entry.getKey());
          } else if (!entry.getValue().isAfter(clock.instant())) {
            end(held, record, 0);
            worker.stopping.remove(entry.getKey());
          }
        });
  }

  private void end(NodeDisk.Held held, ContainerRecord record, int exitCode) {
    if (!record.running()) {
      return;
    }
    held.endsAt.remove(record.container());
    held.records.put(record.container(), NodeDisk.ended(record, exitCode, clock.instant()));
    machines.ended(record.podUid(), record.container());
  }

  private boolean publish(PodOnNode worker) {
    if (worker.gone || worker.failed.equals("Ended")) {
      return false;
    }
    PodStatus status = PodStatuses.of(worker.snapshot(clock.instant()), "", facts);
    if (status.equals(worker.pod.getStatus())) {
      return false;
    }
    Pod.Builder told = worker.pod.toBuilder().setStatus(status);
    told.getMetadataBuilder().clearResourceVersion();
    try {
      worker.pod = pods.updateStatus(told.build());
    } catch (ApiException e) {
      // Gone, or another under its name, or not reached: an informer tells.
      return true;
    }
    return true;
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }
}
