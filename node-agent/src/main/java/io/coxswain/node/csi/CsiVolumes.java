package io.coxswain.node.csi;

import io.coxswain.api.core.v1.CSIPersistentVolumeSource;
import io.coxswain.api.core.v1.CSIVolumeSource;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.CsiNames;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.podsource.DriverObjects;
import io.coxswain.node.volume.DriverVolumes;
import io.coxswain.node.volume.InfeasibleException;
import io.coxswain.node.volume.KeyedLocks;
import io.coxswain.node.volume.VolumeException;
import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.plugin.csi.NodeExpandVolumeRequest;
import io.coxswain.plugin.csi.NodePublishVolumeRequest;
import io.coxswain.plugin.csi.NodeServiceCapability.RPC;
import io.coxswain.plugin.csi.NodeStageVolumeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has drivers make volumes ready for this node's pods, and take them back. What a driver is asked
/// for is noted before ([CsiFolders]), and asked for again after a restart: the interface has it
/// that this does no harm. Safe for use by many threads, one at a time for one pod.
public final class CsiVolumes implements DriverVolumes, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CsiVolumes.class);

  /// How often a driver that wants it is asked again for a volume that a pod has, as for new
  /// tokens.
  private static final Duration REPUBLISH = Duration.ofMinutes(1);

  /// How often is looked whether a volume that a pod has is to grow, where its driver has a part in
  /// that.
  private static final Duration GROWTH = Duration.ofSeconds(15);

  private static final Set<Status.Code> INFEASIBLE =
      Set.of(Status.Code.INVALID_ARGUMENT, Status.Code.OUT_OF_RANGE, Status.Code.NOT_FOUND);

  private final CsiFolders folders;
  private final String node;
  private final CsiDrivers drivers;
  private final DriverObjects objects;
  private final CsiSecrets secrets;
  private final Mounts mounts;
  private final Clock clock;
  private volatile Runnable usesOthers = () -> {};
  private final KeyedLocks<String> locks = new KeyedLocks<>();
  private final Map<String, Map<String, Ready>> ready = new ConcurrentHashMap<>();
  private final StagedVolumes staged;

  // A volume that a pod has: when it is to be published again, and when to be looked at.
  private record Ready(Published published, Instant again, Instant look) {

    Instant due() {
      return again.isBefore(look) ? again : look;
    }
  }

  // A volume that is wanted, wherever it is said.
  private record Wanted(
      Pod pod,
      String driver,
      String handle,
      String name,
      boolean ephemeral,
      boolean readOnly,
      CsiCapability capability,
      Map<String, String> attributes,
      Optional<CsiSecrets.Name> publishSecret,
      Optional<CsiSecrets.Name> stageSecret) {}

  /// @param root kubelet's folder, which drivers know
  public CsiVolumes(
      Path root,
      String node,
      CsiDrivers drivers,
      DriverObjects objects,
      CsiSecrets secrets,
      Mounts mounts,
      Clock clock) {
    this.folders = new CsiFolders(root);
    this.node = node;
    this.drivers = drivers;
    this.objects = objects;
    this.secrets = secrets;
    this.mounts = mounts;
    this.clock = clock;
    this.staged = new StagedVolumes(folders, drivers, locks);
  }

  /// Returns at once: makes the folders that drivers' pods ask for, and gives back what is staged
  /// and nobody has, whenever its driver is there.
  public void start() throws IOException {
    folders.make();
    staged.start();
  }

  @Override
  public void close() {
    staged.close();
  }

  /// @param told when the node uses other volumes, so that it says so soon
  public void whenOthersAreUsed(Runnable told) {
    usesOthers = told;
  }

  @Override
  public Published publish(Pod pod, Volume volume, PersistentVolume persistent, boolean readOnly)
      throws VolumeException, IOException, InterruptedException {
    return publish(volume.getName(), wanted(pod, persistent, readOnly));
  }

  private static Wanted wanted(Pod pod, PersistentVolume persistent, boolean readOnly) {
    CSIPersistentVolumeSource source = persistent.getSpec().getPersistentVolumeSource().getCsi();
    return new Wanted(
        pod,
        source.getDriver(),
        source.getVolumeHandle(),
        persistent.getMetadata().getName(),
        false,
        readOnly || source.getReadOnly(),
        CsiCapability.of(pod, persistent),
        source.getVolumeAttributesMap(),
        source.hasNodePublishSecretRef()
            ? Optional.of(CsiSecrets.Name.of(source.getNodePublishSecretRef()))
            : Optional.empty(),
        source.hasNodeStageSecretRef()
            ? Optional.of(CsiSecrets.Name.of(source.getNodeStageSecretRef()))
            : Optional.empty());
  }

  @Override
  public void grow(Pod pod, PersistentVolume persistent)
      throws VolumeException, IOException, InterruptedException {
    Wanted wanted = wanted(pod, persistent, false);
    CsiDriver driver = registered(wanted.driver);
    if (!driver.can(RPC.Type.EXPAND_VOLUME)) {
      return; // whoever grew it did all of it
    }
    NodeExpandVolumeRequest.Builder request =
        NodeExpandVolumeRequest.newBuilder()
            .setVolumeId(wanted.handle)
            .setVolumePath(target(wanted).toString())
            .setVolumeCapability(wanted.capability.of(driver));
    request
        .getCapacityRangeBuilder()
        .setRequiredBytes(Quantities.whole(Claims.capacity(persistent)));
    if (driver.can(RPC.Type.STAGE_UNSTAGE_VOLUME)) {
      request.setStagingTargetPath(folders.stagingTarget(wanted.driver, wanted.handle).toString());
    }
    var source = persistent.getSpec().getPersistentVolumeSource().getCsi();
    if (source.hasNodeExpandSecretRef()) {
      request.putAllSecrets(
          secrets.read(CsiSecrets.Name.of(source.getNodeExpandSecretRef()), "NodeExpandSecretRef"));
    }
    try (KeyedLocks.Held _ = locks.hold(CsiNames.unique(wanted.driver, wanted.handle))) {
      driver.expand(request.build());
    } catch (IOException e) {
      if (e.getCause() instanceof StatusRuntimeException said
          && INFEASIBLE.contains(said.getStatus().getCode())) {
        throw new InfeasibleException(e.getMessage() + "", e);
      }
      if (CsiDriver.isFinal(e)) {
        throw new VolumeException(e.getMessage() + "", e);
      }
      throw e;
    }
  }

  private CsiDriver registered(String name) throws VolumeException {
    return drivers.find(name).orElseThrow(() -> new VolumeException(CsiDrivers.unknown(name)));
  }

  @Override
  public Published publish(Pod pod, Volume volume)
      throws VolumeException, IOException, InterruptedException {
    CSIVolumeSource source = volume.getVolumeSource().getCsi();
    return publish(
        volume.getName(),
        new Wanted(
            pod,
            source.getDriver(),
            CsiNames.ephemeralHandle(pod.getMetadata().getUid(), volume.getName()),
            volume.getName(),
            true,
            source.getReadOnly(),
            CsiCapability.ofEphemeral(pod, source.getFsType()),
            source.getVolumeAttributesMap(),
            source.hasNodePublishSecretRef()
                ? Optional.of(
                    new CsiSecrets.Name(
                        pod.getMetadata().getNamespace(),
                        source.getNodePublishSecretRef().getName()))
                : Optional.empty(),
            Optional.empty()));
  }

  private Published publish(String volume, Wanted wanted)
      throws VolumeException, IOException, InterruptedException {
    Map<String, Ready> had =
        ready.computeIfAbsent(wanted.pod.getMetadata().getUid(), uid -> new ConcurrentHashMap<>());
    Ready before = had.get(volume);
    if (before != null && clock.instant().isBefore(before.again)) {
      had.put(volume, new Ready(before.published, before.again, lookAt(wanted)));
      return before.published;
    }
    try {
      Ready now = ask(wanted);
      had.put(volume, now);
      boolean first = before == null;
      return new Published(now.published.path(), wanted.readOnly, first && now.published.shared());
    } catch (ApiException | VolumeException e) {
      Path target = target(wanted);
      boolean unreachable =
          e instanceof ApiException api
              && (api.error() instanceof ApiError.Unavailable
                  || api.error() instanceof ApiError.Timeout);
      if (before != null || (unreachable && mounts.isMounted(target))) {
        // what the pod has it keeps, while nobody can say more
        log.info("volume {} stays as it is: {}", target, e.getMessage());
        return before != null ? before.published : new Published(target, wanted.readOnly, false);
      }
      throw e;
    }
  }

  private Instant lookAt(Wanted wanted) {
    boolean grows =
        !wanted.ephemeral
            && !wanted.readOnly
            && drivers
                .find(wanted.driver)
                .filter(one -> one.can(RPC.Type.EXPAND_VOLUME))
                .isPresent();
    return grows ? clock.instant().plus(GROWTH) : Instant.MAX;
  }

  private Path target(Wanted wanted) {
    return folders.target(
        wanted.pod.getMetadata().getUid(), wanted.name, wanted.capability.device());
  }

  private Ready ask(Wanted wanted) throws VolumeException, IOException, InterruptedException {
    Optional<CSIDriver> about = objects.driver(wanted.driver);
    checkMode(wanted, about);
    CsiDriver driver = registered(wanted.driver);
    try (KeyedLocks.Held _ = locks.hold(CsiNames.unique(wanted.driver, wanted.handle))) {
      Map<String, String> context = wanted.ephemeral ? Map.of() : attached(wanted, about);
      boolean stages = !wanted.ephemeral && driver.can(RPC.Type.STAGE_UNSTAGE_VOLUME);
      if (stages) {
        staged.want(wanted.pod.getMetadata().getUid(), wanted.driver, wanted.handle);
        stage(driver, wanted, context);
      }
      Path folder = folders.published(wanted.pod.getMetadata().getUid(), wanted.name);
      folders.note(folder, note(wanted));
      Files.createDirectories(Objects.requireNonNull(target(wanted).getParent()));
      usesOthers.run();
      NodePublishVolumeRequest.Builder request =
          NodePublishVolumeRequest.newBuilder()
              .setVolumeId(wanted.handle)
              .setTargetPath(target(wanted).toString())
              .setVolumeCapability(wanted.capability.of(driver))
              .setReadonly(wanted.readOnly)
              .putAllPublishContext(context)
              .putAllVolumeContext(wanted.attributes);
      if (stages) {
        request.setStagingTargetPath(
            folders.stagingTarget(wanted.driver, wanted.handle).toString());
      }
      if (wanted.publishSecret.isPresent()) {
        request.putAllSecrets(secrets.read(wanted.publishSecret.get(), "NodePublishSecretRef"));
      }
      if (about.isPresent()) {
        request.putAllVolumeContext(PodWords.of(wanted.pod, about.get(), wanted.ephemeral));
        Map<String, String> tokens = secrets.tokens(wanted.pod, about.get());
        if (about.get().getSpec().getServiceAccountTokenInSecrets()) {
          request.putAllSecrets(tokens);
        } else {
          request.putAllVolumeContext(tokens);
        }
      }
      call(() -> driver.publish(request.build()));
      return new Ready(
          new Published(target(wanted), wanted.readOnly, shared(wanted, driver, about)),
          about.filter(one -> one.getSpec().getRequiresRepublish()).isPresent()
              ? clock.instant().plus(REPUBLISH)
              : Instant.MAX,
          lookAt(wanted));
    }
  }

  private interface Rpc {
    void run() throws IOException;
  }

  private static void call(Rpc rpc) throws VolumeException {
    try {
      rpc.run();
    } catch (IOException e) {
      throw new VolumeException(e.getMessage() + "", e);
    }
  }

  private static void checkMode(Wanted wanted, Optional<CSIDriver> about) throws VolumeException {
    String mode = wanted.ephemeral ? "Ephemeral" : "Persistent";
    if (about.isEmpty()) {
      if (wanted.ephemeral) {
        throw new VolumeException(
            "volume mode \"%s\" not supported by driver %s (no CSIDriver object)"
                .formatted(mode, wanted.driver));
      }
      return;
    }
    Collection<String> modes = about.get().getSpec().getVolumeLifecycleModesList();
    if (!(modes.isEmpty() ? Set.of("Persistent") : modes).contains(mode)) {
      throw new VolumeException(
          "volume mode \"%s\" not supported by driver %s (only supports %s)"
              .formatted(mode, wanted.driver, modes));
    }
  }

  /// What whoever attached the volume to this node has to say to the driver.
  private Map<String, String> attached(Wanted wanted, Optional<CSIDriver> about)
      throws VolumeException {
    if (about.isPresent() && !about.get().getSpec().getAttachRequired()) {
      return Map.of();
    }
    String name = CsiNames.attachment(wanted.handle, wanted.driver, node);
    var attachment = objects.attachment(name);
    if (attachment.isEmpty()) {
      throw new VolumeException(
          "volume %s has no volume attachment %s yet".formatted(wanted.handle, name));
    }
    var status = attachment.get().getStatus();
    if (attachment.get().getMetadata().hasDeletionTimestamp()) {
      throw new VolumeException("volume attachment %s is being deleted".formatted(name));
    }
    if (!status.getAttached()) {
      String error = status.getAttachError().getMessage();
      throw new VolumeException(
          "volume %s is not attached for volume attachment %s%s"
              .formatted(wanted.handle, name, error.isEmpty() ? "" : ": " + error));
    }
    return status.getAttachmentMetadataMap();
  }

  private Map<String, String> note(Wanted wanted) {
    Map<String, String> note = new LinkedHashMap<>();
    note.put("specVolID", wanted.name);
    note.put("volumeHandle", wanted.handle);
    note.put("driverName", wanted.driver);
    note.put("nodeName", node);
    note.put("volumeLifecycleMode", wanted.ephemeral ? "Ephemeral" : "Persistent");
    note.put("attachmentID", CsiNames.attachment(wanted.handle, wanted.driver, node));
    note.putAll(CsiFolders.mode(wanted.capability.device()));
    return note;
  }

  private void stage(CsiDriver driver, Wanted wanted, Map<String, String> context)
      throws VolumeException {
    NodeStageVolumeRequest.Builder request =
        NodeStageVolumeRequest.newBuilder()
            .setVolumeId(wanted.handle)
            .setVolumeCapability(wanted.capability.of(driver))
            .putAllPublishContext(context)
            .putAllVolumeContext(wanted.attributes);
    if (wanted.stageSecret.isPresent()) {
      request.putAllSecrets(secrets.read(wanted.stageSecret.get(), "NodeStageSecretRef"));
    }
    call(() -> staged.stage(driver, request));
  }

  /// Whether the agent gives the volume to the pod's group: when the driver does not, and its
  /// policy is that somebody does.
  private static boolean shared(Wanted wanted, CsiDriver driver, Optional<CSIDriver> about) {
    if (wanted.readOnly || driver.can(RPC.Type.VOLUME_MOUNT_GROUP)) {
      return false;
    }
    return switch (about.map(one -> one.getSpec().getFsGroupPolicy()).orElse("")) {
      case "None" -> false;
      case "File" -> true;
      default -> wanted.capability.isOneNodesFileSystem();
    };
  }

  @Override
  public Instant dueAt(String podUid) {
    return ready.getOrDefault(podUid, Map.of()).values().stream()
        .map(Ready::due)
        .min(Instant::compareTo)
        .orElse(Instant.MAX);
  }

  @Override
  public Optional<VolumeFigures> figures(String name, String handle, Path path) throws IOException {
    Optional<CsiDriver> driver =
        drivers.find(name).filter(one -> one.can(RPC.Type.GET_VOLUME_STATS));
    if (driver.isEmpty()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    return CsiFigures.of(
        driver.get().figures(handle, path.toString()),
        driver.get().can(RPC.Type.VOLUME_CONDITION),
        now);
  }

  @Override
  public void takeBack(String podUid) throws IOException, InterruptedException {
    ready.remove(podUid);
    for (CsiFolders.Noted noted : folders.of(podUid)) {
      CsiDriver driver =
          drivers
              .find(noted.driver())
              .orElseThrow(() ->
                  new IOException(
                      "volume %s: %s"
                          .formatted(
                              noted.folder().getFileName(), CsiDrivers.unknown(noted.driver()))));
      try (KeyedLocks.Held _ = locks.hold(CsiNames.unique(noted.driver(), noted.handle()))) {
        driver.unpublish(noted.handle(), noted.target().toString());
        folders.forget(noted.folder(), noted.target());
      }
      if (!noted.ephemeral()) {
        staged.want(podUid, noted.driver(), noted.handle());
      }
    }
    folders.forgetPod(podUid);
    staged.letGo(podUid);
    usesOthers.run();
  }

  /// Volumes that must not be detached from this node, as its status has them.
  public Set<String> inUse() {
    Set<String> used = new TreeSet<>();
    try {
      for (CsiFolders.Noted noted : folders.all()) {
        if (!noted.ephemeral()) {
          used.add(CsiNames.unique(noted.driver(), noted.handle()));
        }
      }
      for (CsiFolders.Staged one : folders.allStaged()) {
        used.add(CsiNames.unique(one.driver(), one.handle()));
      }
    } catch (IOException e) {
      log.warn("which volumes are in use cannot be read", e);
    }
    return used;
  }
}
