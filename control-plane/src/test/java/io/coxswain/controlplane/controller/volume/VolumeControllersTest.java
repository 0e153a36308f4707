package io.coxswain.controlplane.controller.volume;

import static io.coxswain.controlplane.controller.framework.TestCluster.eventually;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.NAMESPACE;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.claim;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.node;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.pod;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.read;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.standard;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.storageClass;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.volume;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.Transport.Verb;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.volume.CsiNames;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// All controllers of volumes on an API in memory; the test is scheduler and agent.
class VolumeControllersTest {

  private final TestCluster cluster = new TestCluster();
  private final ApiClient client = cluster.client();
  private final Resources<PersistentVolumeClaim> claims =
      client.resources(PersistentVolumeClaim.class);
  private final Resources<PersistentVolume> volumes = client.resources(PersistentVolume.class);
  private final Resources<Pod> pods = client.resources(Pod.class);
  private final Resources<Node> nodes = client.resources(Node.class);

  @BeforeEach
  void begin() throws InterruptedException {
    cluster.start(context -> {
      PodIndexes indexes = new PodIndexes(context.informers());
      return List.of(
          new EphemeralVolumeController(context, indexes),
          new BindingController(context, indexes),
          new LocalProvisioner(context),
          new AttachController(context, indexes),
          new ProtectionController(context, indexes));
    });
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  private PersistentVolumeClaim claimed(String name) {
    return claims.read(NAMESPACE, name);
  }

  private void awaitPhase(String claim, String phase) {
    eventually(() -> claimed(claim).getStatus().getPhase().equals(phase));
  }

  private void awaitVolume(String name, String phase) {
    eventually(() -> volumes.read("", name).getStatus().getPhase().equals(phase));
  }

  private void awaitEvent(String reason, String words) {
    eventually(() ->
        cluster.events().all().stream()
            .anyMatch(one -> one.reason().equals(reason) && one.message().contains(words)));
  }

  @Test
  void aClaimGetsTheSmallestVolumeAndBothSaySo() {
    cluster.api().seed(volume("large", "10Gi"));
    cluster.api().seed(volume("small", "2Gi"));
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitPhase("a", "Bound");
    PersistentVolumeClaim bound = claimed("a");
    assertThat(bound.getSpec().getVolumeName()).isEqualTo("small");
    assertThat(bound.getStatus().getCapacityMap().get("storage")).isEqualTo(Quantities.of("2Gi"));
    assertThat(bound.getStatus().getAccessModesList()).containsExactly("ReadWriteOnce");
    assertThat(bound.getMetadata().getAnnotationsMap())
        .containsEntry(VolumeMarks.BIND_COMPLETED, "yes")
        .containsEntry(VolumeMarks.BOUND_BY_CONTROLLER, "yes");
    awaitVolume("small", "Bound");
    assertThat(volumes.read("", "small").getSpec().getClaimRef().getUid())
        .isEqualTo(bound.getMetadata().getUid());
    assertThat(volumes.read("", "large").getSpec().hasClaimRef()).isFalse();
  }

  @Test
  void aClaimWaitsForItsVolumeAndLosesItOnce() {
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitEvent("FailedBinding", "no persistent volumes available");
    PersistentVolume _ = volumes.create(volume("v", "1Gi"));
    awaitPhase("a", "Bound");
    PersistentVolume kept = volumes.read("", "v");
    // somebody is in a hurry
    PersistentVolume _ =
        volumes.update(ProtectionController.without(kept, VolumeMarks.VOLUME_PROTECTION));
    volumes.delete("", "v", DeletePolicy.DEFAULT);
    eventually(() ->
        volumes.find("", "v").isEmpty()
            || volumes.read("", "v").getMetadata().hasDeletionTimestamp());
    volumes
        .find("", "v")
        .ifPresent(held -> {
          PersistentVolume _ =
              volumes.update(ProtectionController.without(held, VolumeMarks.VOLUME_PROTECTION));
        });
    awaitPhase("a", "Lost");
    awaitEvent("ClaimLost", "Bound claim has lost its PersistentVolume");
  }

  @Test
  void aVolumeWhoseClaimGoesIsReleasedAndKeptFromOthers() {
    cluster.api().seed(volume("v", "1Gi"));
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitPhase("a", "Bound");
    claims.delete(NAMESPACE, "a", DeletePolicy.DEFAULT);
    awaitVolume("v", "Released");
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitEvent("FailedBinding", "no persistent volumes available");
    assertThat(claimed("a").getSpec().getVolumeName()).isEmpty();
  }

  @Test
  void aClaimInUseStaysUntilItsPodIsGone() {
    cluster.api().seed(volume("v", "1Gi"));
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitPhase("a", "Bound");
    eventually(() ->
        claimed("a").getMetadata().getFinalizersList().contains(VolumeMarks.CLAIM_PROTECTION));
    Pod _ = pods.create(pod("web", "a", "n1"));
    claims.delete(NAMESPACE, "a", DeletePolicy.DEFAULT);
    assertThat(claimed("a").getMetadata().hasDeletionTimestamp()).isTrue();
    pods.delete(NAMESPACE, "web", DeletePolicy.DEFAULT.withGraceSeconds(0));
    eventually(() -> claims.find(NAMESPACE, "a").isEmpty());
    awaitVolume("v", "Released");
  }

  @Test
  void aBoundVolumeStaysUntilItsClaimIsGone() {
    cluster.api().seed(volume("v", "1Gi"));
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitPhase("a", "Bound");
    eventually(() ->
        volumes
            .read("", "v")
            .getMetadata()
            .getFinalizersList()
            .contains(VolumeMarks.VOLUME_PROTECTION));
    volumes.delete("", "v", DeletePolicy.DEFAULT);
    assertThat(volumes.read("", "v").getMetadata().hasDeletionTimestamp()).isTrue();
    claims.delete(NAMESPACE, "a", DeletePolicy.DEFAULT);
    eventually(() -> volumes.find("", "v").isEmpty());
  }

  @Test
  void aDefaultClassThatComesLaterIsTaken() {
    PersistentVolumeClaim _ = claims.create(claim("a", ""));
    awaitEvent("FailedBinding", "no storage class is set");
    cluster.api().seed(standard(storageClass("disk", "example.com/disk", "Immediate")));
    eventually(() -> claimed("a").getSpec().getStorageClassName().equals("disk"));
    awaitEvent("ExternalProvisioning", "external provisioner 'example.com/disk'");
    assertThat(claimed("a").getMetadata().getAnnotationsMap())
        .containsEntry(VolumeMarks.PROVISIONER, "example.com/disk");
  }

  private Optional<PersistentVolume> ordered(String claim) {
    return volumes.find("", "pvc-" + claimed(claim).getMetadata().getUid());
  }

  private void agentSays(PersistentVolume volume, LocalState state) {
    PersistentVolume _ = volumes.update(state.on(volumes.read("", volume.getMetadata().getName())));
  }

  private PersistentVolume awaitOrder(String claim) {
    eventually(() -> ordered(claim).isPresent());
    return ordered(claim).orElseThrow();
  }

  @Test
  void aDirectoryIsOrderedWhereTheSchedulerSaysAndDeletedWithItsClaim() {
    cluster.api().seed(node("n1", true));
    cluster.api().seed(node("n2", true));
    cluster
        .api()
        .seed(storageClass("local", VolumeMarks.LOCAL_PROVISIONER, "WaitForFirstConsumer"));
    PersistentVolumeClaim _ = claims.create(claim("a", "storageClassName: local"));
    awaitEvent("WaitForFirstConsumer", "waiting for first consumer");
    assertThat(ordered("a")).isEmpty();
    PersistentVolumeClaim _ =
        claims.update(VolumeSamples.annotated(claimed("a"), VolumeMarks.SELECTED_NODE, "n2"));
    PersistentVolume order = awaitOrder("a");
    String name = order.getMetadata().getName();
    assertThat(order.getSpec().getPersistentVolumeSource().getLocal().getPath())
        .isEqualTo("/var/lib/volumes/" + name);
    assertThat(order.getMetadata().getLabelsMap()).containsEntry(VolumeMarks.LOCAL_NODE, "n2");
    assertThat(claimed("a").getStatus().getPhase()).isEqualTo("Pending");
    agentSays(order, LocalState.MADE);
    awaitPhase("a", "Bound");
    awaitEvent("ProvisioningSucceeded", name);

    claims.delete(NAMESPACE, "a", DeletePolicy.DEFAULT);
    eventually(
        () -> LocalState.of(volumes.read("", name)).equals(Optional.of(LocalState.UNWANTED)));
    agentSays(order, LocalState.GONE);
    eventually(() -> volumes.find("", name).isEmpty());
  }

  @Test
  void aClaimThatWaitsForNobodyGetsANodeThatIsReady() {
    cluster.api().seed(node("n1", false));
    cluster.api().seed(node("n2", true));
    cluster.api().seed(storageClass("local", VolumeMarks.LOCAL_PROVISIONER, "Immediate"));
    PersistentVolumeClaim _ = claims.create(claim("a", "storageClassName: local"));
    assertThat(awaitOrder("a").getMetadata().getLabelsMap())
        .containsEntry(VolumeMarks.LOCAL_NODE, "n2");
  }

  @Test
  void aClaimThatNoNodeCouldHaveGetsTheNextThatIsReady() {
    cluster.api().seed(node("n1", false));
    cluster.api().seed(storageClass("local", VolumeMarks.LOCAL_PROVISIONER, "Immediate"));
    PersistentVolumeClaim _ = claims.create(claim("a", "storageClassName: local"));
    awaitEvent("ProvisioningFailed", "no node is ready that could have it");
    Node _ = nodes.updateStatus(ready(nodes.read("", "n1")));
    assertThat(awaitOrderSoon("a").getMetadata().getLabelsMap())
        .containsEntry(VolumeMarks.LOCAL_NODE, "n1");
  }

  /// Before anything is looked at again because time has passed.
  private PersistentVolume awaitOrderSoon(String claim) {
    await().atMost(Duration.ofSeconds(15)).until(() -> ordered(claim).isPresent());
    return ordered(claim).orElseThrow();
  }

  private static Node ready(Node node) {
    Node.Builder ready = node.toBuilder();
    ready.getStatusBuilder().getConditionsBuilderList().stream()
        .filter(one -> one.getType().equals("Ready"))
        .forEach(one -> {
          NodeCondition.Builder _ = one.setStatus("True");
        });
    return ready.build();
  }

  @Test
  void whoIsWaitedForIsSaid() {
    cluster.api().seed(node("n1", false));
    cluster
        .api()
        .seed(storageClass("local", VolumeMarks.LOCAL_PROVISIONER, "WaitForFirstConsumer"));
    PersistentVolumeClaim _ =
        claims.create(
            VolumeSamples.annotated(
                claim("a", "storageClassName: local"), VolumeMarks.SELECTED_NODE, "n1"));
    awaitOrder("a");
    awaitEvent("Provisioning", "waiting for node \"n1\", which is not ready, to make");
  }

  @Test
  void aNodeWithoutAFolderIsGivenBackToTheScheduler() {
    cluster
        .api()
        .seed(storageClass("local", VolumeMarks.LOCAL_PROVISIONER, "WaitForFirstConsumer"));
    PersistentVolumeClaim _ =
        claims.create(
            VolumeSamples.annotated(
                claim("a", "storageClassName: local"), VolumeMarks.SELECTED_NODE, "n9"));
    eventually(() -> !claimed("a").getMetadata().containsAnnotations(VolumeMarks.SELECTED_NODE));
    awaitEvent("ProvisioningFailed", "node \"n9\" has no folder for volumes");
  }

  @Test
  void aClaimThatGrowsHasMore() {
    cluster.api().seed(node("n1", true));
    cluster.api().seed(storageClass("local", VolumeMarks.LOCAL_PROVISIONER, "Immediate"));
    PersistentVolumeClaim _ = claims.create(claim("a", "storageClassName: local"));
    agentSays(awaitOrder("a"), LocalState.MADE);
    awaitPhase("a", "Bound");
    PersistentVolumeClaim.Builder more = claimed("a").toBuilder();
    more.getSpecBuilder().getResourcesBuilder().putRequests("storage", Quantities.of("5Gi"));
    PersistentVolumeClaim _ = claims.update(more.build());
    eventually(() ->
        claimed("a")
            .getStatus()
            .getCapacityOrDefault("storage", Quantities.ZERO)
            .getString()
            .equals("5Gi"));
    assertThat(claimed("a").getStatus().getAllocatedResourcesMap())
        .containsEntry("storage", Quantities.of("5Gi"));
    assertThat(ordered("a").orElseThrow().getSpec().getCapacityMap())
        .containsEntry("storage", Quantities.of("5Gi"));
  }

  @Test
  void anEphemeralVolumesClaimIsMadeAndOwnedByItsPod() {
    Pod made =
        pods.create(
            read(
                Pod.class,
                """
                metadata: {name: web, namespace: shop}
                spec:
                  containers: [{name: c, image: i}]
                  volumes:
                    - name: scratch
                      ephemeral:
                        volumeClaimTemplate:
                          metadata: {labels: {app: web}}
                          spec:
                            accessModes: [ReadWriteOnce]
                            resources: {requests: {storage: 1Gi}}
                """));
    eventually(() -> claims.find(NAMESPACE, "web-scratch").isPresent());
    PersistentVolumeClaim claim = claimed("web-scratch");
    assertThat(claim.getMetadata().getLabelsMap()).containsEntry("app", "web");
    assertThat(claim.getMetadata().getOwnerReferencesList())
        .singleElement()
        .satisfies(owner -> {
          assertThat(owner.getUid()).isEqualTo(made.getMetadata().getUid());
          assertThat(owner.getController()).isTrue();
        });
  }

  @Test
  void aClaimOfThatNameByChanceIsNotTaken() {
    takenByChance();
  }

  @Test
  void aClaimOfThatNameThatTheControllersHaveNotHeardOfIsNotTaken() {
    cluster
        .api()
        .failing(call ->
            call.verb() == Verb.LIST && call.type().plural().equals("persistentvolumeclaims")
                ? Optional.of(new ApiError.Unavailable("the test says so"))
                : Optional.empty());
    cluster.api().expireWatches();
    takenByChance();
  }

  private void takenByChance() {
    PersistentVolumeClaim _ = claims.create(claim("web-scratch"));
    Pod _ =
        pods.create(
            read(
                Pod.class,
                """
                metadata: {name: web, namespace: shop}
                spec:
                  containers: [{name: c, image: i}]
                  volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {}}}}]
                """));
    awaitEvent(
        "FailedBinding",
        "PVC shop/web-scratch was not created for pod shop/web (pod is not owner)");
  }

  private static PersistentVolume disk(String name) {
    PersistentVolume.Builder disk = volume(name, "1Gi").toBuilder();
    disk.getSpecBuilder()
        .getPersistentVolumeSourceBuilder()
        .clear()
        .getCsiBuilder()
        .setDriver("disk.example")
        .setVolumeHandle("h1");
    return disk.build();
  }

  private List<VolumeAttachment> attachments() {
    return client.resources(VolumeAttachment.class).list(ListOptions.ALL).items();
  }

  @Test
  void aDriversVolumeIsAttachedWhileAPodUsesItAndWaitedForElsewhere() {
    cluster.api().seed(node("n1", true));
    cluster.api().seed(node("n2", true));
    cluster.api().seed(disk("v"));
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitPhase("a", "Bound");
    Pod _ = pods.create(pod("web", "a", "n1"));
    eventually(() -> attachments().size() == 1);
    assertThat(attachments().getFirst().getMetadata().getName())
        .isEqualTo(CsiNames.attachment("h1", "disk.example", "n1"));
    assertThat(attachments().getFirst().getSpec())
        .matches(spec -> spec.getNodeName().equals("n1"))
        .matches(spec -> spec.getAttacher().equals("disk.example"))
        .matches(spec -> spec.getSource().getPersistentVolumeName().equals("v"));
    Pod _ = pods.create(pod("other", "a", "n2"));
    awaitEvent("FailedAttachVolume", "Multi-Attach error for volume \"v\"");
    pods.delete(NAMESPACE, "web", DeletePolicy.DEFAULT.withGraceSeconds(0));
    eventually(() ->
        attachments().size() == 1 && attachments().getFirst().getSpec().getNodeName().equals("n2"));
  }

  @Test
  void podsThatComeAtOnceOnTwoNodesDoNotBothGetAVolume() {
    cluster.api().seed(node("n1", true));
    cluster.api().seed(node("n2", true));
    List<String> names = IntStream.range(0, 10).mapToObj(i -> "v" + i).toList();
    for (String name : names) {
      PersistentVolume.Builder disk = disk(name).toBuilder();
      disk.getSpecBuilder()
          .getPersistentVolumeSourceBuilder()
          .getCsiBuilder()
          .setVolumeHandle(name);
      cluster.api().seed(disk.build());
      PersistentVolumeClaim _ = claims.create(claim(name));
    }
    names.forEach(name -> awaitPhase(name, "Bound"));
    for (String name : names) {
      Pod _ = pods.create(pod("a-" + name, name, "n1"));
      Pod _ = pods.create(pod("b-" + name, name, "n2"));
    }
    names.forEach(name ->
        awaitEvent("FailedAttachVolume", "Multi-Attach error for volume \"%s\"".formatted(name)));
    eventually(() -> attachments().size() >= names.size());
    assertThat(attachments())
        .extracting(one -> one.getSpec().getSource().getPersistentVolumeName())
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void aDriverThatNeedsNoAttachingIsNotAsked() {
    cluster.api().seed(node("n1", true));
    CSIDriver.Builder driver = CSIDriver.newBuilder();
    driver.getMetadataBuilder().setName("disk.example");
    driver.getSpecBuilder().setAttachRequired(false);
    cluster.api().seed(driver.build());
    cluster.api().seed(disk("v"));
    PersistentVolumeClaim _ = claims.create(claim("a"));
    awaitPhase("a", "Bound");
    Pod _ = pods.create(pod("web", "a", "n1"));
    driver.getSpecBuilder().setAttachRequired(true);
    CSIDriver known = client.resources(CSIDriver.class).read("", "disk.example");
    assertThat(attachments()).isEmpty();
    CSIDriver _ =
        client
            .resources(CSIDriver.class)
            .update(known.toBuilder().setSpec(driver.getSpec()).build());
    // now it does, so it was not asked before for that reason alone
    eventually(() -> attachments().size() == 1);
  }
}
