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
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.CSIStorageCapacity;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.scheduler.cycle.Decision;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.plugin.Plugins;
import io.coxswain.scheduler.snapshot.DriverStorage;
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
        byKey,
        byName,
        Map.of("later", LATER, "hand", HAND, "fast", AT_ONCE),
        Map.of(),
        DriverStorage.NONE);
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
            Map.of(new ObjectKey("default", "other"), new VolumeChoice("n1", Optional.of("v"))),
            DriverStorage.NONE);
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
            Map.of(new ObjectKey("default", "a"), new VolumeChoice("n2", Optional.empty())),
            DriverStorage.NONE);
    assertThat(decide(chosen, using(pod("p"), "a"), info(node("n1")), info(node("n2"))))
        .isEqualTo(new Decision.Place("n2", 1));
  }

  private static Storage with(Storage storage, DriverStorage drivers) {
    return new Storage(
        storage.claims(), storage.volumes(), storage.classes(), storage.choices(), drivers);
  }

  private static DriverStorage telling(CSIStorageCapacity.Builder... capacities) {
    CSIDriver.Builder driver = CSIDriver.newBuilder();
    driver.getMetadataBuilder().setName("example.com/disk");
    driver.getSpecBuilder().setStorageCapacity(true);
    Map<ObjectKey, CSIStorageCapacity> all = new HashMap<>();
    for (CSIStorageCapacity.Builder one : capacities) {
      all.put(new ObjectKey("default", "c" + all.size()), one.build());
    }
    return new DriverStorage(Map.of("example.com/disk", driver.build()), Map.of(), all, Map.of());
  }

  private static CSIStorageCapacity.Builder left(String node, String size) {
    CSIStorageCapacity.Builder left = CSIStorageCapacity.newBuilder().setStorageClassName("later");
    left.getNodeTopologyBuilder().putMatchLabels("kubernetes.io/hostname", node);
    return left.setCapacity(Quantities.of(size));
  }

  @Test
  void aVolumeIsMadeWhereItsDriverHasRoom() {
    Storage plain = storage(List.of(claim("a", "later", "2Gi")));
    Pod pod = using(pod("p"), "a");
    NodeInfo[] nodes = {info(node("n1")), info(node("n2"))};
    assertThat(decide(with(plain, telling(left("n1", "1Gi"), left("n2", "2Gi"))), pod, nodes))
        .isEqualTo(new Decision.Place("n2", 1));
    assertThat(
            decide(
                with(
                    plain,
                    telling(
                        left("n1", "9Gi").setMaximumVolumeSize(Quantities.of("1Gi")),
                        left("n2", "9Gi").setStorageClassName("other"))),
                pod,
                nodes))
        .isInstanceOfSatisfying(
            Decision.Unschedulable.class,
            none ->
                assertThat(none.message()).contains("2 node(s) did not have enough free storage"));
  }

  private static PersistentVolume ofDriver(String name) {
    PersistentVolume.Builder volume = volume(name, "later", "1Gi", "n1").toBuilder();
    volume
        .getSpecBuilder()
        .getPersistentVolumeSourceBuilder()
        .getCsiBuilder()
        .setDriver("example.com/disk")
        .setVolumeHandle("handle-of-" + name);
    return volume.build();
  }

  @Test
  void aNodeTakesNoMoreVolumesThanItsDriverAttaches() {
    CSINode.Builder most = CSINode.newBuilder();
    most.getMetadataBuilder().setName("n1");
    most.getSpecBuilder()
        .addDriversBuilder()
        .setName("example.com/disk")
        .getAllocatableBuilder()
        .setCount(2);
    VolumeAttachment.Builder attached = VolumeAttachment.newBuilder();
    attached.getSpecBuilder().setNodeName("n1").getSourceBuilder().setPersistentVolumeName("vc");
    DriverStorage limited =
        new DriverStorage(Map.of(), Map.of("n1", most.build()), Map.of(), Map.of());
    Storage plain =
        storage(
            List.of(
                bound(claim("a", "later", "1Gi"), "va"),
                bound(claim("b", "later", "1Gi"), "vb"),
                claim("d", "later", "1Gi")),
            ofDriver("va"),
            ofDriver("vb"),
            ofDriver("vc"));
    Storage storage = with(plain, limited);
    NodeInfo one = info(node("n1"), using(pod("first"), "a"));
    assertThat(decide(storage, using(pod("p"), "a", "b"), one)).isInstanceOf(Decision.Place.class);
    assertThat(decide(storage, using(pod("p"), "b", "d"), one))
        .as("what is not made yet counts, too")
        .isInstanceOfSatisfying(
            Decision.Unschedulable.class,
            none -> assertThat(none.message()).contains("1 node(s) exceed max volume count"));
    Storage leaving =
        with(
            plain,
            new DriverStorage(Map.of(), limited.nodes(), Map.of(), Map.of("x", attached.build())));
    assertThat(decide(leaving, using(pod("p"), "b"), one))
        .as("what a pod that is gone left there counts until it is detached")
        .isInstanceOf(Decision.Unschedulable.class);
    assertThat(decide(leaving, using(pod("p"), "a"), one)).isInstanceOf(Decision.Place.class);
    assertThat(decide(plain, using(pod("p"), "b", "d"), one)).isInstanceOf(Decision.Place.class);
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
