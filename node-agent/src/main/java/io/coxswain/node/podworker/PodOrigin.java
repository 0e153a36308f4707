package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;

/// Where a pod comes from: the API, or a manifest on this node. A manifest's pod is shown in the
/// API by another object, its mirror. The annotations are Kubernetes'.
public final class PodOrigin {

  public static final String SOURCE = "kubernetes.io/config.source";
  public static final String HASH = "kubernetes.io/config.hash";
  public static final String SEEN = "kubernetes.io/config.seen";

  /// Has the mirrored pod's hash as its value.
  public static final String MIRROR = "kubernetes.io/config.mirror";

  /// `system-cluster-critical`.
  private static final int CRITICAL = 2_000_000_000;

  private PodOrigin() {}

  /// Whether a manifest of this node describes it. Whoever writes to the API may set annotations,
  /// but no uids: those that the API gives have another form.
  public static boolean isStatic(Pod pod) {
    var metadata = pod.getMetadata();
    return metadata.getUid().matches("[0-9a-f]{32}")
        && metadata.getUid().equals(metadata.getAnnotationsMap().get(HASH));
  }

  /// Whether it only shows what a node runs by itself.
  public static boolean isMirror(Pod pod) {
    return pod.getMetadata().containsAnnotations(MIRROR);
  }

  /// Whether the node keeps it whatever it lacks, and takes it before all others.
  public static boolean isCritical(Pod pod) {
    return isStatic(pod) || isMirror(pod) || pod.getSpec().getPriority() >= CRITICAL;
  }
}
