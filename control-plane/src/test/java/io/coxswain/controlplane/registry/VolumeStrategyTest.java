package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeStatus;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class VolumeStrategyTest {

  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = MADE.plusSeconds(60);

  private static final PersistentVolume NEW =
      (PersistentVolume) at(MADE).prepareCreate(PersistentVolume.getDefaultInstance());

  private static VolumeStrategy at(Instant now) {
    return new VolumeStrategy(InstantSource.fixed(now));
  }

  private static PersistentVolume with(PersistentVolumeStatus.Builder status) {
    return NEW.toBuilder().setStatus(status).build();
  }

  private static Instant since(PersistentVolume after) {
    PersistentVolume written =
        (PersistentVolume) at(LATER).prepareStatusUpdate("status", NEW, after);
    return Times.instant(written.getStatus().getLastPhaseTransitionTime());
  }

  @Test
  void bothBeginAsPending() {
    PersistentVolumeClaim claim =
        (PersistentVolumeClaim) at(MADE).prepareCreate(PersistentVolumeClaim.getDefaultInstance());

    assertThat(claim.getStatus().getPhase()).isEqualTo("Pending");
    assertThat(NEW.getStatus().getPhase()).isEqualTo("Pending");
    assertThat(Times.instant(NEW.getStatus().getLastPhaseTransitionTime())).isEqualTo(MADE);
  }

  @Test
  void anotherPhaseSaysSinceWhen() {
    assertThat(since(with(NEW.getStatus().toBuilder().setPhase("Bound")))).isEqualTo(LATER);
    assertThat(since(with(NEW.getStatus().toBuilder().setMessage("still")))).isEqualTo(MADE);
  }

  @Test
  void whoSaysSinceWhenIsBelieved() {
    Instant own = MADE.plusSeconds(30);
    assertThat(
            since(
                with(
                    PersistentVolumeStatus.newBuilder()
                        .setPhase("Bound")
                        .setLastPhaseTransitionTime(Times.time(own)))))
        .isEqualTo(own);
  }
}
