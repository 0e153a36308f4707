package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which of the node's own pods begin and end: a function of what manifests say and what runs. A
/// pod whose manifest changed is another pod; it begins when the one before has ended.
///
/// @param begin that no worker has
/// @param end that no manifest describes any more
record StaticPlan(List<Pod> begin, List<Pod> end) {

  /// @param unsure whether there is a manifest of which nobody knows what it describes: nothing
  ///   ends then that another manifest has not replaced
  static StaticPlan of(Collection<Pod> wanted, Collection<Pod> running, boolean unsure) {
    Set<String> wantedUids = new HashSet<>();
    Set<ObjectKey> wantedNames = new HashSet<>();
    wanted.forEach(pod -> {
      wantedUids.add(pod.getMetadata().getUid());
      wantedNames.add(ObjectMetas.key(pod));
    });
    Set<ObjectKey> taken = new HashSet<>();
    running.forEach(pod -> taken.add(ObjectMetas.key(pod)));
    return new StaticPlan(
        wanted.stream().filter(pod -> !taken.contains(ObjectMetas.key(pod))).toList(),
        running.stream()
            .filter(pod -> !wantedUids.contains(pod.getMetadata().getUid()))
            .filter(pod -> !unsure || wantedNames.contains(ObjectMetas.key(pod)))
            .toList());
  }
}
