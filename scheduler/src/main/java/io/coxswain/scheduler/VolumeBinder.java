package io.coxswain.scheduler;

import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.scheduler.plugin.volume.VolumeBinding;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import io.coxswain.scheduler.snapshot.VolumeChoice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Carries out what a decision means for the claims of its pod, before the pod itself is bound:
/// reserves a free volume for a claim, or says on the claim for which node it is to be provisioned.
/// The controllers of the cluster do the rest, and the pod waits for that.
final class VolumeBinder {

  /// How far a pod's claims are.
  enum Progress {
    BOUND,
    WAITING,
    /// What was chosen was taken back, or a claim is gone.
    LOST
  }

  /// What was decided for a pod, and the versions of its claims that say so.
  private record Reservation(Map<ObjectKey, VolumeChoice> choices, Map<ObjectKey, Long> written) {}

  private final Resources<PersistentVolumeClaim> claims;
  private final Resources<PersistentVolume> volumes;
  private final ClusterCache cache;
  private final Map<String, Reservation> reservations = new ConcurrentHashMap<>();

  VolumeBinder(ApiClient client, ClusterCache cache) {
    this.claims = client.resources(PersistentVolumeClaim.class);
    this.volumes = client.resources(PersistentVolume.class);
    this.cache = cache;
  }

  /// Has the decision count in the next ones, until [#release].
  void reserve(PodInfo pod, Snapshot snapshot, String node) {
    Optional<NodeInfo> chosen = snapshot.find(node);
    if (keys(pod).isEmpty() || chosen.isEmpty()) {
      return;
    }
    Map<ObjectKey, VolumeChoice> choices =
        VolumeBinding.choices(pod, snapshot.storage(), chosen.get());
    reservations.put(pod.uid(), new Reservation(choices, new ConcurrentHashMap<>()));
    cache.choose(pod.uid(), choices);
  }

  void release(PodInfo pod) {
    if (reservations.remove(pod.uid()) != null) {
      cache.unchoose(pod.uid());
    }
  }

  /// Whether there is anything to do or to wait for.
  boolean concerns(PodInfo pod) {
    return reservations.containsKey(pod.uid());
  }

  /// Says what was chosen. Blocks.
  ///
  /// @throws ApiException when the API refuses, as when somebody else was faster
  void write(PodInfo pod) {
    Reservation reservation = reservations.get(pod.uid());
    if (reservation == null) {
      return;
    }
    Map<ObjectKey, VolumeChoice> open = new HashMap<>(reservation.choices());
    open.forEach((key, choice) -> {
      if (choice.volume().isPresent()) {
        reserveVolume(key, choice.volume().get());
      } else {
        reservation.written().put(key, select(key, choice.node()));
      }
    });
  }

  private void reserveVolume(ObjectKey key, String name) {
    PersistentVolumeClaim claim = claims.read(key.namespace(), key.name());
    PersistentVolume volume = volumes.read("", name);
    if (Claims.isFor(volume, claim)
        && volume.getSpec().getClaimRef().getUid().equals(claim.getMetadata().getUid())) {
      return;
    }
    if (volume.getSpec().hasClaimRef() && !Claims.isFor(volume, claim)) {
      throw new ApiException(
          new ApiError.Conflict(
              "",
              "persistentvolumes",
              name,
              "persistentvolume \"%s\" is bound to another claim".formatted(name),
              List.of()));
    }
    ObjectMeta meta = claim.getMetadata();
    PersistentVolume.Builder reserved = volume.toBuilder();
    if (!volume.getSpec().hasClaimRef()) {
      reserved.getMetadataBuilder().putAnnotations(VolumeMarks.BOUND_BY_CONTROLLER, "yes");
    }
    reserved
        .getSpecBuilder()
        .setClaimRef(
            ObjectReference.newBuilder()
                .setApiVersion("v1")
                .setKind("PersistentVolumeClaim")
                .setNamespace(meta.getNamespace())
                .setName(meta.getName())
                .setUid(meta.getUid())
                .setResourceVersion(meta.getResourceVersion()));
    PersistentVolume _ = volumes.update(reserved.build());
  }

  /// @return the version of the claim that says so
  private long select(ObjectKey key, String node) {
    PersistentVolumeClaim claim = claims.read(key.namespace(), key.name());
    String selected = claim.getMetadata().getAnnotationsOrDefault(VolumeMarks.SELECTED_NODE, "");
    if (!selected.equals(node) && !Claims.isBound(claim)) {
      PersistentVolumeClaim.Builder changed = claim.toBuilder();
      changed.getMetadataBuilder().putAnnotations(VolumeMarks.SELECTED_NODE, node);
      claim = claims.update(changed.build());
    }
    return version(claim);
  }

  private static long version(PersistentVolumeClaim claim) {
    return Long.parseLong(claim.getMetadata().getResourceVersion());
  }

  /// As the informers have it.
  Progress progress(PodInfo pod) {
    Reservation reservation = reservations.get(pod.uid());
    if (reservation == null) {
      return Progress.LOST;
    }
    boolean all = true;
    for (ObjectKey key : keys(pod)) {
      Optional<PersistentVolumeClaim> claim = cache.claim(key);
      if (claim.isEmpty() || claim.get().getMetadata().hasDeletionTimestamp()) {
        return Progress.LOST;
      }
      if (Claims.isBound(claim.get())) {
        continue;
      }
      all = false;
      Long written = reservation.written().get(key);
      boolean takenBack =
          written != null
              && version(claim.get()) >= written
              && !claim.get().getMetadata().containsAnnotations(VolumeMarks.SELECTED_NODE);
      if (takenBack) {
        return Progress.LOST;
      }
    }
    return all ? Progress.BOUND : Progress.WAITING;
  }

  private static List<ObjectKey> keys(PodInfo pod) {
    return Claims.namesOf(pod.pod()).stream()
        .map(name -> new ObjectKey(pod.namespace(), name))
        .toList();
  }
}
