package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.node.podworker.PodOrigin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which mirrors are made and taken away: a function of the node's own pods and of what the API
/// has. A mirror that somebody deletes is made anew; one of a pod as it was before is replaced.
///
/// @param create pods that have no mirror
/// @param delete mirrors that show nothing, or something else
/// @param shown mirrors by the uid of the pod that they show
record MirrorPlan(List<Pod> create, List<Pod> delete, Map<String, Pod> shown) {

  /// @param mirrors all of this node's that the API has
  static MirrorPlan of(Collection<Pod> running, Collection<Pod> mirrors) {
    Map<ObjectKey, Pod> free = new HashMap<>();
    mirrors.forEach(mirror -> free.put(ObjectMetas.key(mirror), mirror));
    List<Pod> create = new ArrayList<>();
    List<Pod> delete = new ArrayList<>();
    Map<String, Pod> shown = new LinkedHashMap<>();
    for (Pod pod : running) {
      Pod mirror = free.remove(ObjectMetas.key(pod));
      if (mirror == null) {
        create.add(pod);
      } else if (shows(mirror, pod)) {
        shown.put(pod.getMetadata().getUid(), mirror);
      } else {
        delete.add(mirror);
      }
    }
    delete.addAll(free.values());
    return new MirrorPlan(create, delete, shown);
  }

  private static boolean shows(Pod mirror, Pod pod) {
    return !mirror.getMetadata().hasDeletionTimestamp()
        && pod.getMetadata()
            .getUid()
            .equals(mirror.getMetadata().getAnnotationsMap().get(PodOrigin.MIRROR));
  }
}
