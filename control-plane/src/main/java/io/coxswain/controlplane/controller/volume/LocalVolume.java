package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.LocalVolumeSource;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeSelector;
import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.VolumeNodeAffinity;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.NodeTerms;
import io.coxswain.client.volume.VolumeMarks;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Volumes of the built-in provisioner: which claims they are for, on which node, and what their
/// objects say. Pure.
final class LocalVolume {

  private static final Set<String> MODES = Set.of("ReadWriteOnce", "ReadWriteOncePod");

  /// What of a node decides which volumes it gets, and whether its agent can work on them.
  ///
  /// @param folder where the node's agent keeps such volumes; nothing before it has said so
  record Host(
      Optional<String> folder, boolean ready, boolean unschedulable, Map<String, String> labels) {

    Host {
      labels = Map.copyOf(labels);
    }

    static Host of(Node node) {
      return new Host(
          Optional.of(node.getMetadata().getAnnotationsOrDefault(VolumeMarks.LOCAL_FOLDER, ""))
              .filter(folder -> !folder.isEmpty()),
          node.getStatus().getConditionsList().stream()
              .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True")),
          node.getSpec().getUnschedulable(),
          node.getMetadata().getLabelsMap());
    }

    boolean takes(StorageClass from) {
      return folder.isPresent() && ready && !unschedulable && NodeTerms.allows(from, labels);
    }
  }

  private LocalVolume() {}

  static String name(PersistentVolumeClaim claim) {
    return "pvc-" + claim.getMetadata().getUid();
  }

  /// Why no volume will ever be made for the claim; nothing when one can.
  static Optional<String> refusal(PersistentVolumeClaim claim, StorageClass from) {
    if (!MODES.containsAll(claim.getSpec().getAccessModesList())) {
      return Optional.of(
          "a directory of one node can be ReadWriteOnce or ReadWriteOncePod, not "
              + String.join(", ", claim.getSpec().getAccessModesList()));
    }
    if (!Claims.mode(claim).equals("Filesystem")) {
      return Optional.of("volumeMode Block is not supported: use Filesystem");
    }
    if (claim.getSpec().hasSelector()) {
      return Optional.of("claim.spec.selector is not supported: volumes are made, not found");
    }
    if (claim.getSpec().hasDataSource() || claim.getSpec().hasDataSourceRef()) {
      return Optional.of("claim.spec.dataSource is not supported: volumes begin empty");
    }
    if (claim.getSpec().getVolumeAttributesClassName().length() > 0) {
      return Optional.of("claim.spec.volumeAttributesClassName is not supported");
    }
    if (from.getMountOptionsCount() > 0) {
      return Optional.of(
          "Mount options are not supported by the provisioner but StorageClass \"%s\" has mount options %s"
              .formatted(from.getMetadata().getName(), from.getMountOptionsList()));
    }
    return from.getParametersCount() == 0
        ? Optional.empty()
        : Optional.of(
            "StorageClass \"%s\" has parameters that the provisioner does not know: %s"
                .formatted(
                    from.getMetadata().getName(),
                    from.getParametersMap().keySet().stream()
                        .sorted()
                        .collect(Collectors.joining(", "))));
  }

  /// Where a claim that waits for nobody gets its volume: on the node with the fewest, of those
  /// that are ready and take pods.
  static Optional<Node> choose(
      Collection<Node> nodes, StorageClass from, Map<String, Long> volumesOn) {
    return nodes.stream()
        .filter(node -> Host.of(node).takes(from))
        .min(
            Comparator.comparingLong(
                    (Node node) -> volumesOn.getOrDefault(node.getMetadata().getName(), 0L))
                .thenComparing(node -> node.getMetadata().getName()));
  }

  /// The node of a volume of ours.
  static String nodeOf(PersistentVolume volume) {
    return volume.getMetadata().getLabelsOrDefault(VolumeMarks.LOCAL_NODE, "");
  }

  /// As it is ordered: reserved for the claim, and kept until what is in it is deleted.
  static PersistentVolume order(
      PersistentVolumeClaim claim, StorageClass from, Node node, String folder) {
    ObjectMeta meta = claim.getMetadata();
    String name = name(claim);
    String hostname =
        node.getMetadata()
            .getLabelsOrDefault("kubernetes.io/hostname", node.getMetadata().getName());
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume
        .getMetadataBuilder()
        .setName(name)
        .putLabels(VolumeMarks.LOCAL_NODE, node.getMetadata().getName())
        .putAnnotations(VolumeMarks.PROVISIONED_BY, VolumeMarks.LOCAL_PROVISIONER)
        .addFinalizers(VolumeMarks.PROVISIONER_FINALIZER);
    volume
        .getSpecBuilder()
        .putCapacity("storage", Claims.requested(claim))
        .addAllAccessModes(claim.getSpec().getAccessModesList())
        .setPersistentVolumeReclaimPolicy(
            from.getReclaimPolicy().isEmpty() ? "Delete" : from.getReclaimPolicy())
        .setStorageClassName(from.getMetadata().getName())
        .setVolumeMode("Filesystem")
        .setNodeAffinity(only(hostname))
        .setClaimRef(
            ObjectReference.newBuilder()
                .setApiVersion("v1")
                .setKind("PersistentVolumeClaim")
                .setNamespace(meta.getNamespace())
                .setName(meta.getName())
                .setUid(meta.getUid()))
        .getPersistentVolumeSourceBuilder()
        .setLocal(LocalVolumeSource.newBuilder().setPath(folder + "/" + name));
    return LocalState.ORDERED.on(volume.build());
  }

  private static VolumeNodeAffinity only(String hostname) {
    return VolumeNodeAffinity.newBuilder()
        .setRequired(
            NodeSelector.newBuilder()
                .addNodeSelectorTerms(
                    NodeSelectorTerm.newBuilder()
                        .addAllMatchExpressions(
                            List.of(
                                NodeSelectorRequirement.newBuilder()
                                    .setKey("kubernetes.io/hostname")
                                    .setOperator("In")
                                    .addValues(hostname)
                                    .build()))))
        .build();
  }
}
