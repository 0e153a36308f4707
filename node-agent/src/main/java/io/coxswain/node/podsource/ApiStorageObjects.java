package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.client.ApiClient;
import io.coxswain.client.Resources;
import java.util.Map;
import java.util.Optional;

/// Asks the API each time: a claim is looked at once for each pod that begins.
public final class ApiStorageObjects implements StorageObjects {

  private final Resources<PersistentVolumeClaim> claims;
  private final Resources<PersistentVolume> volumes;
  private final Resources<Node> nodes;
  private final String node;

  public ApiStorageObjects(ApiClient client, String node) {
    this.claims = client.resources(PersistentVolumeClaim.class);
    this.volumes = client.resources(PersistentVolume.class);
    this.nodes = client.resources(Node.class);
    this.node = node;
  }

  @Override
  public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
    return claims.find(namespace, name);
  }

  @Override
  public Optional<PersistentVolume> volume(String name) {
    return volumes.find("", name);
  }

  @Override
  public PersistentVolumeClaim writeStatus(PersistentVolumeClaim claim) {
    return claims.updateStatus(claim);
  }

  @Override
  public Map<String, String> nodeLabels() {
    return nodes.read("", node).getMetadata().getLabelsMap();
  }
}
