package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.filesystem.ConfinedFiles;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Machine;
import io.coxswain.node.host.ProcessWatch;
import io.coxswain.node.host.Processes;
import io.coxswain.node.host.Signals;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.image.Images;
import io.coxswain.node.network.PodNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Containers made by an OCI runtime and watched over by a conmon each.
final class MonitoredRuntime implements PodRuntime {

  private static final Logger log = LoggerFactory.getLogger(MonitoredRuntime.class);
  private static final int KILLED = 128 + Signals.SIGKILL;
  private static final int LAST_WORDS_BYTES = 4096;
  private static final int FALLBACK_BYTES = 2048;
  private static final int FALLBACK_LINES = 80;

  private final PodFolders folders;
  private final DiskState disk;
  private final Sandboxes sandboxes;
  private final Handlers handlers;
  private final Images images;
  private final ControlGroups controlGroups;
  private final Processes processes;
  private final ProcessWatch watch;
  private final Machine machine;
  private final RuntimeOptions options;
  private final Clock clock;
  private final RandomGenerator random;
  private final Semaphore starts;
  private final PodLimits limits;
  private final Confinements confinements;
  private final MappedMounts mapped;
  private final LogFolders logs;
  private final Remains remains;
  private final Leftovers leftovers;

  /// Ends that could not be written down, by container.
  private final Map<String, ContainerRecord> unwritten = new ConcurrentHashMap<>();

  MonitoredRuntime(
      PodFolders folders,
      Sandboxes sandboxes,
      PodNetwork network,
      Handlers handlers,
      Images images,
      ControlGroups controlGroups,
      Processes processes,
      ProcessWatch watch,
      Machine machine,
      Confinements confinements,
      MappedMounts mapped,
      RuntimeOptions options,
      Clock clock,
      RandomGenerator random) {
    this.folders = folders;
    this.disk = new DiskState(folders);
    this.sandboxes = sandboxes;
    this.handlers = handlers;
    this.images = images;
    this.controlGroups = controlGroups;
    this.processes = processes;
    this.watch = watch;
    this.machine = machine;
    this.confinements = confinements;
    this.mapped = mapped;
    this.options = options;
    this.clock = clock;
    this.random = random;
    this.starts = new Semaphore(options.parallelStarts());
    this.limits = new PodLimits(disk, sandboxes, controlGroups);
    this.logs = new LogFolders(folders);
    this.remains = new Remains(folders, images, controlGroups, mapped);
    this.leftovers =
        new Leftovers(folders, sandboxes, handlers, images, controlGroups, network, remains);
  }

  @Override
  public Sandbox setUp(Pod pod, Runnable lost) throws IOException, InterruptedException {
    disk.save(pod);
    // one that nothing here can run has no part of it made
    String handler = sandboxes.handler(pod);
    Handlers.Maker maker = handlers.of(handler);
    if (UserRanges.isWanted(pod.getSpec()) && !maker.features().userNamespaces()) {
      // Admission lets such a pod have more than others, since it would be nobody outside.
      throw new IOException(
          "can't set `spec.hostUsers: false`, %s does not support user namespaces"
              .formatted(
                  handler.isEmpty()
                      ? "runtime"
                      : "RuntimeClass handler \"%s\"".formatted(handler)));
    }
    Sandbox sandbox;
    starts.acquire();
    try {
      sandbox = sandboxes.setUp(pod);
    } finally {
      starts.release();
    }
    if (sandbox.firstProcess() > 0) {
      watch.whenEnded(sandbox.firstProcess(), () -> Thread.startVirtualThread(lost));
    }
    return sandbox;
  }

  @Override
  public void releaseSandbox(Pod pod) throws IOException, InterruptedException {
    for (ContainerRecord container : disk.containers(pod.getMetadata().getUid())) {
      kill(container);
      release(container);
    }
    sandboxes.tearDown(pod);
  }

  @Override
  public void tearDown(Pod pod) throws IOException, InterruptedException {
    // nobody will ask any more how they ended
    disk.containers(pod.getMetadata().getUid()).forEach(one -> unwritten.remove(one.id()));
    releaseSandbox(pod);
    DiskState.deleteAll(folders.podLogs(pod));
    disk.forget(pod.getMetadata().getUid());
  }

  @Override
  public ContainerRecord start(ContainerLaunch launch, ExitListener listener)
      throws LaunchException, InterruptedException {
    starts.acquire();
    try {
      return startOne(launch, listener);
    } finally {
      starts.release();
    }
  }

  private ContainerRecord startOne(ContainerLaunch launch, ExitListener listener)
      throws LaunchException, InterruptedException {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    Handlers.Maker maker = maker(launch);
    ContainerRecord record =
        ContainerRecord.intended(
            HexFormat.of().formatHex(bytes),
            launch,
            maker.runtime().name(),
            machine.bootId(),
            stopSignal(launch),
            clock.instant());
    Conmon.Request request;
    try {
      disk.save(record);
      request = bundle(launch, record);
    } catch (IOException e) {
      discard(record);
      throw new LaunchException(
          "CreateContainerError",
          "container \"%s\": %s".formatted(record.container(), e.getMessage()),
          e);
    } catch (LaunchException e) {
      discard(record);
      throw e;
    }
    try {
      Conmon.Made made = made(maker, request);
      record = record.made(made.pid(), made.monitorPid());
      KernelFiles.check(made.pid(), launch);
      maker.runtime().start(record.id());
      // Written once: an agent that ends before that leaves one that never began, and the next
      // clears it away.
      record = record.started(clock.instant());
      disk.save(record);
    } catch (IOException e) {
      log.info("container {} of pod {} cannot run", record.container(), record.podUid(), e);
      return cannotRun(record, e);
    }
    watchOver(record, launch.pod(), listener);
    return record;
  }

  private Conmon.Made made(Handlers.Maker maker, Conmon.Request request)
      throws IOException, InterruptedException {
    try {
      return maker.conmon().create(request);
    } finally {
      mapped.clear(request.id());
    }
  }

  private Handlers.Maker maker(ContainerLaunch launch) throws LaunchException {
    try {
      return handlers.of(launch.sandbox().handler());
    } catch (IOException e) {
      throw new LaunchException("CreateContainerError", String.valueOf(e.getMessage()), e);
    }
  }

  /// What the runtime refuses, as a program that is not in the image, counts as a start that ended.
  private ContainerRecord cannotRun(ContainerRecord record, IOException refusal)
      throws LaunchException, InterruptedException {
    String said = refusal.getMessage() == null ? "no reason given" : refusal.getMessage();
    String plain = said.toLowerCase(Locale.ROOT);
    int code =
        plain.contains("executable file not found") || plain.contains("no such file")
            ? 127
            : plain.contains("permission denied") ? 126 : 128;
    Instant now = clock.instant();
    ContainerRecord ended = record.started(now).ended(code, now, "ContainerCannotRun", said);
    try {
      // first of all: what cannot be written down must not run unseen
      kill(ended);
      release(ended);
      disk.save(ended);
    } catch (IOException e) {
      throw new LaunchException(
          "CreateContainerError",
          "container \"%s\": %s".formatted(record.container(), e.getMessage()),
          e);
    }
    return ended;
  }

  private void discard(ContainerRecord record) throws InterruptedException {
    try {
      release(record);
      disk.forget(record);
    } catch (IOException e) {
      log.warn("leftovers of container {} stay until its pod is gone", record.id(), e);
    }
  }

  private Conmon.Request bundle(ContainerLaunch launch, ContainerRecord record)
      throws IOException, LaunchException {
    Path bundle = folders.bundle(record.id());
    Files.createDirectories(bundle);
    Files.createDirectories(folders.sockets());
    Path output = folders.log(launch.pod(), record);
    logs.make(launch.pod(), output);
    Path lastWords = folders.terminationLog(launch.pod(), record);
    if (Files.notExists(lastWords)) {
      Files.createFile(lastWords);
      // Whoever the container runs as may write to it.
      Files.setPosixFilePermissions(
          lastWords, java.nio.file.attribute.PosixFilePermissions.fromString("rw-rw-rw-"));
    }
    UserRange users = launch.sandbox().users();
    Path rootfs = images.mountRootfs(launch.image(), record.id(), users);
    OciSpec.Input input =
        new OciSpec.Input(
            launch.from(mapped.of(record.id(), launch.mounts(), users)),
            rootfs,
            cgroup(launch.sandbox().cgroup(), record),
            lastWords,
            Users.of(launch, rootfs),
            machine.capabilities(),
            PodNames.hostname(launch.pod(), options.clusterDomain()),
            OomScores.of(launch.pod(), launch.container(), machine),
            confinements.of(launch),
            launch.container().getSecurityContext().getPrivileged() && !users.isOwn()
                ? NodeDevices.read(Path.of("/dev"))
                : List.of(),
            controlGroups.hugePages(),
            controlGroups.layout() == ControlGroups.Layout.V2);
    if (OciSpec.arguments(launch.container(), launch.image().config()).isEmpty()) {
      throw new LaunchException(
          "CreateContainerConfigError",
          "container \"%s\" has no command and image \"%s\" names none: set command"
              .formatted(record.container(), launch.image().name()));
    }
    DiskState.saveJson(bundle.resolve("config.json"), OciSpec.of(input));
    Container container = launch.container();
    return new Conmon.Request(
        record.id(),
        bundle,
        folders.monitorState(record),
        output,
        container.getTty(),
        container.getStdin());
  }

  private static String cgroup(String pod, ContainerRecord record) {
    return pod + "/" + record.id();
  }

  private static int stopSignal(ContainerLaunch launch) {
    String own = launch.container().getLifecycle().getStopSignal();
    String name = own.isEmpty() ? launch.image().config().stopSignal() : own;
    return name.isEmpty() ? Signals.SIGTERM : Signals.number(name);
  }

  private void watchOver(ContainerRecord record, Pod pod, ExitListener listener) {
    watch.whenEnded(
        record.monitorPid(),
        () -> Thread.startVirtualThread(() -> monitorEnded(record, pod, listener)));
  }

  private void monitorEnded(ContainerRecord record, Pod pod, ExitListener listener) {
    try {
      listener.ended(settle(record, pod));
    } catch (IOException e) {
      log.error("container {} ended and its record cannot be written", record.id(), e);
      listener.ended(
          record.ended(KILLED, clock.instant(), "Error", String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Learns how the container ended, from what its monitor left.
  private ContainerRecord settle(ContainerRecord record, Pod pod)
      throws IOException, InterruptedException {
    String cgroup = cgroup(sandboxes.cgroup(pod), record);
    Path exit = folders.monitorState(record).resolve("exit");
    ContainerRecord ended;
    try {
      int code = Integer.parseInt(Files.readString(exit).strip());
      Instant when = Files.getLastModifiedTime(exit).toInstant();
      boolean outOfMemory =
          code != 0
              && (controlGroups.outOfMemoryKills(cgroup) > 0
                  || Files.exists(folders.monitorState(record).resolve("oom")));
      String reason = outOfMemory ? "OOMKilled" : code == 0 ? "Completed" : "Error";
      ended = record.ended(code, when, reason, lastWords(record, pod, code));
    } catch (NoSuchFileException | NumberFormatException e) {
      // Nobody is left to tell how it goes on, so it does not.
      controlGroups.kill(cgroup);
      boolean sameBoot = record.bootId().equals(machine.bootId());
      ended =
          record.ended(
              KILLED,
              clock.instant(),
              sameBoot ? "Error" : "ContainerStatusUnknown",
              sameBoot
                  ? "its monitor process was killed, so the container was ended"
                  : "the machine was started anew while the container ran");
    }
    try {
      disk.save(ended);
    } catch (IOException e) {
      // What the monitor left stays until it is written: another agent learns it from that.
      log.warn("the end of container {} is not written down yet", record.id(), e);
      unwritten.put(record.id(), ended);
    }
    return ended;
  }

  private String lastWords(ContainerRecord record, Pod pod, int code) throws IOException {
    byte[] said = new byte[0];
    Path file = folders.terminationLog(pod, record);
    try (InputStream in = Channels.newInputStream(ConfinedFiles.open(folders.logs(), file))) {
      said = in.readNBytes(LAST_WORDS_BYTES);
    } catch (IOException e) {
      log.debug("container {} left no last words", record.id(), e);
    }
    boolean fallBack =
        said.length == 0
            && code != 0
            && container(pod, record).getTerminationMessagePolicy().equals("FallbackToLogsOnError");
    return fallBack
        ? CriLog.tail(folders.logs(), folders.log(pod, record), FALLBACK_BYTES, FALLBACK_LINES)
        : new String(said, StandardCharsets.UTF_8);
  }

  static Container container(Pod pod, ContainerRecord record) {
    for (Container container : pod.getSpec().getInitContainersList()) {
      if (container.getName().equals(record.container())) {
        return container;
      }
    }
    for (Container container : pod.getSpec().getContainersList()) {
      if (container.getName().equals(record.container())) {
        return container;
      }
    }
    for (Container container : AddedContainers.of(pod.getSpec())) {
      if (container.getName().equals(record.container())) {
        return container;
      }
    }
    return Container.getDefaultInstance();
  }

  @Override
  public List<ContainerRecord> adopt(Pod pod, ExitListener listener)
      throws IOException, InterruptedException {
    List<ContainerRecord> adopted = new ArrayList<>();
    for (ContainerRecord record : disk.containers(pod.getMetadata().getUid())) {
      if (record.ended()) {
        adopted.add(record);
        if (Files.exists(folders.bundle(record.id()))) {
          release(record);
        }
      } else if (!record.running()) {
        // The last agent ended in the middle of making it: as if it had never begun.
        remains.endMonitor(record.id());
        controlGroups.kill(cgroup(sandboxes.cgroup(pod), record));
        discard(record);
      } else if (Signals.hasArgument(record.monitorPid(), record.id())) {
        adopted.add(record);
        watchOver(record, pod, listener);
      } else {
        adopted.add(settle(record, pod));
      }
    }
    return adopted;
  }

  @Override
  public void clearLeftovers() throws IOException, InterruptedException {
    DiskState.Known known = disk.known();
    Set<String> containers = new HashSet<>();
    known.pods().values().forEach(notes -> containers.addAll(notes.containers().keySet()));
    leftovers.clear(known.pods().keySet(), containers);
    disk.forget(known.unreadable());
  }

  @Override
  public boolean clearLogs(Supplier<Optional<Set<String>>> known) throws IOException {
    return logs.clear(known);
  }

  @Override
  public void note(Pod pod) throws IOException {
    disk.save(pod);
  }

  @Override
  public Grant grant(Pod pod, List<ContainerRecord> running) {
    return limits.grant(pod, running);
  }

  @Override
  public void signal(ContainerRecord container, int signal) throws IOException {
    Signals.send(container.pid(), container.id(), signal);
  }

  @Override
  public void kill(ContainerRecord container) throws IOException {
    Signals.send(container.pid(), container.id(), Signals.SIGKILL);
    for (String group : sandboxes.groups(container.podUid())) {
      controlGroups.kill(group + "/" + container.id());
    }
  }

  @Override
  public void release(ContainerRecord container) throws IOException, InterruptedException {
    remains.free(
        container.id(), sandboxes.groups(container.podUid()), List.of(handlers.of(container)));
    ContainerRecord ended = unwritten.get(container.id());
    if (ended != null) {
      disk.save(ended); // there may be room by now
      unwritten.remove(container.id());
    }
    remains.deleteBundle(container.id());
  }

  @Override
  public void forget(Pod pod, ContainerRecord container) throws IOException, InterruptedException {
    // First: of what is forgotten nobody would know later that it has to be released.
    if (Files.exists(folders.bundle(container.id()))) {
      release(container);
    } else {
      images.unmountRootfs(container.id()); // its disk is there after a restart of the machine, too
    }
    Path output = folders.log(pod, container);
    for (Path file : DiskState.children(folders.podLogs(pod).resolve(container.container()))) {
      String name = file.getFileName().toString();
      if (name.startsWith(output.getFileName().toString())) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folders.terminationLog(pod, container));
    disk.forget(container);
  }

  @Override
  public ExecResult exec(ContainerRecord container, List<String> command, Duration timeout)
      throws IOException, InterruptedException {
    Path file = processFile(container, command, false);
    try {
      Processes.Outcome outcome =
          processes.run(
              Processes.Command.of(handlers.of(container).execCommand(container.id(), file, false))
                  .within(timeout));
      return new ExecResult(outcome.exit(), outcome.out(), outcome.err());
    } finally {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public ExecCommand execCommand(ContainerRecord container, List<String> command, boolean terminal)
      throws IOException {
    Path file = processFile(container, command, terminal);
    return new ExecCommand(
        handlers.of(container).execCommand(container.id(), file, terminal), file);
  }

  private Path processFile(ContainerRecord container, List<String> command, boolean terminal)
      throws IOException {
    JsonNode spec =
        JsonTrees.read(Files.readAllBytes(folders.bundle(container.id()).resolve("config.json")));
    ObjectNode process = OciSpec.another(spec, command, terminal);
    Path file =
        folders.bundle(container.id()).resolve("exec-" + Long.toHexString(random.nextLong()));
    Files.write(file, JsonTrees.bytes(process));
    return file;
  }

  @Override
  public Path log(Pod pod, ContainerRecord container) {
    return folders.log(pod, container);
  }

  @Override
  public SeekableByteChannel openLog(Path file) throws IOException {
    return ConfinedFiles.open(folders.logs(), file);
  }

  @Override
  public boolean hasLogOf(long bytes) throws IOException {
    return folders.hasLogOf(bytes);
  }

  @Override
  public void reopenLog(ContainerRecord container) throws IOException {
    tellMonitor(container, "2 0 0\n");
  }

  @Override
  public void resize(ContainerRecord container, int columns, int rows) throws IOException {
    tellMonitor(container, "1 %d %d\n".formatted(rows, columns));
  }

  private void tellMonitor(ContainerRecord container, String words) throws IOException {
    Path control = folders.bundle(container.id()).resolve("ctl");
    // Open for both ways: a fifo opened only for writing waits for a reader that may be gone.
    try (var fifo = new java.io.RandomAccessFile(control.toFile(), "rw")) {
      fifo.write(words.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Override
  public Optional<Pod> find(String podUid) throws IOException {
    return disk.pod(podUid);
  }

  @Override
  public List<ContainerRecord> containers(String podUid) throws IOException {
    return disk.containers(podUid);
  }

  @Override
  public Path attachSocket(ContainerRecord container) {
    return folders.sockets().resolve(container.id()).resolve("attach");
  }

  @Override
  public String cgroup(Pod pod, ContainerRecord container) {
    return cgroup(sandboxes.cgroup(pod), container);
  }

  @Override
  public String cgroup(Pod pod) {
    return sandboxes.cgroup(pod);
  }

  @Override
  public Path networkNamespace(String podUid) {
    return folders.podRun(podUid).resolve("ns").resolve("net");
  }

  @Override
  public String version() {
    return handlers.standard().runtime().version();
  }

  @Override
  public List<RuntimeHandler> handlers() {
    return handlers.all();
  }

  @Override
  public Collection<Pod> known() throws IOException {
    return disk.pods();
  }
}
