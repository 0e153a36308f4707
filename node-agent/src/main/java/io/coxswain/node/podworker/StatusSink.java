package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;

/// Where pod workers report to.
public interface StatusSink {

  /// Takes the pod's newest status and returns at once; an older one that was not written yet is
  /// dropped.
  void publish(Pod pod, PodStatus status);

  /// Writes what is pending, then removes the object from the API, if it still is this very pod.
  /// Blocks, and tries again until the API took it or the thread is interrupted.
  void delete(Pod pod) throws InterruptedException;

  /// Nothing more is reported of the pod.
  void forget(String podUid);
}
