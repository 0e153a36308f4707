package io.coxswain.controlplane.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.codec.Times;
import io.coxswain.client.volume.CsiNames;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AttachPlanTest {

  private static final Instant NOW = Instant.parse("2026-11-29T10:00:00Z");
  private static final String DRIVER = "disk.example";

  private static PersistentVolume volume(String name, String mode) {
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume.getMetadataBuilder().setName(name);
    volume.getSpecBuilder().addAccessModes(mode);
    volume
        .getSpecBuilder()
        .getPersistentVolumeSourceBuilder()
        .getCsiBuilder()
        .setDriver(DRIVER)
        .setVolumeHandle("h-" + name);
    return volume.build();
  }

  private static VolumeAttachment attachment(PersistentVolume volume, String node) {
    VolumeAttachment.Builder made = VolumeAttachment.newBuilder();
    made.getMetadataBuilder().setName(AttachPlan.attachment(volume, node));
    made.getSpecBuilder()
        .setAttacher(DRIVER)
        .setNodeName(node)
        .getSourceBuilder()
        .setPersistentVolumeName(volume.getMetadata().getName());
    return made.build();
  }

  private static Node node(boolean ready, Duration since, String... used) {
    Node.Builder node = Node.newBuilder();
    node.getMetadataBuilder().setName("n1");
    node.getStatusBuilder()
        .addAllVolumesInUse(List.of(used))
        .addConditions(
            NodeCondition.newBuilder()
                .setType("Ready")
                .setStatus(ready ? "True" : "Unknown")
                .setLastTransitionTime(Times.time(NOW.minus(since))));
    return node.build();
  }

  private static final PersistentVolume DISK = volume("disk", "ReadWriteOnce");
  private static final PersistentVolume SHARE = volume("share", "ReadWriteMany");
  private static final String USED = CsiNames.unique(DRIVER, "h-disk");

  private static AttachPlan plan(
      Optional<Node> node,
      List<PersistentVolume> wanted,
      List<VolumeAttachment> here,
      List<VolumeAttachment> others) {
    return AttachPlan.of(
        new AttachPlan.Snapshot(node, "n1", wanted, here, others, Set.of(), Set.of(), NOW));
  }

  private static Optional<Node> well(String... used) {
    return Optional.of(node(true, Duration.ofHours(1), used));
  }

  @Test
  void whatPodsUseIsAttachedOnce() {
    assertThat(plan(well(), List.of(DISK, DISK, SHARE), List.of(), List.of()).attach())
        .containsExactly(DISK, SHARE);
    assertThat(plan(well(), List.of(DISK), List.of(attachment(DISK, "n1")), List.of()))
        .isEqualTo(new AttachPlan(List.of(), List.of(), List.of(), Optional.empty()));
  }

  @Test
  void whatOneNodeHasAloneWaitsForItAndWhatManyMayHaveDoesNot() {
    AttachPlan plan =
        plan(
            well(),
            List.of(DISK, SHARE),
            List.of(),
            List.of(attachment(DISK, "n2"), attachment(SHARE, "n2")));
    assertThat(plan.attach()).containsExactly(SHARE);
    assertThat(plan.elsewhere()).containsExactly(DISK);
  }

  @Test
  void whatTheNodeUsesStaysUntilItLetsGo() {
    List<VolumeAttachment> here = List.of(attachment(DISK, "n1"));
    assertThat(plan(well(USED), List.of(), here, List.of()).detach()).isEmpty();
    assertThat(plan(well(), List.of(), here, List.of()).detach()).isEqualTo(here);
    assertThat(plan(well(CsiNames.unique(DRIVER, "other")), List.of(), here, List.of()).detach())
        .isEqualTo(here);
  }

  private static List<VolumeAttachment> unaskedDetached(String... starting) {
    List<VolumeAttachment> here = List.of(attachment(DISK, "n1"));
    return AttachPlan.of(
            new AttachPlan.Snapshot(
                well(USED),
                "n1",
                List.of(),
                here,
                List.of(),
                Set.of(DRIVER, "other"),
                Set.of(starting),
                NOW))
        .detach();
  }

  /// The pod goes on with the volume, and nobody ever lets go of the attachment.
  @Test
  void whatNeedsNoAttachingAnyMoreIsDetachedThoughItIsUsedButNotWhileAPodBegins() {
    assertThat(unaskedDetached()).hasSize(1);
    assertThat(unaskedDetached("share")).hasSize(1);
    assertThat(unaskedDetached("disk")).isEmpty();
  }

  @Test
  void whatSomebodyElseAttachedIsTheirs() {
    VolumeAttachment.Builder other = attachment(DISK, "n1").toBuilder();
    other.getMetadataBuilder().setName("by-hand");
    assertThat(plan(well(), List.of(), List.of(other.build()), List.of()).detach()).isEmpty();
    assertThat(plan(Optional.empty(), List.of(), List.of(other.build()), List.of()).detach())
        .isEmpty();
  }

  @Test
  void aNodeThatIsGoneOrLongSilentKeepsNothing() {
    List<VolumeAttachment> here = List.of(attachment(DISK, "n1"));
    assertThat(plan(Optional.empty(), List.of(DISK), List.of(), List.of()).attach()).isEmpty();
    assertThat(plan(Optional.empty(), List.of(), here, List.of()).detach()).isEqualTo(here);
    AttachPlan early =
        plan(Optional.of(node(false, Duration.ofMinutes(2), USED)), List.of(), here, List.of());
    assertThat(early.detach()).isEmpty();
    assertThat(early.again()).contains(NOW.plus(Duration.ofMinutes(4)));
    assertThat(
            plan(Optional.of(node(false, AttachPlan.FORCE, USED)), List.of(), here, List.of())
                .detach())
        .isEqualTo(here);
  }
}
