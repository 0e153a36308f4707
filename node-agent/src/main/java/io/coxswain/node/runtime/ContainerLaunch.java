package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.image.PulledImage;
import java.util.List;

/// One start of a container: everything about it that was decided above the runtime.
///
/// @param attempt how often it was started before
/// @param environment `NAME=value`, values resolved, without the image's own
/// @param mounts its volumes
public record ContainerLaunch(
    Pod pod,
    Container container,
    int attempt,
    Sandbox sandbox,
    PulledImage image,
    List<String> environment,
    List<BindMount> mounts) {

  public ContainerLaunch {
    environment = List.copyOf(environment);
    mounts = List.copyOf(mounts);
  }
}
