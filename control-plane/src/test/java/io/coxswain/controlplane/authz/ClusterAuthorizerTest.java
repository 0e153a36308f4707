package io.coxswain.controlplane.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EnvFromSource;
import io.coxswain.api.core.v1.LocalObjectReference;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeSpec;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.SecretEnvSource;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.controlplane.authn.User;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterAuthorizerTest {

  private static final User NODE = User.node("n1");
  private static final User ADMIN = User.of("kubernetes-admin", List.of(User.MASTERS));
  private static final User STRANGER = User.of("eve", List.of("friends"));
  private static final User SCHEDULER = User.of("system:kube-scheduler", List.of());
  private static final User CONTROLLERS = User.of("system:kube-controller-manager", List.of());

  private static final Pod POD =
      Pod.newBuilder()
          .setMetadata(ObjectMeta.newBuilder().setNamespace("a").setName("p"))
          .setSpec(
              PodSpec.newBuilder()
                  .setNodeName("n1")
                  .addContainers(
                      Container.newBuilder()
                          .setName("c")
                          .addEnvFrom(
                              EnvFromSource.newBuilder()
                                  .setSecretRef(
                                      SecretEnvSource.newBuilder()
                                          .setLocalObjectReference(
                                              LocalObjectReference.newBuilder().setName("mine"))))))
          .build();

  private final Authorizer authorizer =
      new ClusterAuthorizer(
          new NodeAuthorizer(node -> node.equals("n1") ? List.of(POD) : List.of()),
          new RoleAuthorizer(
              new KnownRoles(
                  RoleAuthorizerTest.objects(
                      """
                      kind: ClusterRole
                      metadata: {name: self}
                      rules:
                        - verbs: [create]
                          apiGroups: [authorization.k8s.io]
                          resources: [selfsubjectaccessreviews]
                      ---
                      kind: ClusterRoleBinding
                      metadata: {name: self}
                      roleRef: {kind: ClusterRole, name: self}
                      subjects: [{kind: Group, name: "system:authenticated"}]
                      """))));

  record Case(
      String about,
      boolean allowed,
      User user,
      String verb,
      String resource,
      String key,
      String fields) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Case may(String about, User user, String verb, String resource, String key) {
    return new Case(about, true, user, verb, resource, key, "");
  }

  static Case mayNot(String about, User user, String verb, String resource, String key) {
    return new Case(about, false, user, verb, resource, key, "");
  }

  static Stream<Case> cases() {
    return Stream.of(
        may("a master everything", ADMIN, "delete", "secrets", "x/y"),
        mayNot("a stranger nothing", STRANGER, "get", "pods", "a/p"),
        may(
            "a stranger asks about themselves",
            STRANGER,
            "create",
            "authorization.k8s.io:selfsubjectaccessreviews",
            "/"),
        may("the scheduler binds", SCHEDULER, "create", "pods/binding", "a/p"),
        may("the scheduler reserves volumes", SCHEDULER, "update", "persistentvolumes", "/v"),
        mayNot("the scheduler makes no volumes", SCHEDULER, "create", "persistentvolumes", "/v"),
        may("an agent reads volumes", NODE, "list", "persistentvolumes", "/"),
        mayNot("an agent makes no volumes", NODE, "create", "persistentvolumes", "/v"),
        mayNot("an agent deletes no volumes", NODE, "delete", "persistentvolumes", "/v"),
        mayNot(
            "an agent says nothing of others' claims",
            NODE,
            "update",
            "persistentvolumeclaims/status",
            "a/other"),
        mayNot("an agent wishes for nothing", NODE, "update", "persistentvolumeclaims", "a/mine"),
        mayNot("the scheduler makes no pods", SCHEDULER, "create", "pods", "a/p"),
        mayNot("the scheduler enters no pods", SCHEDULER, "get", "pods/exec", "a/p"),
        may("controllers make pods", CONTROLLERS, "create", "pods", "a/p"),
        may("controllers write status", CONTROLLERS, "update", "apps:deployments/status", "a/d"),
        may(
            "controllers count copies",
            CONTROLLERS,
            "update",
            "replicationcontrollers/status",
            "a/r"),
        mayNot("controllers enter no pods", CONTROLLERS, "create", "pods/exec", "a/p"),
        may("a node reads its pod", NODE, "get", "pods", "a/p"),
        mayNot("a node reads no other pod", NODE, "get", "pods", "a/q"),
        mayNot("a node lists not all pods", NODE, "list", "pods", "/"),
        new Case("a node lists its pods", true, NODE, "list", "pods", "/", "spec.nodeName=n1"),
        new Case(
            "a node lists not another's", false, NODE, "list", "pods", "/", "spec.nodeName=n2"),
        new Case("nor by a trick", false, NODE, "list", "pods", "/", "spec.nodeName!=n1"),
        may("a node writes its pod's status", NODE, "patch", "pods/status", "a/p"),
        mayNot("a node writes not its spec", NODE, "patch", "pods", "a/p"),
        mayNot("a node binds nothing", NODE, "create", "pods/binding", "a/p"),
        may("a node reads a secret that its pod names", NODE, "get", "secrets", "a/mine"),
        mayNot("a node reads no other secret", NODE, "get", "secrets", "a/other"),
        mayNot("a node lists no secrets", NODE, "list", "secrets", "a/"),
        new Case(
            "a node watches that secret",
            true,
            NODE,
            "watch",
            "secrets",
            "a/",
            "metadata.name=mine"),
        mayNot("a node reads not the same name elsewhere", NODE, "get", "secrets", "b/mine"),
        may("a node writes its own status", NODE, "update", "nodes/status", "/n1"),
        mayNot("a node writes no other's", NODE, "update", "nodes/status", "/n2"),
        mayNot("a node deletes not itself", NODE, "delete", "nodes", "/n1"),
        may("a node reads nodes", NODE, "list", "nodes", "/"),
        may(
            "a node renews its lease",
            NODE,
            "update",
            "coordination.k8s.io:leases",
            "kube-node-lease/n1"),
        mayNot(
            "a node takes no other lease",
            NODE,
            "update",
            "coordination.k8s.io:leases",
            "kube-node-lease/n2"),
        mayNot(
            "a node takes no leader's lease",
            NODE,
            "update",
            "coordination.k8s.io:leases",
            "kube-system/n1"),
        may("a node says its drivers", NODE, "update", "storage.k8s.io:csinodes", "/n1"),
        mayNot("a node says no other's drivers", NODE, "update", "storage.k8s.io:csinodes", "/n2"),
        mayNot("a node lists no drivers' nodes", NODE, "list", "storage.k8s.io:csinodes", "/"),
        may("a node reads of drivers", NODE, "get", "storage.k8s.io:csidrivers", "/disk"),
        mayNot("a node changes none", NODE, "update", "storage.k8s.io:csidrivers", "/disk"),
        may("a node reads an attachment", NODE, "get", "storage.k8s.io:volumeattachments", "/a1"),
        mayNot(
            "a node makes no attachment",
            NODE,
            "create",
            "storage.k8s.io:volumeattachments",
            "/a1"),
        may("a node reports events", NODE, "create", "events", "a/"),
        may("a node reads services", NODE, "watch", "services", "/"),
        mayNot("a node makes no deployments", NODE, "create", "apps:deployments", "a/"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decides(Case wanted) {
    String[] group =
        wanted.resource().contains(":")
            ? wanted.resource().split(":", -1)
            : new String[] {"", wanted.resource()};
    String[] parts = group[1].split("/", -1);
    String[] key = wanted.key().split("/", -1);
    Attributes attributes =
        new Attributes(
            wanted.user(),
            wanted.verb(),
            group[0],
            "v1",
            parts[0],
            parts.length > 1 ? parts[1] : "",
            key[0],
            key[1],
            wanted.fields(),
            "");
    assertThat(authorizer.authorize(attributes).allowed()).isEqualTo(wanted.allowed());
  }

  @Test
  void refusalIsWordedAsKubernetesDoes() {
    assertThat(
            new Attributes(STRANGER, "get", "apps", "v1", "deployments", "scale", "a", "d", "", "")
                .forbidden(""))
        .isEqualTo(
            "deployments.apps \"d\" is forbidden: User \"eve\" cannot get resource"
                + " \"deployments/scale\" in API group \"apps\" in the namespace \"a\"");
    assertThat(Attributes.ofPath(STRANGER, "get", "/metrics").forbidden(""))
        .isEqualTo("forbidden: User \"eve\" cannot get path \"/metrics\"");
  }

  @Test
  void aNodeReadsTheSecretsThatDriversOfItsPodsVolumesNeed() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setNamespace("a").setName("p");
    pod.getSpecBuilder()
        .addVolumesBuilder()
        .setName("data")
        .getVolumeSourceBuilder()
        .getPersistentVolumeClaimBuilder()
        .setClaimName("mine");
    NodeAuthorizer nodes =
        new NodeAuthorizer(
            new NodePods() {
              @Override
              public Collection<Pod> on(String nodeName) {
                return nodeName.equals("n1") ? List.of(pod.build()) : List.of();
              }

              @Override
              public Collection<PersistentVolume> naming(String namespace, String secret) {
                PersistentVolume.Builder volume = PersistentVolume.newBuilder();
                volume
                    .getSpecBuilder()
                    .getClaimRefBuilder()
                    .setNamespace("a")
                    .setName(secret.equals("key") ? "mine" : "others");
                return List.of(volume.build());
              }
            });
    assertThat(nodes.authorize(secret("get", "key")).allowed()).isTrue();
    assertThat(nodes.authorize(secret("get", "other-key")).allowed()).isFalse();
    assertThat(nodes.authorize(secret("update", "key")).allowed()).isFalse();
    assertThat(nodes.authorize(secret("list", "")).allowed()).isFalse();
    assertThat(nodes.authorize(claim("update", "status", "mine")).allowed()).isTrue();
    assertThat(nodes.authorize(claim("update", "status", "others")).allowed()).isFalse();
    assertThat(nodes.authorize(claim("update", "", "mine")).allowed()).isFalse();
  }

  private static Attributes claim(String verb, String part, String name) {
    return new Attributes(NODE, verb, "", "v1", "persistentvolumeclaims", part, "a", name, "", "");
  }

  private static Attributes secret(String verb, String name) {
    return new Attributes(NODE, verb, "", "v1", "secrets", "", "kube-system", name, "", "");
  }

  @Test
  void agentChangesNeitherTaintsNorReservedLabels() {
    Node node = node("n1");
    Node tainted =
        node.toBuilder()
            .setSpec(NodeSpec.newBuilder().addTaints(Taint.newBuilder().setKey("k")))
            .build();
    Node labelled =
        node.toBuilder()
            .setMetadata(
                node.getMetadata().toBuilder().putLabels("node-restriction.kubernetes.io/x", "y"))
            .build();

    assertThat(NodeRestriction.onUpdate(NODE, node, node)).isEmpty();
    assertThat(NodeRestriction.onUpdate(NODE, tainted, node)).isPresent();
    assertThat(NodeRestriction.onUpdate(NODE, node, labelled)).isPresent();
    assertThat(NodeRestriction.onUpdate(ADMIN, node, labelled)).isEmpty();
    assertThat(NodeRestriction.onCreate(NODE, node)).isEmpty();
    assertThat(NodeRestriction.onCreate(NODE, node("n2"))).isPresent();
    assertThat(NodeRestriction.onCreate(NODE, POD)).isPresent();
  }

  /// CVE-2025-5187: an agent has its Node collected, and makes it anew.
  @Test
  void agentGivesItsNodeToNoOwner() {
    Node.Builder owned = node("n1").toBuilder();
    owned
        .getMetadataBuilder()
        .addOwnerReferences(
            OwnerReference.newBuilder().setApiVersion("v1").setKind("Node").setName("gone"));
    assertThat(NodeRestriction.onUpdate(NODE, node("n1"), owned.build()).orElseThrow())
        .isEqualTo("node \"n1\" is not allowed to modify ownerReferences");
    assertThat(NodeRestriction.onUpdate(ADMIN, node("n1"), owned.build())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "node-role.kubernetes.io/control-plane, false",
    "node-restriction.kubernetes.io/x, false",
    "kubernetes.io/made-up, false",
    "sub.k8s.io/x, false",
    "kubernetes.io/hostname, true",
    "topology.kubernetes.io/zone, true",
    "node.kubernetes.io/instance-type, true",
    "kubelet.kubernetes.io/x, true",
    "example.com/x, true",
    "disk, true"
  })
  void agentLabelsItsNodeWithWhatItsMachineIs(String label, boolean allowed) {
    Node.Builder labelled = node("n1").toBuilder();
    labelled.getMetadataBuilder().putLabels(label, "x");
    assertThat(NodeRestriction.onCreate(NODE, labelled.build()).isEmpty()).isEqualTo(allowed);
    assertThat(NodeRestriction.onUpdate(NODE, node("n1"), labelled.build()).isEmpty())
        .isEqualTo(allowed);
  }

  /// CVE-2025-4563 is of this kind: by a mirror pod an agent could name what it wants to read.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "serviceAccountName: a",
        "imagePullSecrets: [{name: a}]",
        "containers: [{name: c, envFrom: [{secretRef: {name: a}}]}]",
        "containers: [{name: c, env: [{name: E, valueFrom: {secretKeyRef: {name: a, key: k}}}]}]",
        "initContainers: [{name: c, envFrom: [{configMapRef: {name: a}}]}]",
        "containers: [{name: c, env: [{name: E, valueFrom: {configMapKeyRef: {name: a, key: k}}}]}]",
        "volumes: [{name: v, secret: {secretName: a}}]",
        "volumes: [{name: v, configMap: {name: a}}]",
        "volumes: [{name: v, persistentVolumeClaim: {claimName: a}}]",
        "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {}}}]",
        "volumes: [{name: v, csi: {driver: d}}]",
        "volumes: [{name: v, projected: {sources: [{secret: {name: a}}]}}]",
        "volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: p}}]}}]",
        "resourceClaims: [{name: r, resourceClaimName: a}]"
      })
  void agentsMirrorPodsNameNothingOfTheApi(String spec) throws Exception {
    OwnerReference own =
        OwnerReference.newBuilder()
            .setApiVersion("v1")
            .setKind("Node")
            .setName("n1")
            .setController(true)
            .build();
    Pod.Builder named = mirror(own).toBuilder();
    Message read =
        new JsonCodec()
            .decode(
                YamlCodec.parseOne(spec.getBytes(StandardCharsets.UTF_8)).content(),
                PodSpec.getDefaultInstance(),
                Strictness.STRICT)
            .message();
    named.getSpecBuilder().mergeFrom(read);
    assertThat(NodeRestriction.onCreate(NODE, named.build()).orElseThrow())
        .contains("can not create pods that reference");
  }

  private static Pod mirror(OwnerReference... owners) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder()
        .setName("p")
        .putAnnotations("kubernetes.io/config.mirror", "1")
        .addAllOwnerReferences(List.of(owners));
    pod.getSpecBuilder().setNodeName("n1");
    return pod.build();
  }

  @Test
  void agentMakesMirrorPodsThatBelongToItsNode() {
    OwnerReference own =
        OwnerReference.newBuilder()
            .setApiVersion("v1")
            .setKind("Node")
            .setName("n1")
            .setController(true)
            .build();
    assertThat(NodeRestriction.onCreate(NODE, mirror(own))).isEmpty();
    assertThat(NodeRestriction.onCreate(NODE, mirror()).orElseThrow())
        .contains("can only create pods with an owner reference set to itself");
    assertThat(NodeRestriction.onCreate(NODE, mirror(own, own)).orElseThrow())
        .contains("a single owner reference");
    assertThat(NodeRestriction.onCreate(NODE, mirror(own.toBuilder().setName("n2").build())))
        .isPresent();
    assertThat(
            NodeRestriction.onCreate(NODE, mirror(own.toBuilder().setController(false).build()))
                .orElseThrow())
        .contains("a controller owner reference");
    assertThat(
            NodeRestriction.onCreate(
                NODE, mirror(own.toBuilder().setBlockOwnerDeletion(true).build())))
        .isPresent();
  }

  @Test
  void agentSaysNoMoreOfAVolumeThanHowFarItIs() {
    PersistentVolume.Builder ordered = PersistentVolume.newBuilder();
    ordered
        .getMetadataBuilder()
        .putLabels(VolumeMarks.LOCAL_NODE, "n1")
        .putAnnotations(VolumeMarks.PROVISIONED_BY, VolumeMarks.LOCAL_PROVISIONER);
    PersistentVolume before = LocalState.ORDERED.on(ordered.build());
    PersistentVolume made = LocalState.MADE.on(before);
    PersistentVolume.Builder other = before.toBuilder();
    other.getMetadataBuilder().putLabels(VolumeMarks.LOCAL_NODE, "n2");
    PersistentVolume.Builder larger = made.toBuilder();
    larger.getSpecBuilder().setStorageClassName("x");

    assertThat(NodeRestriction.onUpdate(NODE, before, made)).isEmpty();
    assertThat(NodeRestriction.onUpdate(NODE, before, larger.build())).isPresent();
    assertThat(NodeRestriction.onUpdate(NODE, other.build(), LocalState.MADE.on(other.build())))
        .isPresent();
    assertThat(
            NodeRestriction.onUpdate(
                NODE, PersistentVolume.getDefaultInstance(), PersistentVolume.getDefaultInstance()))
        .isPresent();
  }

  @Test
  void agentSaysNoMoreOfAClaimThanHowFarItHasGrown() {
    PersistentVolumeClaim.Builder claim = PersistentVolumeClaim.newBuilder();
    claim.getMetadataBuilder().setName("mine").setResourceVersion("1");
    claim.getStatusBuilder().setPhase("Bound").addConditionsBuilder().setType("Resizing");
    PersistentVolumeClaim before = claim.build();
    claim.getMetadataBuilder().setResourceVersion("2");
    claim
        .getStatusBuilder()
        .putCapacity("storage", Quantities.of("2Gi"))
        .putAllocatedResourceStatuses("storage", "NodeResizeInProgress")
        .clearConditions();
    assertThat(NodeRestriction.onUpdate(NODE, before, claim.build())).isEmpty();
    PersistentVolumeClaim.Builder lost = claim.clone();
    lost.getStatusBuilder().setPhase("Lost");
    assertThat(NodeRestriction.onUpdate(NODE, before, lost.build())).isPresent();
    PersistentVolumeClaim.Builder another = claim.clone();
    another.getSpecBuilder().setVolumeName("x");
    assertThat(NodeRestriction.onUpdate(NODE, before, another.build())).isPresent();
  }

  private static Node node(String name) {
    return Node.newBuilder().setMetadata(ObjectMeta.newBuilder().setName(name)).build();
  }
}
