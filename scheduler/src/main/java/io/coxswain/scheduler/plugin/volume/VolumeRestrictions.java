package io.coxswain.scheduler.plugin.volume;

import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.volume.Claims;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A claim that only one pod may use (ReadWriteOncePod) is used by one pod, wherever it is.
public final class VolumeRestrictions implements FilterPlugin {

  private static final String ONCE_POD = "ReadWriteOncePod";
  private static final List<String> OBJECTION =
      List.of(
          "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod");

  @Override
  public String name() {
    return "VolumeRestrictions";
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    List<String> exclusive =
        Claims.namesOf(pod.pod()).stream()
            .filter(name ->
                snapshot
                    .storage()
                    .claim(new ObjectKey(pod.namespace(), name))
                    .filter(VolumeRestrictions::isExclusive)
                    .isPresent())
            .toList();
    if (exclusive.isEmpty()) {
      return Optional.empty();
    }
    boolean taken = snapshot.nodes().stream().anyMatch(node -> uses(node, pod, exclusive));
    return taken ? Optional.of(_ -> OBJECTION) : Optional.empty();
  }

  private static boolean isExclusive(PersistentVolumeClaim claim) {
    return claim.getSpec().getAccessModesList().contains(ONCE_POD);
  }

  private static boolean uses(NodeInfo node, PodInfo pod, List<String> claims) {
    return node.pods().stream()
        .filter(other -> other.namespace().equals(pod.namespace()))
        .filter(other -> !other.uid().equals(pod.uid()))
        .anyMatch(other -> Claims.namesOf(other.pod()).stream().anyMatch(claims::contains));
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(ClusterEvent.POD_GONE, ClusterEvent.STORAGE, ClusterEvent.OWN_CHANGE);
  }
}
