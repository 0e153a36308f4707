package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What a test puts in.
public final class FakeDriverObjects implements DriverObjects {

  private final Map<String, CSIDriver> drivers = new ConcurrentHashMap<>();
  private final Map<String, VolumeAttachment> attachments = new ConcurrentHashMap<>();
  private volatile Optional<CSINode> csiNode = Optional.empty();
  private volatile Node node;
  private volatile boolean away;

  public FakeDriverObjects(Node node) {
    this.node = node;
  }

  public void put(CSIDriver driver) {
    drivers.put(driver.getMetadata().getName(), driver);
  }

  public void put(VolumeAttachment attachment) {
    attachments.put(attachment.getMetadata().getName(), attachment);
  }

  /// Whether the API can be reached.
  public void goAway(boolean gone) {
    away = gone;
  }

  private void reach() {
    if (away) {
      throw new ApiException(new ApiError.Unavailable("the API is away"));
    }
  }

  @Override
  public Optional<CSIDriver> driver(String name) {
    reach();
    return Optional.ofNullable(drivers.get(name));
  }

  @Override
  public Optional<VolumeAttachment> attachment(String name) {
    reach();
    return Optional.ofNullable(attachments.get(name));
  }

  @Override
  public Optional<CSINode> csiNode() {
    reach();
    return csiNode;
  }

  @Override
  public void write(CSINode drivers) {
    reach();
    csiNode = Optional.of(drivers);
  }

  @Override
  public Node node() {
    reach();
    return node;
  }

  @Override
  public void write(Node changed) {
    reach();
    node = changed;
  }
}
