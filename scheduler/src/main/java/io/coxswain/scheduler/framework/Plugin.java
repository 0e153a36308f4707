package io.coxswain.scheduler.framework;

/// A rule of placement.
public interface Plugin {

  /// As Kubernetes calls it, in logs and metrics.
  String name();
}
