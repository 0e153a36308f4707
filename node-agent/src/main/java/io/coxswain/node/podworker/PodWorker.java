package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.LifecycleHandler;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.device.ContainerDevices;
import io.coxswain.node.device.DeviceException;
import io.coxswain.node.image.ImageException;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.podworker.ContainerView.Stopping;
import io.coxswain.node.podworker.ContainerView.Waiting;
import io.coxswain.node.probe.ProbeListener;
import io.coxswain.node.probe.ProbeTarget;
import io.coxswain.node.runtime.BindMount;
import io.coxswain.node.runtime.ContainerLaunch;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.LaunchException;
import io.coxswain.node.runtime.Sandbox;
import io.coxswain.node.volume.PodVolume;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one pod from what it is to what it should be, until it is gone. All that is known of it
/// is touched by this worker's thread only; whatever else happens comes as a message.
final class PodWorker implements ProbeListener {

  private static final Logger log = LoggerFactory.getLogger(PodWorker.class);

  private static final Duration LONGEST_SLEEP = Duration.ofHours(1);
  private static final Duration LONGEST_END = Duration.ofMinutes(2);

  private final PodParts parts;
  private final Map<String, ContainerSlot> slots = new LinkedHashMap<>();
  private final BlockingQueue<Runnable> messages = new LinkedBlockingQueue<>();
  private final List<ContainerRecord> unreleased = new ArrayList<>();
  private final CountDownLatch through = new CountDownLatch(1);
  private final CountDownLatch halted = new CountDownLatch(1);
  private final TaskScope tasks;
  private final boolean finishedBefore;
  private final PodSandbox shared;
  private final Instant heard;
  private final PodResize resize;
  private final ImageVolumes imageVolumes;
  private Pod wish;
  private volatile Pod pod;
  private volatile boolean gone;
  private boolean done;
  private boolean admitted;
  private volatile boolean released;
  private volatile boolean ended;
  private boolean counted;
  private Failure failure = Failure.NONE;
  private Instant startedAt;
  private Optional<Instant> haltBy = Optional.empty();
  private final ClockSteps clockSteps;

  /// Runs what a former agent began, of which the disk says what it is and the API alone how it
  /// was: until that is heard nothing is told, for it would be told as new.
  private boolean awaitsStatus;

  /// @param known whether the disk may have the pod already
  PodWorker(Pod pod, boolean known, PodParts parts) {
    this.pod = pod;
    this.parts = parts;
    this.heard = parts.clock().instant();
    this.clockSteps = new ClockSteps(heard, System.nanoTime());
    this.startedAt = PodStatuses.startTime(pod).orElse(heard);
    this.tasks = new TaskScope("pod/" + pod.getMetadata().getName());
    this.shared = new PodSandbox(pod, parts, tasks);
    String phase = pod.getStatus().getPhase();
    this.finishedBefore = !known && (phase.equals("Succeeded") || phase.equals("Failed"));
    PodContainers.addTo(slots, pod.getSpec());
    this.wish = pod;
    this.resize = new PodResize(pod, slots, parts);
    this.imageVolumes = new ImageVolumes(parts.images());
    if (known) {
      failure = Failure.of(pod.getStatus());
    } else {
      resize.remember(pod);
    }
  }

  /// As the node works from it: with the resources that are set aside for it.
  Pod pod() {
    return pod;
  }

  boolean gone() {
    return gone;
  }

  /// Whether it holds something of the node, or may soon.
  boolean active() {
    return !released && !finishedBefore && !ended;
  }

  /// Waits until it holds nothing any more, but not for ever.
  void awaitThrough() throws InterruptedException {
    if (!through.await(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
      log.warn("pod {} does not end, and is not waited for any longer", name());
    }
  }

  /// Ends what runs, by then at the latest, and starts nothing any more: the node goes down. The
  /// pod stays as it is, for the next agent to run.
  void halt(Instant by) {
    messages.add(() -> haltBy = Optional.of(by));
  }

  /// Waits until nothing of it runs after [#halt], but not longer than this.
  boolean awaitHalted(Duration patience) throws InterruptedException {
    return halted.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// It is not to begin. Comes before [#run].
  void refuse(Failure why) {
    failed(why);
  }

  /// Ends the pod for good.
  void fail(Failure why) {
    messages.add(() -> failed(why));
  }

  /// Hands over what the API has said and this worker may not have read. Nobody else tells it
  /// anything meanwhile.
  void drainTo(PodWorker next) {
    for (Runnable message = messages.poll(); message != null; message = messages.poll()) {
      message.run();
    }
    next.update(wish);
    if (gone) {
      next.vanished();
    }
  }

  /// The object has changed.
  void update(Pod next) {
    messages.add(() -> {
      wish = next;
      resize.remember(next);
      if (failure.isNone()) {
        // an agent before this one may have told of it, and nothing else
        failure = Failure.of(next.getStatus());
      }
      pod = resize.applied(next);
      PodContainers.addTo(slots, pod.getSpec());
      if (awaitsStatus) {
        awaitsStatus = false;
        startedAt = PodStatuses.startTime(next).orElse(startedAt);
        takeOverStatus();
      }
    });
  }

  /// Something that is not this pod's may concern it: it looks again.
  void wake() {
    messages.add(() -> {});
  }

  /// The API has this very pod no more.
  void vanished() {
    messages.add(() -> gone = true);
  }

  /// Works until the pod is taken away or the thread is interrupted; containers then stay as they
  /// are.
  void run() throws InterruptedException {
    try {
      if (finishedBefore) {
        released = true;
        parts.allocations().over(pod.getMetadata().getUid());
        parts.devices().over(pod.getMetadata().getUid());
      } else {
        adopt();
      }
      while (!done) {
        releaseEnded();
        adjust();
        PodSnapshot now = snapshot();
        // What ended before this node's disk knew of it is not run a second time.
        boolean over = finishedBefore && !now.ending();
        Instant next = act(over ? List.of() : Planner.plan(now));
        if (!done) {
          if (!finishedBefore) {
            resize.settle(snapshot());
          }
          publish();
          if (haltBy.isPresent() && !anyRuns()) {
            halted.countDown();
          }
          sleepUntil(next);
        }
      }
    } finally {
      slots.values().forEach(slot -> slot.last.ifPresent(last -> parts.probes().end(last.id())));
      through.countDown();
      halted.countDown();
      tasks.close();
    }
  }

  private boolean anyRuns() {
    return slots.values().stream().anyMatch(slot -> slot.view().running());
  }

  private void adjust() {
    if (released || finishedBefore || gone) {
      return;
    }
    Pod before = pod;
    pod = resize.adjusted(wish);
    if (!pod.getSpec().equals(before.getSpec())) {
      shared.resourcesChanged();
    }
  }

  private void sleepUntil(Instant next) throws InterruptedException {
    Runnable first;
    Instant now = parts.clock().instant();
    if (!next.isAfter(now)) {
      first = messages.poll();
    } else if (next.isAfter(now.plus(LONGEST_SLEEP))) {
      first = messages.poll(LONGEST_SLEEP.toMillis(), TimeUnit.MILLISECONDS);
    } else {
      first = messages.poll(Duration.between(now, next).toMillis() + 1, TimeUnit.MILLISECONDS);
    }
    followClock();
    for (Runnable message = first; message != null; message = messages.poll()) {
      message.run();
    }
  }

  private void followClock() {
    clockSteps.seen(parts.clock().instant(), System.nanoTime()).ifPresent(this::clockSet);
  }

  private void clockSet(UnaryOperator<Instant> moved) {
    slots.values().forEach(slot -> slot.clockSet(moved));
    shared.clockSet(moved);
    resize.clockSet(moved);
    haltBy = haltBy.map(moved);
  }

  private PodSnapshot snapshot() {
    return new PodSnapshot(
        pod,
        gone,
        parts.clock().instant(),
        startedAt,
        shared.sandbox(),
        shared.setUpAt(),
        shared.setUpFailure(),
        failure.reason(),
        slots.values().stream().map(slot -> slot.view(shared.sandbox())).toList(),
        resize.view(),
        released || finishedBefore,
        haltBy);
  }

  private void publish() {
    if (finishedBefore || gone || awaitsStatus) {
      return;
    }
    PodSnapshot snapshot = snapshot();
    PodStatus status = PodStatuses.of(snapshot, failure, parts.variables().node());
    status = RecursiveMounts.described(pod, status, mountsRecursively());
    parts.statuses().publish(pod, parts.devices().described(pod, status));
    if (!counted && !slots.values().stream().anyMatch(slot -> !slot.view().running())) {
      counted = true;
      parts.metrics().podStart.record(Duration.between(heard, snapshot.now()));
    }
  }

  /// Whether what makes the pod's containers can make mounts read-only with those below them; not
  /// known of a class before there is a sandbox.
  private boolean mountsRecursively() {
    String handler =
        shared.sandbox().map(Sandbox::handler).orElse(pod.getSpec().getRuntimeClassName());
    return parts.runtime().handlers().stream()
        .anyMatch(one -> one.name().equals(handler) && one.recursiveReadOnly());
  }

  /// Takes over what a former agent left.
  private void adopt() throws InterruptedException {
    try {
      for (ContainerRecord record : parts.runtime().adopt(pod, this::exited)) {
        ContainerSlot slot = slots.get(record.container());
        if (slot == null) {
          parts.runtime().kill(record);
          continue;
        }
        slot.restarts = Delays.ofRestarts(record.attempt());
        slot.begun(record);
        if (record.ended()) {
          slot.ended(record, snapshot().restarts(slot.view()), record.finishedAt());
          unreleased.add(record);
        }
      }
    } catch (IOException e) {
      log.error("pod {} cannot be taken over from the disk", name(), e);
    }
    if (!anyRuns()) {
      return;
    }
    awaitsStatus = !PodOrigin.isStatic(pod);
    setUp();
    resize.groupAdopted();
    takeOverStatus();
    slots.values().stream().filter(slot -> slot.view().running()).forEach(this::probe);
  }

  /// What probes have said of a container holds until they say something else.
  private void takeOverStatus() {
    for (ContainerSlot slot : slots.values()) {
      if (slot.view().running() && slot.stopping.isEmpty()) {
        slot.started |= !slot.spec.hasStartupProbe() || was(slot, ContainerStatus::getStarted);
        if (!slot.probed) {
          slot.ready = !slot.spec.hasReadinessProbe() || was(slot, ContainerStatus::getReady);
        }
      }
    }
  }

  /// Of this very container, not of one before it.
  private boolean was(ContainerSlot slot, Predicate<ContainerStatus> so) {
    String id = slot.last.map(ContainerRecord::id).orElse("");
    return Stream.concat(
            pod.getStatus().getContainerStatusesList().stream(),
            pod.getStatus().getInitContainerStatusesList().stream())
        .anyMatch(one ->
            one.getName().equals(slot.spec.getName())
                && one.getContainerID().endsWith("/" + id)
                && so.test(one));
  }

  private Instant act(List<Action> actions) throws InterruptedException {
    Instant next = released ? Instant.MAX : shared.refreshed(pod);
    for (Action action : actions) {
      switch (action) {
        case Action.SetUp() -> next = sooner(next, setUp());
        case Action.PullImage(String name) -> pull(slot(name));
        case Action.StartContainer(String name) -> {
          start(slot(name));
          // What comes after a start depends on how it went: plan again at once.
          next = Instant.EPOCH;
        }
        case Action.Resize() -> next = sooner(next, resize.act(pod));
        case Action.BeginStop(String name, String why, long grace) -> {
          beginStop(slot(name), why, grace);
          next = Instant.EPOCH;
        }
        case Action.Signal(String name) -> signal(slot(name));
        case Action.Kill(String name) -> kill(slot(name));
        case Action.Fail(String reason, String message) -> {
          failed(Failure.own(reason, message));
          next = Instant.EPOCH;
        }
        case Action.Release() -> release();
        case Action.TearDown() -> {
          if (!tearDown()) {
            return parts.clock().instant().plusSeconds(2);
          }
          done = gone;
        }
        case Action.DeleteObject() -> {
          parts.statuses().delete(pod);
          done = true;
        }
        case Action.WaitUntil(Instant moment) -> next = sooner(next, moment);
      }
    }
    return next;
  }

  /// Written down first: an agent that comes after this one is to start nothing of it again.
  private void failed(Failure why) {
    if (!failure.isNone() || released) {
      return;
    }
    failure = why;
    parts.events().warning(pod, why.reason(), why.event());
    if (why.begun()) {
      try {
        parts.runtime().note(why.noted(pod));
      } catch (IOException e) {
        log.warn("that pod {} has failed is not written down", name(), e);
      }
    }
    slots.values().forEach(slot -> slot.stopping = slot.stopping.map(this::hurried));
  }

  private Stopping hurried(Stopping one) {
    return failure.graceSeconds() < 0
        ? one
        : new Stopping(
            one.began(), failure.graceSeconds(), one.hookDone(), one.signalled(), one.killedAt());
  }

  private static Instant sooner(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  private ContainerSlot slot(String name) {
    ContainerSlot slot = slots.get(name);
    if (slot == null) {
      throw new IllegalStateException("no container " + name);
    }
    return slot;
  }

  /// @return when to look again: at once, or when the next try is due
  private Instant setUp() throws InterruptedException {
    if (shared.lost() && anyRuns()) {
      // They cannot go on; the others would not find them in what is made anew.
      slots.values().stream().filter(slot -> slot.view().running()).forEach(this::kill);
      return parts.clock().instant().plus(Planner.KILL_AGAIN);
    }
    if (!admit()) {
      return Instant.EPOCH;
    }
    if (!shared.setUp(pod, id -> messages.add(() -> shared.lose(id)))) {
      return shared.setUpAt();
    }
    resize.groupMade();
    // of a former agent's, that waited for it
    slots.values().stream()
        .filter(slot -> slot.view().running() && slot.stopping.isEmpty())
        .forEach(this::probe);
    return Instant.EPOCH;
  }

  /// Before anything of the pod is made it has its devices, or it fails.
  private boolean admit() {
    if (admitted) {
      return true;
    }
    try {
      parts.devices().admit(pod);
      admitted = true;
    } catch (DeviceException e) {
      failed(Failure.refused("UnexpectedAdmissionError", e.getMessage() + ""));
    }
    return admitted;
  }

  private void pull(ContainerSlot slot) {
    slot.beginsPull();
    Thread pull =
        Thread.ofVirtual()
            .name("pull/" + slot.spec.getImage())
            .start(() ->
                messages.add(new ImagePull(parts, imageVolumes, pod, slot.spec).run(this, slot)));
    slot.pull = Optional.of(pull);
  }

  void pulled(ContainerSlot slot, PulledImage image) {
    slot.pull = Optional.empty();
    slot.pulls.reset();
    slot.image = Optional.of(image);
  }

  void pullFailed(ContainerSlot slot, ImageException failure) {
    slot.pull = Optional.empty();
    Duration delay = slot.pulls.next();
    slot.notBefore = parts.clock().instant().plus(delay);
    String reason = failure.reason().text();
    parts
        .events()
        .warning(
            pod,
            "Failed",
            "Failed to pull image \"%s\": %s"
                .formatted(slot.spec.getImage(), failure.getMessage()));
    boolean again = failure.reason() == ImageException.Reason.PULL && slot.pullFailedBefore();
    slot.waiting =
        again
            ? new Waiting(
                ContainerSlot.PULL_BACK_OFF,
                "Back-off pulling image \"%s\": %s"
                    .formatted(slot.spec.getImage(), failure.getMessage()))
            : new Waiting(reason, failure.getMessage() + "");
  }

  private void start(ContainerSlot slot) throws InterruptedException {
    Container container = slot.spec;
    Optional<ContainerRecord> previous = slot.last;
    int attempt = previous.map(record -> record.attempt() + 1).orElse(0);
    Instant begun = parts.clock().instant();
    try {
      Sandbox sandbox = shared.sandbox().orElseThrow();
      ContainerDevices devices = devicesOf(container);
      Map<String, String> environment = new LinkedHashMap<>(devices.environment());
      environment.putAll(parts.variables().of(pod, container, sandbox.addresses()));
      List<BindMount> mounts = new ArrayList<>(devices.mounts());
      Map<String, PodVolume> volumes = volumesOf(container);
      mounts.addAll(
          VolumeBinds.of(
              pod, container, volumes, environment, parts.volumes(), mountsRecursively()));
      ContainerLaunch launch =
          new ContainerLaunch(
              pod,
              expanded(container, environment),
              attempt,
              sandbox,
              slot.image.orElseThrow(),
              Variables.lines(environment),
              mounts,
              devices.edits().plus(BlockVolumes.of(container, volumes)),
              PodContainers.target(slots, pod, slot));
      ContainerRecord record = parts.runtime().start(launch, this::exited);
      if (slot.before.isPresent()) {
        forget(slot.before.get());
      }
      slot.begun(record);
      if (attempt > 0) {
        parts.metrics().restarts.increment();
      }
      parts.events().normal(pod, "Created", "Created container: " + container.getName());
      if (record.ended()) {
        parts.metrics().startFailures.increment();
        parts
            .events()
            .warning(
                pod,
                "Failed",
                "Error: container %s cannot run: %s"
                    .formatted(container.getName(), record.message()));
        ended(record);
        return;
      }
      parts.metrics().containerStart.record(Duration.between(begun, parts.clock().instant()));
      parts.events().normal(pod, "Started", "Started container " + container.getName());
      afterStart(slot, record);
    } catch (LaunchException e) {
      parts.metrics().startFailures.increment();
      Duration delay = shared.nextDelay();
      slot.notBefore = parts.clock().instant().plus(delay);
      slot.waiting = new Waiting(e.reason(), e.getMessage() + "");
      parts.events().warning(pod, "Failed", "Error: " + e.getMessage());
    }
  }

  private ContainerDevices devicesOf(Container container) throws LaunchException {
    try {
      return parts.devices().forStart(pod, container);
    } catch (DeviceException e) {
      throw new LaunchException("CreateContainerConfigError", e.getMessage() + "", e);
    }
  }

  private Map<String, PodVolume> volumesOf(Container container) throws LaunchException {
    try {
      Map<String, PodVolume> all = new HashMap<>(shared.volumes());
      all.putAll(imageVolumes.ready(pod, container));
      return all;
    } catch (IOException e) {
      throw new LaunchException("CreateContainerError", e.getMessage() + "", e);
    }
  }

  /// `command` and `args` may name variables.
  private static Container expanded(Container container, Map<String, String> environment) {
    return container.toBuilder()
        .clearCommand()
        .clearArgs()
        .addAllCommand(
            container.getCommandList().stream()
                .map(word -> Variables.expand(word, environment))
                .toList())
        .addAllArgs(
            container.getArgsList().stream()
                .map(word -> Variables.expand(word, environment))
                .toList())
        .build();
  }

  private void afterStart(ContainerSlot slot, ContainerRecord record) {
    LifecycleHandler hook = slot.spec.getLifecycle().getPostStart();
    if (!slot.spec.getLifecycle().hasPostStart()) {
      running(slot);
      return;
    }
    tasks.fork(
        "postStart",
        () -> {
          try {
            new Hooks(parts.prober()).run(target(slot, record), hook, Duration.ofHours(1));
            messages.add(() -> ifCurrent(record, () -> running(slot)));
          } catch (IOException e) {
            parts
                .events()
                .warning(pod, "FailedPostStartHook", "PostStartHook failed: " + e.getMessage());
            messages.add(() -> ifCurrent(record, () -> slot.unhealthy = "FailedPostStartHook"));
          }
        });
  }

  private void running(ContainerSlot slot) {
    slot.started = !slot.spec.hasStartupProbe();
    slot.ready = !slot.spec.hasReadinessProbe();
    slot.probed = false;
    probe(slot);
  }

  /// Where a container is to be asked is known with its sandbox. An agent that has just started may
  /// have containers before: its network waits for the API.
  private void probe(ContainerSlot slot) {
    if (shared.sandbox().isPresent()) {
      slot.last.ifPresent(record -> parts.probes().begin(target(slot, record), this));
    }
  }

  private ProbeTarget target(ContainerSlot slot, ContainerRecord record) {
    String address =
        shared
            .sandbox()
            .filter(one -> !one.addresses().isEmpty())
            .map(one -> one.addresses().getFirst().getHostAddress())
            .orElse("127.0.0.1");
    return new ProbeTarget(pod, slot.spec, record, address);
  }

  private void ifCurrent(ContainerRecord record, Runnable action) {
    ContainerSlot slot = slots.get(record.container());
    if (slot != null
        && slot.last.map(last -> last.id().equals(record.id())).orElse(false)
        && slot.view().running()) {
      action.run();
    }
  }

  private void exited(ContainerRecord record) {
    messages.add(() -> ifCurrent(record, () -> ended(record)));
  }

  private void ended(ContainerRecord record) {
    ContainerSlot slot = slot(record.container());
    parts.probes().end(record.id());
    slot.ends();
    slot.last = Optional.of(record);
    PodSnapshot now = snapshot();
    boolean again = !now.ending() && now.haltBy().isEmpty() && now.restarts(slot.view());
    slot.ended(record, again, parts.clock().instant());
    if (again && !slot.waiting.reason().isEmpty()) {
      parts
          .events()
          .warning(
              pod,
              "BackOff",
              "Back-off restarting failed container %s in pod %s"
                  .formatted(slot.spec.getName(), pod.getMetadata().getName()));
    }
    unreleased.add(record);
  }

  /// Gives back mounts and control groups of containers that ended since.
  private void releaseEnded() throws InterruptedException {
    for (ContainerRecord record : unreleased) {
      try {
        parts.runtime().release(record);
      } catch (IOException e) {
        log.warn("container {} of pod {} is not given back yet", record.id(), name(), e);
      }
    }
    unreleased.clear();
  }

  private void forget(ContainerRecord record) throws InterruptedException {
    try {
      parts.runtime().forget(pod, record);
    } catch (IOException e) {
      log.warn("old container {} of pod {} stays on disk", record.id(), name(), e);
    }
  }

  private void beginStop(ContainerSlot slot, String why, long grace) {
    ContainerRecord record = slot.last.orElseThrow();
    parts.probes().end(record.id());
    parts
        .events()
        .normal(pod, "Killing", why.isEmpty() ? "Stopping container " + slot.spec.getName() : why);
    boolean hook = slot.spec.getLifecycle().hasPreStop() && !gone;
    long seconds = failure.graceSeconds() >= 0 ? failure.graceSeconds() : grace;
    Stopping stopping = new Stopping(parts.clock().instant(), seconds, !hook, false, Instant.MAX);
    slot.stopping = Optional.of(stopping);
    slot.ready = false;
    if (!hook) {
      return;
    }
    Duration patience = Duration.ofSeconds(Math.max(1, Planner.grace(snapshot(), stopping)));
    tasks.fork(
        "preStop",
        () -> {
          try {
            new Hooks(parts.prober())
                .run(target(slot, record), slot.spec.getLifecycle().getPreStop(), patience);
          } catch (IOException e) {
            parts
                .events()
                .warning(pod, "FailedPreStopHook", "PreStopHook failed: " + e.getMessage());
          }
          messages.add(() -> ifCurrent(record, () -> hookDone(slot)));
        });
  }

  private static void hookDone(ContainerSlot slot) {
    slot.stopping =
        slot.stopping.map(one ->
            new Stopping(one.began(), one.graceSeconds(), true, one.signalled(), one.killedAt()));
  }

  private void signal(ContainerSlot slot) {
    ContainerRecord record = slot.last.orElseThrow();
    try {
      parts.runtime().signal(record, record.stopSignal());
    } catch (IOException e) {
      log.warn("container {} of pod {} got no signal", slot.spec.getName(), name(), e);
    }
    slot.stopping =
        slot.stopping.map(
            one -> new Stopping(one.began(), one.graceSeconds(), true, true, one.killedAt()));
  }

  private void kill(ContainerSlot slot) {
    Instant now = parts.clock().instant();
    try {
      parts.runtime().kill(slot.last.orElseThrow());
    } catch (IOException e) {
      log.warn("container {} of pod {} was not killed", slot.spec.getName(), name(), e);
    }
    slot.stopping =
        slot.stopping.map(one -> new Stopping(one.began(), one.graceSeconds(), true, true, now));
  }

  private void release() throws InterruptedException {
    cancelPulls();
    parts.devices().over(pod.getMetadata().getUid());
    try {
      parts.runtime().releaseSandbox(pod);
      parts.volumes().tearDown(pod.getMetadata().getUid());
      imageVolumes.tearDown(pod);
    } catch (IOException e) {
      log.warn("what pod {} held is not given back yet", name(), e);
    }
    released = true;
    through.countDown();
    parts.allocations().over(pod.getMetadata().getUid());
  }

  private void cancelPulls() {
    slots.values().forEach(slot -> slot.pull.ifPresent(Thread::interrupt));
  }

  private boolean tearDown() throws InterruptedException {
    cancelPulls();
    try {
      publish();
      parts.runtime().tearDown(pod);
      parts.volumes().tearDown(pod.getMetadata().getUid());
      imageVolumes.tearDown(pod);
      ended = true;
      // before the object goes: who comes in its place finds the room
      parts.allocations().over(pod.getMetadata().getUid());
      return true;
    } catch (IOException e) {
      log.warn("pod {} is not taken away yet", name(), e);
      return false;
    }
  }

  @Override
  public void started(ProbeTarget target) {
    messages.add(
        () -> ifCurrent(target.record(), () -> slot(target.record().container()).started = true));
  }

  @Override
  public void ready(ProbeTarget target, boolean ready) {
    messages.add(() ->
        ifCurrent(
            target.record(),
            () -> {
              ContainerSlot slot = slot(target.record().container());
              slot.ready = ready;
              slot.probed = true;
            }));
  }

  @Override
  public void unhealthy(ProbeTarget target, String why) {
    messages.add(
        () -> ifCurrent(target.record(), () -> slot(target.record().container()).unhealthy = why));
  }

  @Override
  public void failed(ProbeTarget target, String message) {
    parts.events().warning(target.pod(), "Unhealthy", message);
  }

  private String name() {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }
}
