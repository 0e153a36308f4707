package io.coxswain.node.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EphemeralContainer;
import io.coxswain.api.core.v1.PodSpec;
import java.util.List;

/// Containers that people have added to a running pod to look into it. They have the fields of any
/// container, under the same numbers; what holds for all is done with them as plain ones.
public final class AddedContainers {

  private AddedContainers() {}

  /// In the order in which they were added.
  public static List<Container> of(PodSpec spec) {
    return spec.getEphemeralContainersList().stream().map(AddedContainers::plain).toList();
  }

  private static Container plain(EphemeralContainer added) {
    try {
      return Container.parseFrom(added.getEphemeralContainerCommon().toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an ephemeral container has a container's fields", e);
    }
  }

  /// The container whose processes it is to see; empty for its own alone.
  public static String target(PodSpec spec, String name) {
    return spec.getEphemeralContainersList().stream()
        .filter(one -> one.getEphemeralContainerCommon().getName().equals(name))
        .map(EphemeralContainer::getTargetContainerName)
        .findFirst()
        .orElse("");
  }
}
