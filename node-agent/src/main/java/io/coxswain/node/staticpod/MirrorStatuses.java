package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.node.podworker.PodOrigin;
import io.coxswain.node.podworker.StatusSink;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Reports what becomes of the node's own pods as the status of their mirrors. Safe for use by many
/// threads.
public final class MirrorStatuses implements StatusSink {

  private final StatusSink api;
  private final Map<String, PodStatus> latest = new ConcurrentHashMap<>();
  private final Map<String, Pod> mirrors = new ConcurrentHashMap<>();
  private volatile Consumer<String> ended = uid -> {};

  /// @param api for all other pods, and for mirrors
  public MirrorStatuses(StatusSink api) {
    this.api = api;
  }

  /// @param listener told the uid of each of the node's own pods that its worker is through with
  void whenEnded(Consumer<String> listener) {
    ended = listener;
  }

  @Override
  public void publish(Pod pod, PodStatus status) {
    if (!PodOrigin.isStatic(pod)) {
      api.publish(pod, status);
      return;
    }
    String uid = pod.getMetadata().getUid();
    latest.put(uid, status);
    Pod mirror = mirrors.get(uid);
    if (mirror != null) {
      api.publish(mirror, status);
    }
  }

  /// The API has this mirror of the pod now.
  void mirrored(String uid, Pod mirror) {
    Pod before = mirrors.put(uid, mirror);
    if (before != null && !before.getMetadata().getUid().equals(mirror.getMetadata().getUid())) {
      api.forget(before.getMetadata().getUid());
    }
    PodStatus status = latest.get(uid);
    if (status != null) {
      api.publish(mirror, status);
    }
  }

  /// There is nothing in the API that ends with a pod of the node's own; its mirror is taken away
  /// by [MirrorPods].
  @Override
  public void delete(Pod pod) throws InterruptedException {
    if (!PodOrigin.isStatic(pod)) {
      api.delete(pod);
    }
  }

  @Override
  public void forget(String podUid) {
    api.forget(podUid);
    Pod mirror = mirrors.remove(podUid);
    if (mirror != null) {
      api.forget(mirror.getMetadata().getUid());
    }
    if (latest.remove(podUid) != null) {
      ended.accept(podUid);
    }
  }
}
