package io.coxswain.controlplane.controller.volume;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.schema.ResourceType;

/// Volumes, claims and what belongs to them, for tests, in few words.
final class VolumeSamples {

  static final String NAMESPACE = "shop";

  private VolumeSamples() {}

  /// Reads YAML of one kind strictly.
  static <T extends Message> T read(Class<T> kind, String yaml) {
    return kind.cast(
        new JsonCodec()
            .decode(
                YamlCodec.parse(yaml).getFirst().content(),
                ResourceType.of(kind).prototype(),
                Strictness.STRICT)
            .message());
  }

  /// An available volume of a directory.
  static PersistentVolume volume(String name, String size, String more) {
    return read(
        PersistentVolume.class,
        """
        metadata: {name: %s, uid: uid-%s}
        spec:
          capacity: {storage: %s}
          accessModes: [ReadWriteOnce]
          persistentVolumeReclaimPolicy: Retain
          hostPath: {path: /data/%s}
        %s
        status: {phase: Available}
        """
            .formatted(name, name, size, name, more.indent(2).stripTrailing()));
  }

  static PersistentVolume volume(String name, String size) {
    return volume(name, size, "");
  }

  /// A claim on one gigabyte that was just made.
  static PersistentVolumeClaim claim(String name, String more) {
    return read(
        PersistentVolumeClaim.class,
        """
        metadata: {name: %s, namespace: %s, uid: uid-%s}
        spec:
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 1Gi}}
        %s
        status: {phase: Pending}
        """
            .formatted(name, NAMESPACE, name, more.indent(2).stripTrailing()));
  }

  /// Of no class.
  static PersistentVolumeClaim claim(String name) {
    return claim(name, "storageClassName: \"\"");
  }

  static PersistentVolumeClaim annotated(PersistentVolumeClaim claim, String key, String value) {
    PersistentVolumeClaim.Builder changed = claim.toBuilder();
    changed.getMetadataBuilder().putAnnotations(key, value);
    return changed.build();
  }

  static PersistentVolume annotated(PersistentVolume volume, String key, String value) {
    PersistentVolume.Builder changed = volume.toBuilder();
    changed.getMetadataBuilder().putAnnotations(key, value);
    return changed.build();
  }

  /// Bound to each other for good.
  static PersistentVolumeClaim bound(PersistentVolumeClaim claim, String volume) {
    PersistentVolumeClaim.Builder has = claim.toBuilder();
    has.getSpecBuilder().setVolumeName(volume);
    has.getStatusBuilder().setPhase("Bound");
    return annotated(has.build(), VolumeMarks.BIND_COMPLETED, "yes");
  }

  static StorageClass storageClass(String name, String provisioner, String mode) {
    return read(
        StorageClass.class,
        "{metadata: {name: %s}, provisioner: %s, reclaimPolicy: Delete, volumeBindingMode: %s}"
            .formatted(name, provisioner, mode));
  }

  static StorageClass standard(StorageClass one) {
    StorageClass.Builder marked = one.toBuilder();
    marked
        .getMetadataBuilder()
        .putAnnotations("storageclass.kubernetes.io/is-default-class", "true");
    return marked.build();
  }

  /// A node that keeps local volumes.
  static Node node(String name, boolean ready) {
    Node.Builder node = Node.newBuilder();
    node.getMetadataBuilder()
        .setName(name)
        .putLabels("kubernetes.io/hostname", name)
        .putAnnotations(VolumeMarks.LOCAL_FOLDER, "/var/lib/volumes");
    node.getStatusBuilder()
        .addConditions(
            NodeCondition.newBuilder().setType("Ready").setStatus(ready ? "True" : "Unknown"));
    return node.build();
  }

  /// A pod that uses the claim; without a node when its name is empty.
  static Pod pod(String name, String claim, String node) {
    return read(
        Pod.class,
        """
        metadata: {name: %s, namespace: %s, uid: uid-%s}
        spec:
          nodeName: "%s"
          containers: [{name: c, image: i}]
          volumes: [{name: data, persistentVolumeClaim: {claimName: %s}}]
        """
            .formatted(name, NAMESPACE, name, node, claim));
  }
}
