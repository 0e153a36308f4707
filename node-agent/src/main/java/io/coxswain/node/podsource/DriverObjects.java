package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.VolumeAttachment;
import java.util.Optional;

/// What the API says of storage drivers, and what this node tells it of those that it has. Blocks.
///
/// Every method throws [io.coxswain.client.ApiException] when the API cannot be reached or refuses;
/// an object that is not there is empty.
public interface DriverObjects {

  Optional<CSIDriver> driver(String name);

  Optional<VolumeAttachment> attachment(String name);

  /// This node's drivers.
  Optional<CSINode> csiNode();

  /// Makes or replaces what [#csiNode] says.
  void write(CSINode drivers);

  Node node();

  void write(Node node);
}
