package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.cdi.ContainerEdits;
import io.coxswain.node.image.PulledImage;
import java.util.List;
import java.util.Optional;

/// One start of a container: everything about it that was decided above the runtime.
///
/// @param attempt how often it was started before
/// @param environment `NAME=value`, values resolved, without the image's own
/// @param mounts its volumes
/// @param edits what it has for its devices
/// @param target a running container of the pod whose processes it sees beside its own
public record ContainerLaunch(
    Pod pod,
    Container container,
    int attempt,
    Sandbox sandbox,
    PulledImage image,
    List<String> environment,
    List<BindMount> mounts,
    ContainerEdits edits,
    Optional<ContainerRecord> target) {

  /// One without devices that sees no others' processes.
  public ContainerLaunch(
      Pod pod,
      Container container,
      int attempt,
      Sandbox sandbox,
      PulledImage image,
      List<String> environment,
      List<BindMount> mounts) {
    this(
        pod,
        container,
        attempt,
        sandbox,
        image,
        environment,
        mounts,
        ContainerEdits.NONE,
        Optional.empty());
  }

  public ContainerLaunch {
    environment = List.copyOf(environment);
    mounts = List.copyOf(mounts);
  }

  /// The same with its volumes elsewhere on the host.
  ContainerLaunch from(List<BindMount> others) {
    return new ContainerLaunch(
        pod, container, attempt, sandbox, image, environment, others, edits, target);
  }
}
