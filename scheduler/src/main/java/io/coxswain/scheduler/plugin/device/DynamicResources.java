package io.coxswain.scheduler.plugin.device;

import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.Optional;
import java.util.Set;

/// A pod that claims devices waits: nothing allocates them yet, and without them it would not be
/// what its author wants.
public final class DynamicResources implements FilterPlugin {

  private static final String REJECTION =
      "the pod claims devices, which nothing allocates in this version of Coxswain";

  @Override
  public String name() {
    return "DynamicResources";
  }

  @Override
  public Optional<String> rejection(PodInfo pod, Snapshot snapshot) {
    return pod.pod().getSpec().getResourceClaimsCount() == 0
        ? Optional.empty()
        : Optional.of(REJECTION);
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    return Optional.empty();
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of();
  }
}
