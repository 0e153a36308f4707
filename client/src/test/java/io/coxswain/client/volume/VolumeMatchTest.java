package io.coxswain.client.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.client.codec.Quantities;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VolumeMatchTest {

  private static final PersistentVolumeClaim CLAIM = claim("ReadWriteOnce");

  private static PersistentVolumeClaim claim(String mode) {
    PersistentVolumeClaim.Builder claim = PersistentVolumeClaim.newBuilder();
    claim.getMetadataBuilder().setNamespace("d").setName("c").setUid("u");
    claim.getSpecBuilder().addAccessModes(mode);
    claim.getSpecBuilder().getResourcesBuilder().putRequests("storage", Quantities.of("1Gi"));
    return claim.build();
  }

  private static PersistentVolume volume(String name, String size, String... modes) {
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume.getMetadataBuilder().setName(name);
    volume
        .getSpecBuilder()
        .addAllAccessModes(List.of(modes))
        .putCapacity("storage", Quantities.of(size));
    volume.getStatusBuilder().setPhase("Available");
    return volume.build();
  }

  private static Optional<String> found(PersistentVolumeClaim claim, PersistentVolume... all) {
    return VolumeMatch.find(claim, List.of(all), false).map(one -> one.getMetadata().getName());
  }

  @Test
  void fewerAccessModesComeBeforeLessSize() {
    PersistentVolume many = volume("many", "1Gi", "ReadWriteOnce", "ReadWriteMany");
    PersistentVolume few = volume("few", "9Gi", "ReadWriteOnce");
    assertThat(found(CLAIM, many, few)).contains("few");
    assertThat(found(CLAIM, many)).contains("many");
    assertThat(found(claim("ReadWriteMany"), many, few)).contains("many");
    assertThat(found(claim("ReadOnlyMany"), many, few)).isEmpty();
  }

  @Test
  void oneThatIsNotAvailableIsNotTaken() {
    PersistentVolume.Builder released = volume("v", "1Gi", "ReadWriteOnce").toBuilder();
    released.getStatusBuilder().setPhase("Released");
    assertThat(found(CLAIM, released.build())).isEmpty();
  }

  @Test
  void onANodeOnlyWhatItReachesAndNobodyWasPromised() {
    PersistentVolume near = volume("near", "2Gi", "ReadWriteOnce");
    PersistentVolume far = volume("far", "1Gi", "ReadWriteOnce");
    List<PersistentVolume> all = List.of(near, far);
    assertThat(VolumeMatch.find(CLAIM, all, one -> one.equals(near), Set.of())).contains(near);
    assertThat(VolumeMatch.find(CLAIM, all, one -> true, Set.of("far"))).contains(near);
    PersistentVolume.Builder reserved = far.toBuilder();
    reserved.getSpecBuilder().getClaimRefBuilder().setNamespace("d").setName("c");
    assertThat(
            VolumeMatch.find(
                CLAIM, List.of(near, reserved.build()), one -> one.equals(near), Set.of()))
        .as("the one that is reserved is elsewhere")
        .isEmpty();
  }

  @Test
  void aVolumeSaysWhereItIs() {
    PersistentVolume.Builder here = volume("v", "1Gi", "ReadWriteOnce").toBuilder();
    assertThat(NodeTerms.reach(here.build(), "n1", Map.of())).isTrue();
    here.getSpecBuilder()
        .getNodeAffinityBuilder()
        .getRequiredBuilder()
        .addNodeSelectorTerms(
            NodeSelectorTerm.newBuilder()
                .addMatchExpressions(
                    NodeSelectorRequirement.newBuilder()
                        .setKey("zone")
                        .setOperator("In")
                        .addValues("a")))
        .addNodeSelectorTerms(
            NodeSelectorTerm.newBuilder()
                .addMatchFields(
                    NodeSelectorRequirement.newBuilder()
                        .setKey("metadata.name")
                        .setOperator("In")
                        .addValues("n2")));
    assertThat(NodeTerms.reach(here.build(), "n1", Map.of("zone", "a"))).isTrue();
    assertThat(NodeTerms.reach(here.build(), "n1", Map.of("zone", "b"))).isFalse();
    assertThat(NodeTerms.reach(here.build(), "n2", Map.of())).isTrue();
  }
}
