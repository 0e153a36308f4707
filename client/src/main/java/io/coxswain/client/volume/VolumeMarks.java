package io.coxswain.client.volume;

/// Annotations, labels and finalizers of volumes, claims and nodes. Those of Kubernetes are spelled
/// as everybody knows them; those that begin with `coxswain.io` are between the control plane and
/// the agents.
public final class VolumeMarks {

  /// On a claim: it was bound once, so that a missing volume means loss.
  public static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";

  /// On a volume or claim: a controller chose the other side, not a person.
  public static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

  /// On a volume: which provisioner made it.
  public static final String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

  /// On a claim: the node for which the scheduler wants it provisioned.
  public static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

  /// On a claim: who is asked to provision it.
  public static final String PROVISIONER = "volume.kubernetes.io/storage-provisioner";

  /// As [#PROVISIONER], under the name that older provisioners look for.
  public static final String OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";

  /// On a claim or volume: its class, before there was a field for it.
  public static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  /// Keeps a claim that pods use.
  public static final String CLAIM_PROTECTION = "kubernetes.io/pvc-protection";

  /// Keeps a volume that is bound.
  public static final String VOLUME_PROTECTION = "kubernetes.io/pv-protection";

  /// Keeps a volume's object until what is stored in it is deleted (KEP-2644).
  public static final String PROVISIONER_FINALIZER =
      "external-provisioner.volume.kubernetes.io/finalizer";

  /// A class of this provisioner has no volumes but those that people make.
  public static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";

  /// The built-in provisioner, which makes directories on nodes.
  public static final String LOCAL_PROVISIONER = "coxswain.io/local";

  /// Label of a volume of the built-in provisioner: the node whose directory it is.
  public static final String LOCAL_NODE = "coxswain.io/local-node";

  /// Annotation of a volume of the built-in provisioner: how far its directory is, as [LocalState]
  /// has it.
  public static final String LOCAL_STATE = "coxswain.io/local-volume";

  /// Annotation of a node: the folder in which its agent keeps such directories.
  public static final String LOCAL_FOLDER = "coxswain.io/local-volumes";

  private VolumeMarks() {}
}
