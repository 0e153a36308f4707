package io.coxswain.node.volume;

import io.coxswain.api.core.v1.NFSVolumeSource;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeSource;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.CsiNames;
import io.coxswain.client.volume.NodeTerms;
import io.coxswain.node.podsource.StorageObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The volumes that pods have by their claims: directories and block devices of this node (`local`,
/// `hostPath`), directories of NFS servers, and what drivers provide. Which volume a pod has is noted on disk before it is used,
///
///     <pod uid>/claims/<name>
///
/// so that an agent that starts while the API is away goes on with the pods that run, and so that
/// no directory is deleted while a pod may still write to it.
public final class ClaimVolumes {

  private static final String NOTES = "claims";
  private static final String ONE_POD = "ReadWriteOncePod";

  private final StorageObjects objects;
  private final NfsMounts nfs;
  private final BlockDevices devices;
  private final DriverVolumes drivers;
  private final ClaimGrowth growth;
  private final String node;
  // what pods of this agent were given: a claim keeps its volume for good
  private final Map<String, Map<String, PodVolume>> given = new ConcurrentHashMap<>();
  // of those, and of what pods name themselves, what can be measured
  private final Map<String, Map<String, Measure>> measures = new ConcurrentHashMap<>();

  /// @param node name of this node
  public ClaimVolumes(
      StorageObjects objects,
      NfsMounts nfs,
      BlockDevices devices,
      DriverVolumes drivers,
      EventRecorder events,
      String node,
      Clock clock) {
    this.objects = objects;
    this.nfs = nfs;
    this.devices = devices;
    this.drivers = drivers;
    this.growth = new ClaimGrowth(objects, drivers, events, clock);
    this.node = node;
  }

  /// Whether a pod's volume is one of these.
  static boolean concerns(Volume volume) {
    return volume.getVolumeSource().hasPersistentVolumeClaim()
        || volume.getVolumeSource().hasEphemeral();
  }

  /// @param folder of the pod's things
  /// @param place where a file system is mounted for this pod, if one has to be
  PodVolume setUp(Pod pod, Volume volume, Path folder, Path place)
      throws VolumeException, IOException, InterruptedException {
    Map<String, PodVolume> had =
        given.computeIfAbsent(pod.getMetadata().getUid(), _ -> new ConcurrentHashMap<>());
    PodVolume before = had.get(volume.getName());
    boolean due = !drivers.dueAt(pod.getMetadata().getUid()).equals(Instant.MAX);
    if (before != null && !due) {
      return before;
    }
    PodVolume ready = find(pod, volume, folder, place);
    had.put(volume.getName(), ready);
    return ready;
  }

  /// Takes back what drivers gave the pod, and forgets it.
  ///
  /// @throws IOException when a driver does not do its part now
  void takeBack(String podUid) throws IOException, InterruptedException {
    measures.remove(podUid);
    drivers.takeBack(podUid);
    given.remove(podUid);
  }

  /// When [#setUp] has to be asked again.
  Instant dueAt(String podUid) {
    return drivers.dueAt(podUid);
  }

  /// How what the pod has is measured, by its volumes' names.
  Map<String, Measure> measures(String podUid) {
    return Map.copyOf(measures.getOrDefault(podUid, Map.of()));
  }

  Optional<VolumeFigures> figures(Measure.Driver one) throws IOException {
    return drivers.figures(one.driver(), one.handle(), one.path());
  }

  private void measured(Pod pod, Volume volume, Measure measure) {
    measures
        .computeIfAbsent(pod.getMetadata().getUid(), _ -> new ConcurrentHashMap<>())
        .put(volume.getName(), measure);
  }

  /// A volume of a driver that the pod itself names.
  PodVolume setUpDriven(Pod pod, Volume volume)
      throws VolumeException, IOException, InterruptedException {
    PodVolume ready = shared(pod, drivers.publish(pod, volume));
    measured(
        pod,
        volume,
        new Measure.Driver(
            volume.getVolumeSource().getCsi().getDriver(),
            CsiNames.ephemeralHandle(pod.getMetadata().getUid(), volume.getName()),
            ready.path()));
    return ready;
  }

  private static PodVolume shared(Pod pod, DriverVolumes.Published published) throws IOException {
    if (published.shared()) {
      Ownership.share(pod, published.path());
    }
    return new PodVolume(published.path(), published.readOnly());
  }

  private static boolean isDevice(PersistentVolume volume) {
    return Claims.mode(volume).equals(Claims.BLOCK);
  }

  private PodVolume find(Pod pod, Volume volume, Path folder, Path place)
      throws VolumeException, IOException, InterruptedException {
    String claimName = Claims.nameOf(pod, volume).orElseThrow();
    Path note = folder.resolve(NOTES).resolve(volume.getName());
    try {
      Bound bound = bound(pod, volume, claimName);
      checkUsable(pod, volume, bound.volume());
      take(bound.volume(), folder, note);
      PodVolume ready = ready(pod, volume, bound.volume(), place);
      if (bound.volume().getSpec().getPersistentVolumeSource().hasCsi() && !ready.readOnly()) {
        growth.settle(pod, bound.claim(), bound.volume());
      }
      return ready;
    } catch (ApiException e) {
      if (!isUnreachable(e) || !Files.exists(note)) {
        throw e;
      }
      // it was looked at when the pod began, and has not changed since: what is bound stays so
      return ready(pod, volume, PersistentVolume.parseFrom(Files.readAllBytes(note)), place);
    }
  }

  /// A directory of an NFS server that the pod itself names.
  PodVolume setUpNfs(Pod pod, Volume volume, Path place)
      throws VolumeException, IOException, InterruptedException {
    NFSVolumeSource source = volume.getVolumeSource().getNfs();
    return mounted(pod, volume, source, List.of(), source.getReadOnly(), place);
  }

  private PodVolume mounted(
      Pod pod,
      Volume volume,
      NFSVolumeSource source,
      List<String> options,
      boolean readOnly,
      Path place)
      throws VolumeException, IOException, InterruptedException {
    nfs.mount(source, options, readOnly, place);
    measured(pod, volume, new Measure.FileSystem(place, source.getServer()));
    return new PodVolume(place, readOnly);
  }

  private static boolean isUnreachable(ApiException e) {
    return e.error() instanceof ApiError.Unavailable || e.error() instanceof ApiError.Timeout;
  }

  /// Notes that the pod has the volume, unless another has it that only one may have: the scheduler
  /// sees to that, and does not see pods that name their node themselves.
  private synchronized void take(PersistentVolume volume, Path folder, Path note)
      throws VolumeException, IOException {
    if (volume.getSpec().getAccessModesList().contains(ONE_POD)
        && isUsed(
            Objects.requireNonNull(folder.getParent()),
            volume.getMetadata().getName(),
            String.valueOf(folder.getFileName()))) {
      throw new VolumeException(
          "volume uses the ReadWriteOncePod access mode and is already in use by another pod");
    }
    write(note, volume);
  }

  private static void write(Path note, PersistentVolume volume) throws IOException {
    Path folder = Files.createDirectories(Objects.requireNonNull(note.getParent()));
    Path unfinished = folder.resolve(".new-" + note.getFileName());
    Files.write(unfinished, volume.toByteArray());
    Files.move(
        unfinished, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private record Bound(PersistentVolumeClaim claim, PersistentVolume volume) {}

  private Bound bound(Pod pod, Volume volume, String name) throws VolumeException {
    String namespace = pod.getMetadata().getNamespace();
    PersistentVolumeClaim claim =
        objects
            .claim(namespace, name)
            .orElseThrow(() ->
                processing(
                    namespace, name, "persistentvolumeclaim \"%s\" not found".formatted(name)));
    if (volume.getVolumeSource().hasEphemeral() && !Claims.isMadeFor(pod, claim)) {
      throw processing(namespace, name, Claims.notMadeFor(pod, claim));
    }
    if (claim.getMetadata().hasDeletionTimestamp()) {
      throw processing(namespace, name, "PVC is being deleted");
    }
    String volumeName = claim.getSpec().getVolumeName();
    if (!claim.getStatus().getPhase().equals("Bound") || volumeName.isEmpty()) {
      throw processing(namespace, name, "PVC is not bound");
    }
    PersistentVolume found =
        objects
            .volume(volumeName)
            .orElseThrow(() ->
                processing(
                    namespace,
                    name,
                    "failed to fetch PV %s from API server: persistentvolumes \"%s\" not found"
                        .formatted(volumeName, volumeName)));
    if (!found.getSpec().getClaimRef().getUid().equals(claim.getMetadata().getUid())) {
      throw processing(
          namespace,
          name,
          "found PV object %s with an unexpected pvcUID %s but expected PVC UID %s"
              .formatted(
                  volumeName,
                  found.getSpec().getClaimRef().getUid(),
                  claim.getMetadata().getUid()));
    }
    return new Bound(claim, found);
  }

  private static VolumeException processing(String namespace, String name, String why) {
    return new VolumeException("error processing PVC %s/%s: %s".formatted(namespace, name, why));
  }

  private void checkUsable(Pod pod, Volume inPod, PersistentVolume volume) throws VolumeException {
    if (volume.getSpec().getNodeAffinity().hasRequired()
        && !NodeTerms.reach(volume, node, objects.nodeLabels())) {
      throw new VolumeException(
          "MountVolume.NodeAffinity check failed for volume \"%s\": it cannot be reached from node \"%s\""
              .formatted(volume.getMetadata().getName(), node));
    }
    VolumeUse use = VolumeUse.of(pod.getSpec(), inPod.getName());
    if (isDevice(volume) ? use.mounted() : use.asDevice()) {
      throw new VolumeException(
          "volume %s has volumeMode %s, but is specified in %s"
              .formatted(
                  inPod.getName(),
                  Claims.mode(volume),
                  isDevice(volume) ? "volumeMounts" : "volumeDevices"));
    }
  }

  private PodVolume ready(Pod pod, Volume volume, PersistentVolume found, Path place)
      throws VolumeException, IOException, InterruptedException {
    boolean readOnly =
        volume.getVolumeSource().getPersistentVolumeClaim().getReadOnly()
            || found.getSpec().getAccessModesList().equals(List.of("ReadOnlyMany"));
    PersistentVolumeSource source = found.getSpec().getPersistentVolumeSource();
    if (isDevice(found)) {
      return device(pod, volume, found, readOnly);
    }
    if (source.hasLocal()) {
      Path path = local(found, readOnly, place);
      if (!readOnly) {
        Ownership.share(pod, path);
      }
      measured(pod, volume, new Measure.FileSystem(path, path.toString()));
      return new PodVolume(path, readOnly);
    }
    if (source.hasHostPath()) {
      return new PodVolume(HostPaths.prepare(source.getHostPath()), readOnly);
    }
    if (source.hasCsi()) {
      PodVolume ready = shared(pod, drivers.publish(pod, volume, found, readOnly));
      measured(pod, volume, driven(found, ready.path()));
      return ready;
    }
    if (source.hasNfs()) {
      boolean fixed = readOnly || source.getNfs().getReadOnly();
      return mounted(
          pod, volume, source.getNfs(), found.getSpec().getMountOptionsList(), fixed, place);
    }
    throw new VolumeException(
        "persistent volumes of kind %s are not supported yet".formatted(kind(source)));
  }

  private PodVolume device(Pod pod, Volume volume, PersistentVolume found, boolean readOnly)
      throws VolumeException, IOException, InterruptedException {
    PersistentVolumeSource source = found.getSpec().getPersistentVolumeSource();
    if (source.hasLocal()) {
      Path path = localPath(found);
      if (!BlockDevices.is(path)) {
        throw new VolumeException("path \"%s\" is not a block device".formatted(path));
      }
      measured(pod, volume, new Measure.Device(path));
      return PodVolume.ofDevice(path, readOnly);
    }
    if (source.hasCsi()) {
      Path path = drivers.publish(pod, volume, found, readOnly).path();
      measured(pod, volume, driven(found, path));
      return PodVolume.ofDevice(path, readOnly);
    }
    throw new VolumeException(
        "persistent volumes of kind %s cannot have volumeMode Block".formatted(kind(source)));
  }

  private static Measure driven(PersistentVolume volume, Path path) {
    var source = volume.getSpec().getPersistentVolumeSource().getCsi();
    return new Measure.Driver(source.getDriver(), source.getVolumeHandle(), path);
  }

  private static String kind(PersistentVolumeSource source) {
    return source.getAllFields().keySet().stream()
        .map(field -> field.getJsonName())
        .findFirst()
        .orElse("unknown");
  }

  /// The folder that a local volume is, or where its block device's file system is mounted.
  private Path local(PersistentVolume volume, boolean readOnly, Path place)
      throws VolumeException, IOException, InterruptedException {
    Path path = localPath(volume);
    if (BlockDevices.is(path)) {
      String type = volume.getSpec().getPersistentVolumeSource().getLocal().getFsType();
      devices.mount(path, type, volume.getSpec().getMountOptionsList(), readOnly, place);
      return place;
    }
    if (volume.getSpec().getMountOptionsCount() > 0) {
      throw new VolumeException("mount options are not supported for local volumes");
    }
    if (!Files.isDirectory(path)) {
      throw new VolumeException(
          "path \"%s\" is neither a directory nor a block device".formatted(path));
    }
    return path;
  }

  private static Path localPath(PersistentVolume volume) throws VolumeException {
    Path path = Path.of(volume.getSpec().getPersistentVolumeSource().getLocal().getPath());
    if (!path.isAbsolute() || !path.equals(path.normalize())) {
      throw new VolumeException("path \"%s\" must be absolute, without \"..\"".formatted(path));
    }
    if (!Files.exists(path)) {
      throw new VolumeException("path \"%s\" does not exist".formatted(path));
    }
    return path;
  }

  /// Whether a pod on this node has, or may have, the volume.
  ///
  /// @param root folder of all pods' things
  static boolean isUsed(Path root, String volume) throws IOException {
    return isUsed(root, volume, "");
  }

  /// @param but uid of a pod that does not count
  private static boolean isUsed(Path root, String volume, String but) throws IOException {
    if (!Files.isDirectory(root)) {
      return false;
    }
    try (Stream<Path> pods = Files.list(root)) {
      for (Path pod : pods.toList()) {
        if (!String.valueOf(pod.getFileName()).equals(but) && notes(pod.resolve(NOTES), volume)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean notes(Path folder, String volume) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> notes = Files.list(folder)) {
      for (Path note : notes.toList()) {
        Optional<PersistentVolume> noted = read(note);
        if (noted.filter(one -> one.getMetadata().getName().equals(volume)).isPresent()) {
          return true;
        }
      }
    }
    return false;
  }

  private static Optional<PersistentVolume> read(Path note) throws IOException {
    try {
      return Optional.of(PersistentVolume.parseFrom(Files.readAllBytes(note)));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // the pod went meanwhile
    }
  }
}
