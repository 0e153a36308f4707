package io.coxswain.scheduler.plugin.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeSource;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.volume.Claims;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import io.coxswain.scheduler.snapshot.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// No node has more volumes of a driver than the driver can attach to it, as its CSINode says.
/// Counted are those of its pods, and what is attached to it still. A volume that is not made yet
/// counts for the driver that will make it.
public final class VolumeLimits implements FilterPlugin {

  private static final List<String> OBJECTION = List.of("node(s) exceed max volume count");

  // One volume; several pods may have it.
  private record Held(String driver, String id) {}

  @Override
  public String name() {
    return "NodeVolumeLimits";
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    Storage storage = snapshot.storage();
    Set<Held> wanted = of(pod, storage);
    Set<String> drivers = wanted.stream().map(Held::driver).collect(Collectors.toSet());
    return drivers.isEmpty()
        ? Optional.empty()
        : Optional.of(node ->
            drivers.stream().anyMatch(driver -> exceeds(node, driver, wanted, storage))
                ? OBJECTION
                : List.of());
  }

  private static boolean exceeds(NodeInfo node, String driver, Set<Held> wanted, Storage storage) {
    OptionalInt most = storage.drivers().most(node.name(), driver);
    if (most.isEmpty()) {
      return false;
    }
    Set<Held> held = new HashSet<>();
    node.pods().forEach(other -> held.addAll(of(other, storage)));
    for (String volume : storage.drivers().attached(node.name())) {
      Optional.ofNullable(storage.volumes().get(volume))
          .flatMap(VolumeLimits::made)
          .ifPresent(held::add);
    }
    Set<Held> more = new HashSet<>(wanted);
    more.removeAll(held);
    return count(more, driver) > 0 && count(held, driver) + count(more, driver) > most.getAsInt();
  }

  private static long count(Set<Held> volumes, String driver) {
    return volumes.stream().filter(one -> one.driver().equals(driver)).count();
  }

  private static Set<Held> of(PodInfo pod, Storage storage) {
    return Claims.namesOf(pod.pod()).stream()
        .map(name -> storage.claim(new ObjectKey(pod.namespace(), name)))
        .flatMap(Optional::stream)
        .flatMap(claim -> of(claim, storage).stream())
        .collect(Collectors.toSet());
  }

  private static Optional<Held> of(PersistentVolumeClaim claim, Storage storage) {
    PersistentVolume volume = storage.volumes().get(claim.getSpec().getVolumeName());
    if (volume != null) {
      return made(volume);
    }
    StorageClass from = storage.classes().get(Claims.className(claim));
    return from == null
        ? Optional.empty()
        : Optional.of(new Held(from.getProvisioner(), ObjectMetas.key(claim).toString()));
  }

  private static Optional<Held> made(PersistentVolume volume) {
    PersistentVolumeSource source = volume.getSpec().getPersistentVolumeSource();
    return source.hasCsi()
        ? Optional.of(new Held(source.getCsi().getDriver(), source.getCsi().getVolumeHandle()))
        : Optional.empty();
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(
        ClusterEvent.STORAGE,
        ClusterEvent.NODE_ADDED,
        ClusterEvent.POD_GONE,
        ClusterEvent.OWN_CHANGE);
  }
}
