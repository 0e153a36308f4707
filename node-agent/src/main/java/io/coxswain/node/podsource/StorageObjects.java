package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import java.util.Map;
import java.util.Optional;

/// Claims that pods of this node name, and the volumes that they have, as the API has them now.
/// Blocks.
///
/// Every method throws [io.coxswain.client.ApiException] when the API cannot be reached or refuses;
/// an object that is not there is empty.
public interface StorageObjects {

  Optional<PersistentVolumeClaim> claim(String namespace, String name);

  Optional<PersistentVolume> volume(String name);

  /// @return the claim as it is then
  PersistentVolumeClaim writeStatus(PersistentVolumeClaim claim);

  /// Labels of this node, by which volumes say where they can be reached.
  Map<String, String> nodeLabels();
}
