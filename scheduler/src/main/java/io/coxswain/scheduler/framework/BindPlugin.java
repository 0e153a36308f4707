package io.coxswain.scheduler.framework;

import io.coxswain.scheduler.snapshot.PodInfo;

/// Carries a decision out. Blocks.
public interface BindPlugin extends Plugin {

  /// @throws io.coxswain.client.ApiException when the API refused, or when nobody knows whether it
  ///   did
  void bind(PodInfo pod, String node);
}
