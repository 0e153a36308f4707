package io.coxswain.node.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.testing.RecordedEvents;
import io.coxswain.node.podsource.FakeStorageObjects;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The node's part in the growing of claims.
final class ClaimGrowthTest {

  private final FakeStorageObjects objects = new FakeStorageObjects();
  private final RecordedEvents events = new RecordedEvents();
  private @Nullable VolumeException refusal;
  private @Nullable IOException lost;
  private int asked;

  private final DriverVolumes drivers =
      new DriverVolumes() {
        @Override
        public Published publish(Pod pod, Volume volume, PersistentVolume one, boolean readOnly) {
          throw new UnsupportedOperationException();
        }

        @Override
        public Published publish(Pod pod, Volume volume) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void grow(Pod pod, PersistentVolume persistent) throws VolumeException, IOException {
          asked++;
          if (lost != null) {
            throw lost;
          }
          if (refusal != null) {
            throw refusal;
          }
        }

        @Override
        public Instant dueAt(String podUid) {
          return Instant.MAX;
        }

        @Override
        public Optional<VolumeFigures> figures(String driver, String handle, Path path) {
          return Optional.empty();
        }

        @Override
        public void takeBack(String podUid) {}
      };

  private static final Pod POD = Pod.getDefaultInstance();

  private static PersistentVolume volume(String size) {
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume.getMetadataBuilder().setName("v");
    volume.getSpecBuilder().putCapacity("storage", Quantities.of(size));
    return volume.build();
  }

  /// @param state of the growing; empty for none
  private static PersistentVolumeClaim claim(String has, String state, String condition) {
    PersistentVolumeClaim.Builder claim = PersistentVolumeClaim.newBuilder();
    claim.getMetadataBuilder().setNamespace("shop").setName("c");
    claim.getStatusBuilder().putCapacity("storage", Quantities.of(has));
    if (!state.isEmpty()) {
      claim.getStatusBuilder().putAllocatedResourceStatuses("storage", state);
    }
    if (!condition.isEmpty()) {
      claim.getStatusBuilder().addConditionsBuilder().setType(condition).setStatus("True");
    }
    return claim.build();
  }

  record Case(String name, boolean due, PersistentVolumeClaim claim) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("as large as it is", false, claim("2Gi", "", "")),
        new Case("others are still at it", false, claim("1Gi", "ControllerResizeInProgress", "")),
        new Case("nobody said that it grows", false, claim("1Gi", "", "")),
        new Case("the node's turn", true, claim("1Gi", "NodeResizePending", "")),
        new Case("begun before", true, claim("1Gi", "NodeResizeInProgress", "")),
        new Case("said by a condition", true, claim("1Gi", "", "FileSystemResizePending")),
        new Case("given up", false, claim("1Gi", "NodeResizeInfeasible", "")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itIsTheNodesTurn(Case one) throws Exception {
    new ClaimGrowth(objects, drivers, events, Clock.systemUTC())
        .settle(POD, one.claim(), volume("2Gi"));
    assertThat(asked == 1).isEqualTo(one.due());
  }

  private PersistentVolumeClaim settled() throws Exception {
    new ClaimGrowth(objects, drivers, events, Clock.systemUTC())
        .settle(POD, claim("1Gi", "NodeResizePending", "FileSystemResizePending"), volume("2Gi"));
    return objects.claim("shop", "c").orElseThrow();
  }

  private static List<String> conditions(PersistentVolumeClaim claim) {
    return claim.getStatus().getConditionsList().stream()
        .map(one -> one.getType() + " " + one.getStatus() + " " + one.getMessage())
        .toList();
  }

  @Test
  void whatHasGrownSaysSo() throws Exception {
    PersistentVolumeClaim claim = settled();
    assertThat(claim.getStatus().getCapacityOrThrow("storage").getString()).isEqualTo("2Gi");
    assertThat(claim.getStatus().getAllocatedResourceStatusesMap()).isEmpty();
    assertThat(claim.getStatus().getConditionsList()).isEmpty();
    assertThat(events.reasons())
        .containsExactly("FileSystemResizeSuccessful", "FileSystemResizeSuccessful");
  }

  @Test
  void whatFailsIsTriedAgain() throws Exception {
    refusal = new VolumeException("not now");
    PersistentVolumeClaim claim = settled();
    assertThat(claim.getStatus().getCapacityOrThrow("storage").getString()).isEqualTo("1Gi");
    assertThat(ClaimGrowth.isDue(claim, volume("2Gi"))).isTrue();
    assertThat(conditions(claim))
        .containsExactly(
            "FileSystemResizePending True ",
            "NodeResizeError True failed to expand pvc with not now");
    assertThat(events.reasons()).containsExactly("VolumeResizeFailed", "VolumeResizeFailed");
  }

  @Test
  void whatCannotBeIsGivenUp() throws Exception {
    refusal = new InfeasibleException("too large", new IllegalStateException());
    PersistentVolumeClaim claim = settled();
    assertThat(claim.getStatus().getAllocatedResourceStatusesOrThrow("storage"))
        .isEqualTo("NodeResizeInfeasible");
    assertThat(ClaimGrowth.isDue(claim, volume("2Gi"))).isFalse();
    assertThat(conditions(claim))
        .contains("NodeResizeError True failed to expand pvc with too large");
  }

  @ParameterizedTest
  @CsvSource({
    "2Gi, true, NodeResizeInProgress",
    "1500Mi, false, NodeResizeInProgress",
    "1500Mi, true, NodeResizeInfeasible",
  })
  void whatFailedIsGivenUpWhenLessIsAskedFor(String asked, boolean before, String state)
      throws Exception {
    refusal = new VolumeException("not now");
    PersistentVolumeClaim.Builder claim =
        claim("1Gi", "NodeResizePending", before ? "NodeResizeError" : "").toBuilder();
    claim.getSpecBuilder().getResourcesBuilder().putRequests("storage", Quantities.of(asked));
    new ClaimGrowth(objects, drivers, events, Clock.systemUTC())
        .settle(POD, claim.build(), volume("2Gi"));
    assertThat(
            objects
                .claim("shop", "c")
                .orElseThrow()
                .getStatus()
                .getAllocatedResourceStatusesOrThrow("storage"))
        .isEqualTo(state);
  }

  @Test
  void whoMayStillBeAtItHasNotRefused() throws Exception {
    lost = new IOException("no answer");
    assertThat(conditions(settled())).containsExactly("FileSystemResizePending True ");
  }

  @Test
  void withoutTheApiNothingIsAsked() throws Exception {
    objects.away(true);
    new ClaimGrowth(objects, drivers, events, Clock.systemUTC())
        .settle(POD, claim("1Gi", "NodeResizePending", ""), volume("2Gi"));
    assertThat(asked).isZero();
  }
}
