package io.coxswain.controlplane.authz;

import com.google.protobuf.Message;
import io.coxswain.api.authentication.v1.TokenRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.SigningRequest;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Looks into what an agent writes, where the path alone does not tell whose it is. The second half
/// of [NodeAuthorizer].
public final class NodeRestriction {

  private static final String MIRROR = "kubernetes.io/config.mirror";

  private static final Set<String> OWN_LABELS =
      Set.of(
          "kubernetes.io/hostname",
          "kubernetes.io/os",
          "kubernetes.io/arch",
          "beta.kubernetes.io/os",
          "beta.kubernetes.io/arch",
          "beta.kubernetes.io/instance-type",
          "topology.kubernetes.io/zone",
          "topology.kubernetes.io/region",
          "failure-domain.beta.kubernetes.io/zone",
          "failure-domain.beta.kubernetes.io/region");

  private static final Set<String> NODE_SIGNERS =
      Set.of("kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet");

  private NodeRestriction() {}

  /// Why this user may not create the object; nothing when they may.
  public static Optional<String> onCreate(User user, Message object) {
    String node = user.nodeName();
    if (node.isEmpty()) {
      return Optional.empty();
    }
    return switch (object) {
      case Node made ->
          made.getMetadata().getName().equals(node)
              ? reservedLabels(Map.of(), made.getMetadata().getLabelsMap())
              : Optional.of("node \"" + node + "\" can only create its own Node");
      case Lease made ->
          made.getMetadata().getName().equals(node)
              ? Optional.empty()
              : Optional.of("node \"" + node + "\" can only create its own Lease");
      case CSINode made ->
          made.getMetadata().getName().equals(node)
              ? Optional.empty()
              : Optional.of("node \"" + node + "\" can only create its own CSINode");
      case Pod made -> mirrorPod(made, node);
      case TokenRequest made -> token(made, node);
      case CertificateSigningRequest made -> certificate(made, node);
      default -> Optional.empty();
    };
  }

  /// Why this user may not replace `old` by `replacement`; nothing when they may.
  public static Optional<String> onUpdate(User user, Message old, Message replacement) {
    String node = user.nodeName();
    if (node.isEmpty()) {
      return Optional.empty();
    }
    if (old instanceof Node before && replacement instanceof Node after) {
      if (!before.getSpec().getTaintsList().equals(after.getSpec().getTaintsList())) {
        return Optional.of("node \"" + node + "\" is not allowed to modify taints");
      }
      // An owner that is not there would have the collector take the Node away, and the agent could
      // make it anew with other taints and labels.
      if (!before
          .getMetadata()
          .getOwnerReferencesList()
          .equals(after.getMetadata().getOwnerReferencesList())) {
        return Optional.of("node \"" + node + "\" is not allowed to modify ownerReferences");
      }
      return reservedLabels(
          before.getMetadata().getLabelsMap(), after.getMetadata().getLabelsMap());
    }
    if (old instanceof Pod before && replacement instanceof Pod after) {
      // Labels decide which Service and which owner a pod belongs to.
      if (!before.getMetadata().getLabelsMap().equals(after.getMetadata().getLabelsMap())) {
        return Optional.of("node \"" + node + "\" cannot update labels through pod status");
      }
    }
    if (old instanceof PersistentVolume before && replacement instanceof PersistentVolume after) {
      return volume(before, after, node);
    }
    if (old instanceof PersistentVolumeClaim before
        && replacement instanceof PersistentVolumeClaim after) {
      return claim(before, after, node);
    }
    return Optional.empty();
  }

  /// How far the directory is that the built-in provisioner ordered from it, and nothing else.
  private static Optional<String> volume(
      PersistentVolume before, PersistentVolume after, String node) {
    String owner = before.getMetadata().getLabelsOrDefault(VolumeMarks.LOCAL_NODE, "");
    if (LocalState.of(before).isEmpty() || !owner.equals(node)) {
      return Optional.of("node \"" + node + "\" can only update volumes that are its directories");
    }
    PersistentVolume.Builder same = before.toBuilder();
    written(same.getMetadataBuilder(), after.getMetadata())
        .putAnnotations(
            VolumeMarks.LOCAL_STATE,
            after.getMetadata().getAnnotationsOrDefault(VolumeMarks.LOCAL_STATE, ""));
    return same.build().equals(after)
        ? Optional.empty()
        : Optional.of("node \"" + node + "\" can only say how far its directory of a volume is");
  }

  /// How far the growing of a claim is, and nothing else.
  private static Optional<String> claim(
      PersistentVolumeClaim before, PersistentVolumeClaim after, String node) {
    PersistentVolumeClaim.Builder same = before.toBuilder();
    ObjectMeta.Builder _ = written(same.getMetadataBuilder(), after.getMetadata());
    same.getStatusBuilder()
        .clearCapacity()
        .putAllCapacity(after.getStatus().getCapacityMap())
        .clearAllocatedResourceStatuses()
        .putAllAllocatedResourceStatuses(after.getStatus().getAllocatedResourceStatusesMap())
        .clearConditions()
        .addAllConditions(after.getStatus().getConditionsList());
    return same.build().equals(after)
        ? Optional.empty()
        : Optional.of("node \"" + node + "\" can only say how far the growing of a claim is");
  }

  /// With the books of the write itself, which are not its author's.
  private static ObjectMeta.Builder written(ObjectMeta.Builder before, ObjectMeta after) {
    return before
        .setResourceVersion(after.getResourceVersion())
        .clearManagedFields()
        .addAllManagedFields(after.getManagedFieldsList());
  }

  /// The issuer sees to it that the pod is there and runs as the account.
  private static Optional<String> token(TokenRequest request, String node) {
    var bound = request.getSpec().getBoundObjectRef();
    return bound.getKind().equals("Pod") && !bound.getName().isEmpty() && !bound.getUID().isEmpty()
        ? Optional.empty()
        : Optional.of("node \"" + node + "\" requested a token that is not bound to a pod");
  }

  /// Of the certificates that nodes have, it asks for its own.
  private static Optional<String> certificate(CertificateSigningRequest request, String node) {
    if (!NODE_SIGNERS.contains(request.getSpec().getSignerName())) {
      return Optional.empty();
    }
    try {
      String name =
          SigningRequest.parse(request.getSpec().getRequest().toByteArray()).name().commonName();
      return name.equals("system:node:" + node)
          ? Optional.empty()
          : Optional.of("can only create a node CSR with CN=system:node:" + node);
    } catch (GeneralSecurityException e) {
      return Optional.of("unable to parse csr: " + e.getMessage());
    }
  }

  private static Optional<String> mirrorPod(Pod pod, String node) {
    if (!pod.getMetadata().containsAnnotations(MIRROR)) {
      return Optional.of(
          "pod does not have \""
              + MIRROR
              + "\" annotation, node \""
              + node
              + "\" can only create mirror pods");
    }
    if (!pod.getSpec().getNodeName().equals(node)) {
      return Optional.of(
          "node \"" + node + "\" can only create pods with spec.nodeName set to itself");
    }
    Optional<String> owner = ownedByNode(pod, node);
    if (owner.isPresent()) {
      return owner;
    }
    // What a pod of its node names, an agent may read.
    return PodReferences.first(pod)
        .map(what -> "node \"" + node + "\" can not create pods that reference " + what);
  }

  /// So that it goes with its node.
  private static Optional<String> ownedByNode(Pod pod, String node) {
    String who = "node \"" + node + "\" ";
    List<OwnerReference> owners = pod.getMetadata().getOwnerReferencesList();
    if (owners.size() > 1) {
      return Optional.of(who + "can only create pods with a single owner reference set to itself");
    }
    if (owners.isEmpty()
        || !owners.getFirst().getApiVersion().equals("v1")
        || !owners.getFirst().getKind().equals("Node")
        || !owners.getFirst().getName().equals(node)) {
      return Optional.of(who + "can only create pods with an owner reference set to itself");
    }
    if (!owners.getFirst().getController()) {
      return Optional.of(
          who + "can only create pods with a controller owner reference set to itself");
    }
    return owners.getFirst().getBlockOwnerDeletion()
        ? Optional.of(who + "must not set blockOwnerDeletion on an owner reference")
        : Optional.empty();
  }

  private static Optional<String> reservedLabels(
      Map<String, String> before, Map<String, String> after) {
    for (Map.Entry<String, String> label : after.entrySet()) {
      if (isReserved(label.getKey()) && !label.getValue().equals(before.get(label.getKey()))) {
        return Optional.of("an agent is not allowed to set the label " + label.getKey());
      }
    }
    for (String label : before.keySet()) {
      if (isReserved(label) && !after.containsKey(label)) {
        return Optional.of("an agent is not allowed to remove the label " + label);
      }
    }
    return Optional.empty();
  }

  /// Labels of Kubernetes' own domains draw pods to a node, as its role does: an agent has but
  /// those that say what its machine is.
  private static boolean isReserved(String label) {
    String domain = label.substring(0, Math.max(0, label.indexOf('/')));
    return (isOf(domain, "kubernetes.io") || isOf(domain, "k8s.io"))
        && !isOf(domain, "kubelet.kubernetes.io")
        && !isOf(domain, "node.kubernetes.io")
        && !OWN_LABELS.contains(label);
  }

  private static boolean isOf(String domain, String other) {
    return domain.equals(other) || domain.endsWith("." + other);
  }
}
