package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ApiClient;
import io.coxswain.client.Resources;
import java.util.Optional;

/// Asks the API each time: a driver is looked at when a volume of it is made ready.
public final class ApiDriverObjects implements DriverObjects {

  private final Resources<CSIDriver> drivers;
  private final Resources<CSINode> csiNodes;
  private final Resources<VolumeAttachment> attachments;
  private final Resources<Node> nodes;
  private final String node;

  public ApiDriverObjects(ApiClient client, String node) {
    this.drivers = client.resources(CSIDriver.class);
    this.csiNodes = client.resources(CSINode.class);
    this.attachments = client.resources(VolumeAttachment.class);
    this.nodes = client.resources(Node.class);
    this.node = node;
  }

  @Override
  public Optional<CSIDriver> driver(String name) {
    return drivers.find("", name);
  }

  @Override
  public Optional<VolumeAttachment> attachment(String name) {
    return attachments.find("", name);
  }

  @Override
  public Optional<CSINode> csiNode() {
    return csiNodes.find("", node);
  }

  @Override
  public void write(CSINode own) {
    CSINode ignored =
        own.getMetadata().getResourceVersion().isEmpty()
            ? csiNodes.create(own)
            : csiNodes.update(own);
  }

  @Override
  public Node node() {
    return nodes.read("", node);
  }

  @Override
  public void write(Node changed) {
    Node ignored = nodes.update(changed);
  }
}
