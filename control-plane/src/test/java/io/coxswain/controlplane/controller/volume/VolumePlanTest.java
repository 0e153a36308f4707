package io.coxswain.controlplane.controller.volume;

import static io.coxswain.controlplane.controller.volume.VolumeSamples.annotated;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.bound;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.claim;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.node;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.volume;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.volume.VolumeMarks;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What happens to volumes: to all, and to those of the built-in provisioner.
class VolumePlanTest {

  private static final String HAS_A = "claimRef: {namespace: shop, name: a, uid: uid-a}";

  record Case(
      String name, PersistentVolume volume, Optional<PersistentVolumeClaim> claim, String step) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static PersistentVolume reclaimed(PersistentVolume volume, String policy) {
    PersistentVolume.Builder changed = volume.toBuilder();
    changed.getSpecBuilder().setPersistentVolumeReclaimPolicy(policy);
    return changed.build();
  }

  private static PersistentVolume made(PersistentVolume volume) {
    return annotated(volume, VolumeMarks.PROVISIONED_BY, "example.com/disk");
  }

  static Stream<Case> all() {
    PersistentVolume has = volume("v", "1Gi", HAS_A);
    Optional<PersistentVolumeClaim> open = Optional.of(claim("a"));
    Optional<PersistentVolumeClaim> other = Optional.of(bound(claim("a"), "w"));
    Optional<PersistentVolumeClaim> gone = Optional.empty();
    return Stream.of(
        new Case("free", volume("v", "1Gi"), gone, "Available"),
        new Case(
            "reserved by a person",
            volume("v", "1Gi", "claimRef: {namespace: shop, name: a}"),
            gone,
            "Available"),
        new Case("its claim does not know yet", has, open, "wake"),
        new Case("its claim has it", has, Optional.of(bound(claim("a"), "v")), "Bound"),
        new Case(
            "of another mode", volume("v", "1Gi", HAS_A + "\nvolumeMode: Block"), open, "mismatch"),
        new Case("its claim has another", has, other, "unbind"),
        new Case("and it was made for it", made(reclaimed(has, "Delete")), other, "release"),
        new Case("its claim is gone", has, gone, "release"),
        new Case("and who made it deletes it", made(reclaimed(has, "Delete")), gone, "release"),
        new Case(
            "and nobody deletes it", reclaimed(has, "Delete"), gone, "release VolumeFailedDelete"),
        new Case(
            "and nobody recycles it",
            reclaimed(has, "Recycle"),
            gone,
            "release VolumeFailedRecycle"));
  }

  @ParameterizedTest
  @MethodSource("all")
  void plans(Case c) {
    String shown =
        switch (VolumePlan.of(c.volume, c.claim)) {
          case VolumePlan.Phase(String phase) -> phase;
          case VolumePlan.Release(Optional<Note> failure) ->
              "release" + failure.map(note -> " " + note.reason()).orElse("");
          case VolumePlan.Unbind() -> "unbind";
          case VolumePlan.WakeClaim() -> "wake";
          case VolumePlan.Mismatch() -> "mismatch";
        };
    assertThat(shown).isEqualTo(c.step);
  }

  record LocalCase(String name, PersistentVolume volume, Optional<Node> node, String step) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static PersistentVolume local(
      String state, String phase, String policy, boolean deleting) {
    PersistentVolume.Builder volume = reclaimed(volume("v", "1Gi", HAS_A), policy).toBuilder();
    volume.getStatusBuilder().setPhase(phase);
    volume
        .getMetadataBuilder()
        .putLabels(VolumeMarks.LOCAL_NODE, "n1")
        .putAnnotations(VolumeMarks.PROVISIONED_BY, VolumeMarks.LOCAL_PROVISIONER)
        .putAnnotations(VolumeMarks.LOCAL_STATE, state);
    if (deleting) {
      volume.getMetadataBuilder().setDeletionTimestamp(Time.newBuilder().setSeconds(1));
    }
    return volume.build();
  }

  static Stream<LocalCase> locals() {
    Optional<Node> up = Optional.of(node("n1", true));
    Optional<Node> down = Optional.of(node("n1", false));
    Optional<Node> away = Optional.empty();
    return Stream.of(
        new LocalCase("being made", local("ordered", "Pending", "Delete", false), up, "nothing"),
        new LocalCase(
            "its node is down", local("ordered", "Pending", "Delete", false), down, "await make"),
        new LocalCase("in use", local("made", "Bound", "Delete", false), up, "nothing"),
        new LocalCase(
            "to be deleted while in use", local("made", "Bound", "Delete", true), up, "nothing"),
        new LocalCase(
            "not needed any more", local("made", "Released", "Delete", false), up, "dismiss"),
        new LocalCase(
            "deleted before it was bound",
            local("ordered", "Pending", "Delete", true),
            up,
            "dismiss"),
        new LocalCase("to be kept", local("made", "Released", "Retain", false), up, "nothing"),
        new LocalCase(
            "kept, its object goes", local("made", "Released", "Retain", true), up, "forget"),
        new LocalCase(
            "being deleted", local("unwanted", "Released", "Delete", false), up, "nothing"),
        new LocalCase(
            "to be deleted on a node that is down",
            local("unwanted", "Released", "Delete", false),
            down,
            "await delete"),
        new LocalCase(
            "to be deleted on a node that left",
            local("unwanted", "Released", "Delete", false),
            away,
            "await delete"),
        new LocalCase(
            "and a person does not mind",
            local("unwanted", "Released", "Delete", true),
            away,
            "forget"),
        new LocalCase(
            "but not while it may come back",
            local("unwanted", "Released", "Delete", true),
            down,
            "await delete"),
        new LocalCase("deleted", local("gone", "Released", "Delete", false), up, "forget, delete"),
        new LocalCase(
            "deleted, as was asked", local("gone", "Released", "Delete", true), up, "forget"),
        new LocalCase("somebody else's", made(volume("v", "1Gi", HAS_A)), up, "nothing"));
  }

  @ParameterizedTest
  @MethodSource("locals")
  void plansLocalOnes(LocalCase c) {
    String shown =
        switch (LocalPlan.of(c.volume, c.node.map(LocalVolume.Host::of))) {
          case LocalPlan.Nothing() -> "nothing";
          case LocalPlan.Dismiss() -> "dismiss";
          case LocalPlan.Forget(boolean delete) -> delete ? "forget, delete" : "forget";
          case LocalPlan.Await(String message) ->
              message.contains("to make") ? "await make" : "await delete";
        };
    assertThat(shown).isEqualTo(c.step);
  }
}
