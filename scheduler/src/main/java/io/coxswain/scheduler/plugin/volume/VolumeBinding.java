package io.coxswain.scheduler.plugin.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.NodeTerms;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import io.coxswain.scheduler.snapshot.Storage;
import io.coxswain.scheduler.snapshot.VolumeChoice;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Nodes from which the volumes of a pod's claims can be reached, and on which those claims that
/// have none yet can get one.
public final class VolumeBinding implements FilterPlugin {

  @Override
  public String name() {
    return "VolumeBinding";
  }

  @Override
  public Optional<String> rejection(PodInfo pod, Snapshot snapshot) {
    boolean immediate = false;
    for (Volume volume : pod.pod().getSpec().getVolumesList()) {
      Optional<String> name = Claims.nameOf(pod.pod(), volume);
      if (name.isEmpty()) {
        continue;
      }
      Optional<PersistentVolumeClaim> claim =
          snapshot.storage().claim(new ObjectKey(pod.namespace(), name.get()));
      Optional<String> problem = problem(pod, volume, name.get(), claim);
      if (problem.isPresent()) {
        return problem;
      }
      immediate |= !Claims.isBound(claim.orElseThrow()) && !isDelayed(snapshot, claim.get());
    }
    return immediate
        ? Optional.of("pod has unbound immediate PersistentVolumeClaims")
        : Optional.empty();
  }

  private static Optional<String> problem(
      PodInfo pod, Volume volume, String name, Optional<PersistentVolumeClaim> found) {
    boolean ephemeral = volume.getVolumeSource().hasEphemeral();
    if (found.isEmpty()) {
      return Optional.of(
          ephemeral
              ? "waiting for ephemeral volume controller to create the persistentvolumeclaim \"%s\""
                  .formatted(name)
              : "persistentvolumeclaim \"%s\" not found".formatted(name));
    }
    PersistentVolumeClaim claim = found.get();
    if (claim.getStatus().getPhase().equals("Lost")) {
      return Optional.of(
          "persistentvolumeclaim \"%s\" bound to non-existent persistentvolume \"%s\""
              .formatted(name, claim.getSpec().getVolumeName()));
    }
    if (claim.getMetadata().hasDeletionTimestamp()) {
      return Optional.of("persistentvolumeclaim \"%s\" is being deleted".formatted(name));
    }
    return ephemeral && !Claims.isMadeFor(pod.pod(), claim)
        ? Optional.of(Claims.notMadeFor(pod.pod(), claim))
        : Optional.empty();
  }

  /// Whether the claim gets its volume only now that a pod needs it. A claim that names a volume is
  /// bound by a controller.
  private static boolean isDelayed(Snapshot snapshot, PersistentVolumeClaim claim) {
    StorageClass from = snapshot.storage().classes().get(Claims.className(claim));
    return from != null
        && Claims.waitsForConsumer(from)
        && claim.getSpec().getVolumeName().isEmpty();
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    if (Claims.namesOf(pod.pod()).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(node -> NodeVolumes.of(pod, snapshot.storage(), node).objections());
  }

  /// What the decision for a node means for claims that have no volume yet: nothing when all have
  /// one.
  public static Map<ObjectKey, VolumeChoice> choices(PodInfo pod, Storage storage, NodeInfo node) {
    return NodeVolumes.of(pod, storage, node).choices();
  }

  /// Whether a volume can be used on the node.
  static boolean reaches(PersistentVolume volume, NodeInfo node) {
    return NodeTerms.reach(volume, node.name(), node.labels());
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(
        ClusterEvent.STORAGE,
        ClusterEvent.NODE_ADDED,
        ClusterEvent.NODE_LABELS,
        ClusterEvent.OWN_CHANGE);
  }
}
