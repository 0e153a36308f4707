package io.coxswain.scheduler.plugin.volume;

import static io.coxswain.scheduler.Fixtures.info;
import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static io.coxswain.scheduler.StorageFixtures.bound;
import static io.coxswain.scheduler.StorageFixtures.claim;
import static io.coxswain.scheduler.StorageFixtures.selected;
import static io.coxswain.scheduler.StorageFixtures.storageClass;
import static io.coxswain.scheduler.StorageFixtures.using;
import static io.coxswain.scheduler.StorageFixtures.volume;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.scheduler.cycle.Decision;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.plugin.Plugins;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import io.coxswain.scheduler.snapshot.Storage;
import io.coxswain.scheduler.snapshot.VolumeChoice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Two nodes, n1 and n2, one pod and its claims: where it goes, or what is said against it.
class VolumeRulesTest {

  private static final StorageClass LATER = storageClass("later", "example.com/disk", true);
  private static final StorageClass HAND = storageClass("hand", VolumeMarks.NO_PROVISIONER, true);
  private static final StorageClass AT_ONCE = storageClass("fast", "example.com/disk", false);

  /// @param result a node, or what the message says after how many nodes there are
  record Case(String name, Storage storage, Pod pod, String result) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Storage storage(List<PersistentVolumeClaim> claims, PersistentVolume... volumes) {
    Map<ObjectKey, PersistentVolumeClaim> byKey = new HashMap<>();
    claims.forEach(claim -> byKey.put(ObjectMetas.key(claim), claim));
    Map<String, PersistentVolume> byName = new HashMap<>();
    for (PersistentVolume volume : volumes) {
      byName.put(volume.getMetadata().getName(), volume);
    }
    return new Storage(
        byKey, byName, Map.of("later", LATER, "hand", HAND, "fast", AT_ONCE), Map.of());
  }

  private static Case one(
      String name, PersistentVolumeClaim claim, String result, PersistentVolume... volumes) {
    return new Case(name, storage(List.of(claim), volumes), using(pod("p"), "a"), result);
  }

  private static PersistentVolumeClaim in(PersistentVolumeClaim claim, String phase) {
    PersistentVolumeClaim.Builder changed = claim.toBuilder();
    changed.getStatusBuilder().setPhase(phase);
    return changed.build();
  }

  private static PersistentVolumeClaim deleting(PersistentVolumeClaim claim) {
    PersistentVolumeClaim.Builder changed = claim.toBuilder();
    changed.getMetadataBuilder().getDeletionTimestampBuilder().setSeconds(1);
    return changed.build();
  }

  static Stream<Case> cases() {
    PersistentVolumeClaim later = claim("a", "later", "1Gi");
    PersistentVolumeClaim hand = claim("a", "hand", "1Gi");
    PersistentVolumeClaim bound = bound(later, "v");
    return Stream.of(
        one("follows its volume", bound, "n2", volume("v", "later", "1Gi", "n2")),
        one(
            "its volume is nowhere",
            bound,
            "2 node(s) didn't match PersistentVolume's node affinity.",
            volume("v", "later", "1Gi", "n3")),
        one(
            "its volume is gone",
            bound,
            "2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)."),
        one("no claim", claim("b", "later", "1Gi"), "persistentvolumeclaim \"a\" not found."),
        one(
            "a lost one",
            in(bound, "Lost"),
            "persistentvolumeclaim \"a\" bound to non-existent persistentvolume \"v\"."),
        one("one that goes", deleting(later), "persistentvolumeclaim \"a\" is being deleted."),
        one(
            "one that needs nobody, and has nothing yet",
            claim("a", "fast", "1Gi"),
            "pod has unbound immediate PersistentVolumeClaims."),
        one(
            "one of no class",
            claim("a", "", "1Gi"),
            "pod has unbound immediate PersistentVolumeClaims."),
        one("where a free one is", hand, "n2", volume("v", "hand", "1Gi", "n2")),
        one(
            "a free one that is too small",
            hand,
            "2 node(s) didn't find available persistent volumes to bind.",
            volume("v", "hand", "1Mi", "n2")),
        one("where somebody makes one already", selected(later, "n2"), "n2"));
  }

  private static Decision decide(Storage storage, Pod pod, NodeInfo... nodes) {
    return new Placement(Plugins.standard())
        .decide(PodInfo.of(pod), Snapshot.of(List.of(nodes)).with(storage));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decides(Case c) {
    Decision decision = decide(c.storage, c.pod, info(node("n1")), info(node("n2")));
    String shown =
        switch (decision) {
          case Decision.Place(String node, int _) -> node;
          case Decision.Unschedulable(String message, var _) ->
              message.replace("0/2 nodes are available: ", "");
        };
    assertThat(shown).isEqualTo(c.result);
  }

  private static Map<ObjectKey, VolumeChoice> choices(Storage storage, Pod pod, String node) {
    return VolumeBinding.choices(PodInfo.of(pod), storage, info(node(node)));
  }

  @Test
  void eachClaimGetsAVolumeOfItsOwn() {
    Storage storage =
        storage(
            List.of(claim("a", "hand", "5Gi"), claim("b", "hand", "1Gi")),
            volume("large", "hand", "10Gi", "n1"),
            volume("small", "hand", "2Gi", "n1"));
    assertThat(choices(storage, using(pod("p"), "a", "b"), "n1"))
        .containsEntry(new ObjectKey("default", "a"), new VolumeChoice("n1", Optional.of("large")))
        .containsEntry(new ObjectKey("default", "b"), new VolumeChoice("n1", Optional.of("small")));
  }

  @Test
  void aFreeVolumeComesBeforeANewOne() {
    PersistentVolumeClaim later = claim("a", "later", "1Gi");
    Storage storage = storage(List.of(later), volume("v", "later", "1Gi", "n1"));
    ObjectKey key = new ObjectKey("default", "a");
    assertThat(choices(storage, using(pod("p"), "a"), "n1"))
        .containsEntry(key, new VolumeChoice("n1", Optional.of("v")));
    assertThat(choices(storage, using(pod("p"), "a"), "n2"))
        .containsEntry(key, new VolumeChoice("n2", Optional.empty()));
  }

  @Test
  void whatWasPromisedIsNotFree() {
    PersistentVolumeClaim hand = claim("a", "hand", "1Gi");
    Storage free = storage(List.of(hand), volume("v", "hand", "1Gi", "n1"));
    Storage promised =
        new Storage(
            free.claims(),
            free.volumes(),
            free.classes(),
            Map.of(new ObjectKey("default", "other"), new VolumeChoice("n1", Optional.of("v"))));
    assertThat(decide(promised, using(pod("p"), "a"), info(node("n1"))))
        .isInstanceOf(Decision.Unschedulable.class);
  }

  @Test
  void podsThatShareAClaimGoWhereItGoes() {
    PersistentVolumeClaim later = claim("a", "later", "1Gi");
    Storage plain = storage(List.of(later));
    Storage chosen =
        new Storage(
            plain.claims(),
            plain.volumes(),
            plain.classes(),
            Map.of(new ObjectKey("default", "a"), new VolumeChoice("n2", Optional.empty())));
    assertThat(decide(chosen, using(pod("p"), "a"), info(node("n1")), info(node("n2"))))
        .isEqualTo(new Decision.Place("n2", 1));
  }

  @Test
  void aClaimForOnePodIsForOnePod() {
    PersistentVolumeClaim.Builder alone = bound(claim("a", "later", "1Gi"), "v").toBuilder();
    alone.getSpecBuilder().clearAccessModes().addAccessModes("ReadWriteOncePod");
    Storage storage = storage(List.of(alone.build()), volume("v", "later", "1Gi", "n1"));
    Pod first = using(pod("first"), "a");
    assertThat(decide(storage, first, info(node("n1")))).isInstanceOf(Decision.Place.class);
    assertThat(decide(storage, using(pod("p"), "a"), info(node("n1"), first)))
        .isInstanceOfSatisfying(
            Decision.Unschedulable.class,
            none ->
                assertThat(none.message())
                    .contains("ReadWriteOncePod access mode already in-use by another pod"));
  }
}
