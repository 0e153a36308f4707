package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeClaimStatus;
import io.coxswain.api.core.v1.PersistentVolumeStatus;
import io.coxswain.client.codec.Times;
import java.time.InstantSource;

/// Volumes and claims to them begin as pending, until somebody brings them together. Of a volume it
/// is known since when it is what it is.
record VolumeStrategy(InstantSource clock) implements Strategy {

  private static final String PENDING = "Pending";

  @Override
  public boolean countsGenerations() {
    return false;
  }

  @Override
  public Message prepareCreate(Message object) {
    return switch (object) {
      case PersistentVolume volume ->
          volume.toBuilder()
              .setStatus(
                  PersistentVolumeStatus.newBuilder()
                      .setPhase(PENDING)
                      .setLastPhaseTransitionTime(Times.time(clock.instant())))
              .build();
      case PersistentVolumeClaim claim ->
          claim.toBuilder()
              .setStatus(PersistentVolumeClaimStatus.newBuilder().setPhase(PENDING))
              .build();
      default -> object;
    };
  }

  @Override
  public Message prepareStatusUpdate(String part, Message before, Message after) {
    if (!(before instanceof PersistentVolume old) || !(after instanceof PersistentVolume volume)) {
      return after;
    }
    boolean another = !old.getStatus().getPhase().equals(volume.getStatus().getPhase());
    boolean told =
        volume.getStatus().hasLastPhaseTransitionTime()
            && !volume
                .getStatus()
                .getLastPhaseTransitionTime()
                .equals(old.getStatus().getLastPhaseTransitionTime());
    if (!another || told) {
      return after;
    }
    PersistentVolume.Builder changed = volume.toBuilder();
    changed.getStatusBuilder().setLastPhaseTransitionTime(Times.time(clock.instant()));
    return changed.build();
  }
}
