package io.coxswain.scheduler.plugin.volume;

import static io.coxswain.scheduler.plugin.volume.VolumeBinding.reaches;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.NodeTerms;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.client.volume.VolumeMatch;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Storage;
import io.coxswain.scheduler.snapshot.VolumeChoice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a pod's claims have, or would get, on one node.
///
/// @param objections why the pod cannot be there; empty when it can
/// @param choices for claims that have no volume and about which nothing was decided before
record NodeVolumes(List<String> objections, Map<ObjectKey, VolumeChoice> choices) {

  private static final String UNREACHABLE = "node(s) didn't match PersistentVolume's node affinity";
  private static final String NOTHING_FREE =
      "node(s) didn't find available persistent volumes to bind";
  private static final String FULL = "node(s) did not have enough free storage";
  private static final String GONE =
      "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

  /// The claims are there, and wait for nobody but a pod: others were turned away before.
  static NodeVolumes of(PodInfo pod, Storage storage, NodeInfo node) {
    Set<String> objections = new LinkedHashSet<>();
    List<PersistentVolumeClaim> open = new ArrayList<>();
    for (String name : Claims.namesOf(pod.pod())) {
      Optional<PersistentVolumeClaim> claim = storage.claim(new ObjectKey(pod.namespace(), name));
      if (claim.isEmpty()) {
        continue;
      }
      if (Claims.isBound(claim.get())) {
        bound(storage, claim.get().getSpec().getVolumeName(), node).ifPresent(objections::add);
      } else {
        open.add(claim.get());
      }
    }
    // the smallest first, so that none takes a volume that only a larger one needs
    open.sort(Comparator.comparing(Claims::requested, Quantities::compare));
    Map<ObjectKey, VolumeChoice> choices = new HashMap<>();
    Set<String> taken = new HashSet<>(storage.promised());
    for (PersistentVolumeClaim claim : open) {
      ObjectKey key = ObjectMetas.key(claim);
      VolumeChoice before = storage.choices().get(key);
      if (before != null) {
        decided(storage, before, node).ifPresent(objections::add);
        continue;
      }
      Optional<VolumeChoice> choice = choose(storage, claim, node, taken);
      choice.flatMap(VolumeChoice::volume).ifPresent(taken::add);
      if (choice.isEmpty()) {
        objections.add(NOTHING_FREE);
      } else if (choice.get().volume().isEmpty()
          && !StorageCapacities.suffice(storage, claim, node)) {
        objections.add(FULL);
      } else {
        choices.put(key, choice.get());
      }
    }
    return new NodeVolumes(List.copyOf(objections), Map.copyOf(choices));
  }

  private static Optional<String> bound(Storage storage, String name, NodeInfo node) {
    PersistentVolume volume = storage.volumes().get(name);
    if (volume == null) {
      return Optional.of(GONE);
    }
    return reaches(volume, node) ? Optional.empty() : Optional.of(UNREACHABLE);
  }

  /// Another pod with the same claim is on its way.
  private static Optional<String> decided(Storage storage, VolumeChoice choice, NodeInfo node) {
    if (choice.volume().isPresent()) {
      return bound(storage, choice.volume().get(), node);
    }
    return choice.node().equals(node.name()) ? Optional.empty() : Optional.of(NOTHING_FREE);
  }

  private static Optional<VolumeChoice> choose(
      Storage storage, PersistentVolumeClaim claim, NodeInfo node, Set<String> taken) {
    String selected = claim.getMetadata().getAnnotationsOrDefault(VolumeMarks.SELECTED_NODE, "");
    if (!selected.isEmpty() && !selected.equals(node.name())) {
      // somebody may be making a volume there
      return Optional.empty();
    }
    Optional<PersistentVolume> free =
        selected.isEmpty()
            ? VolumeMatch.find(claim, storage.volumes().values(), one -> reaches(one, node), taken)
            : Optional.empty();
    if (free.isPresent()) {
      return Optional.of(
          new VolumeChoice(node.name(), Optional.of(free.get().getMetadata().getName())));
    }
    StorageClass from = storage.classes().get(Claims.className(claim));
    boolean provisioned =
        from != null
            && !from.getProvisioner().equals(VolumeMarks.NO_PROVISIONER)
            && NodeTerms.allows(from, node.labels());
    return provisioned
        ? Optional.of(new VolumeChoice(node.name(), Optional.empty()))
        : Optional.empty();
  }
}
