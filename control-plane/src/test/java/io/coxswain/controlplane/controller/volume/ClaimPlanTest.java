package io.coxswain.controlplane.controller.volume;

import static io.coxswain.controlplane.controller.volume.VolumeSamples.annotated;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.bound;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.claim;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.standard;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.storageClass;
import static io.coxswain.controlplane.controller.volume.VolumeSamples.volume;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.volume.VolumeMarks;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimPlanTest {

  private static final StorageClass LATER =
      storageClass("later", "coxswain.io/local", "WaitForFirstConsumer");
  private static final StorageClass FAST = storageClass("fast", "example.com/disk", "Immediate");
  private static final StorageClass HAND =
      storageClass("hand", VolumeMarks.NO_PROVISIONER, "Immediate");

  /// @param step what is planned, in short
  record Case(
      String name,
      PersistentVolumeClaim claim,
      List<PersistentVolume> volumes,
      List<StorageClass> classes,
      List<String> pods,
      String step) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case one(
      String name, PersistentVolumeClaim claim, String step, PersistentVolume... volumes) {
    return new Case(name, claim, List.of(volumes), List.of(LATER, FAST, HAND), List.of(), step);
  }

  private static final String FOR_A = "claimRef: {namespace: shop, name: a}";
  private static final String HAS_A = "claimRef: {namespace: shop, name: a, uid: uid-a}";
  private static final String HAS_B = "claimRef: {namespace: shop, name: b, uid: uid-b}";

  static Stream<Case> unbound() {
    PersistentVolumeClaim a = claim("a");
    PersistentVolumeClaim chosen =
        annotated(claim("a", "storageClassName: later"), VolumeMarks.SELECTED_NODE, "n1");
    return Stream.of(
        one("the only one that fits", a, "bind v", volume("v", "1Gi")),
        one("the smallest", a, "bind v", volume("w", "3Gi"), volume("v", "2Gi")),
        one("too small", a, "wait FailedBinding", volume("v", "1023Mi")),
        one("taken", a, "wait FailedBinding", volume("v", "1Gi", HAS_B)),
        one(
            "reserved for it, though larger",
            a,
            "bind w",
            volume("v", "1Gi"),
            volume("w", "9Gi", FOR_A)),
        one("of another class", a, "wait FailedBinding", volume("v", "1Gi", "storageClassName: x")),
        one("of another mode", a, "wait FailedBinding", volume("v", "1Gi", "volumeMode: Block")),
        one(
            "of its class",
            claim("a", "storageClassName: x"),
            "bind v",
            volume("w", "1Gi"),
            volume("v", "1Gi", "storageClassName: x")),
        one(
            "labels do not match",
            claim("a", "storageClassName: \"\"\nselector: {matchLabels: {disk: ssd}}"),
            "wait FailedBinding",
            volume("v", "1Gi")),
        one("waits for a pod", claim("a", "storageClassName: later"), "wait WaitForFirstConsumer"),
        one(
            "waits for a pod, though something would fit",
            claim("a", "storageClassName: later"),
            "wait WaitForFirstConsumer",
            volume("v", "1Gi", "storageClassName: later")),
        one(
            "takes what the scheduler reserved",
            claim("a", "storageClassName: later"),
            "bind v",
            volume("v", "1Gi", "storageClassName: later\n" + HAS_A)),
        new Case(
            "waits for a pod that waits for a node",
            claim("a", "storageClassName: later"),
            List.of(),
            List.of(LATER),
            List.of("p"),
            "wait WaitForPodScheduled"),
        one("provisioned where the scheduler says", chosen, "provision later"),
        one("provisioned at once", claim("a", "storageClassName: fast"), "provision fast"),
        one("no such class", claim("a", "storageClassName: none"), "wait ProvisioningFailed"),
        one("no provisioner", claim("a", "storageClassName: hand"), "wait ProvisioningFailed"),
        one(
            "not before its directory is made",
            chosen,
            "provision later",
            local("pvc-uid-a", "ordered")),
        one("once its directory is made", chosen, "bind pvc-uid-a", local("pvc-uid-a", "made")),
        new Case(
            "a default that came later",
            claim("a", ""),
            List.of(),
            List.of(FAST, standard(LATER)),
            List.of(),
            "class later"),
        new Case(
            "no default for who wants none",
            a,
            List.of(),
            List.of(standard(FAST)),
            List.of(),
            "wait FailedBinding"));
  }

  private static PersistentVolume local(String name, String state) {
    return annotated(
        annotated(
            volume(name, "1Gi", "storageClassName: later\n" + HAS_A),
            VolumeMarks.PROVISIONED_BY,
            VolumeMarks.LOCAL_PROVISIONER),
        VolumeMarks.LOCAL_STATE,
        state);
  }

  static Stream<Case> named() {
    PersistentVolumeClaim wants = claim("a", "storageClassName: \"\"\nvolumeName: v");
    PersistentVolumeClaim has = bound(claim("a"), "v");
    PersistentVolumeClaim lost =
        has.toBuilder().setStatus(has.getStatus().toBuilder().setPhase("Lost")).build();
    return Stream.of(
        one("not there yet", wants, "wait"),
        one("there", wants, "bind v", volume("v", "1Gi")),
        one("reserved for it", wants, "bind v", volume("v", "1Gi", FOR_A)),
        one("taken", wants, "wait FailedBinding", volume("v", "1Gi", HAS_B)),
        one("too small", wants, "wait VolumeMismatch", volume("v", "1Mi")),
        one(
            "of another class",
            wants,
            "wait VolumeMismatch",
            volume("v", "1Gi", "storageClassName: x")),
        one("bound", has, "bind v", volume("v", "1Gi", HAS_A)),
        one("bound, and the other side forgot", has, "bind v", volume("v", "1Gi")),
        one("its volume is gone", has, "lost ClaimLost"),
        one("its volume is another's", has, "lost ClaimMisbound", volume("v", "1Gi", HAS_B)),
        one("is said once", lost, "nothing"),
        one(
            "forgot its volume",
            annotated(claim("a"), VolumeMarks.BIND_COMPLETED, "yes"),
            "lost ClaimLost",
            volume("v", "1Gi")));
  }

  @ParameterizedTest
  @MethodSource({"unbound", "named"})
  void plans(Case c) {
    assertThat(shown(ClaimPlan.of(new ClaimSnapshot(c.claim, c.volumes, c.classes, c.pods))))
        .isEqualTo(c.step);
  }

  private static String shown(ClaimPlan.Step step) {
    return switch (step) {
      case ClaimPlan.Nothing() -> "nothing";
      case ClaimPlan.Bind(PersistentVolume volume) -> "bind " + volume.getMetadata().getName();
      case ClaimPlan.Wait(Optional<Note> note) ->
          "wait" + note.map(one -> " " + one.reason()).orElse("");
      case ClaimPlan.AssignClass(String name) -> "class " + name;
      case ClaimPlan.Provision(StorageClass from) -> "provision " + from.getMetadata().getName();
      case ClaimPlan.Lose(Note note) -> "lost " + note.reason();
    };
  }
}
