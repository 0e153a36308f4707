package io.coxswain.node.image;

import java.util.List;

/// Which image a container wants.
///
/// @param image as the pod's author wrote it
/// @param dockerConfigs credentials from the pod's pull secrets: each the JSON text of a
///   `.dockerconfigjson`
public record ImageRequest(String image, PullPolicy policy, List<String> dockerConfigs) {

  public ImageRequest {
    dockerConfigs = List.copyOf(dockerConfigs);
  }
}
