package io.coxswain.node.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeClaimCondition;
import io.coxswain.api.core.v1.PersistentVolumeClaimStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Times;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.volume.Claims;
import io.coxswain.node.podsource.StorageObjects;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last step in the growing of a claim, where its driver has something to do on the node of a
/// pod, as to enlarge the file system. Writes the claim's `status.capacity` then, takes the
/// conditions of the growing away, and says in `allocatedResourceStatuses` how far it is
/// (KEP-1790). A volume that does not grow is none the worse for the pod.
final class ClaimGrowth {

  private static final Logger log = LoggerFactory.getLogger(ClaimGrowth.class);

  private static final String STORAGE = "storage";
  private static final String PENDING = "NodeResizePending";
  private static final String IN_PROGRESS = "NodeResizeInProgress";
  private static final String INFEASIBLE = "NodeResizeInfeasible";
  private static final String FILE_SYSTEM = "FileSystemResizePending";
  private static final String ERROR = "NodeResizeError";
  private static final Set<String> CONDITIONS =
      Set.of(FILE_SYSTEM, "Resizing", ERROR, "ControllerResizeError");

  private final StorageObjects objects;
  private final DriverVolumes drivers;
  private final EventRecorder events;
  private final Clock clock;

  ClaimGrowth(StorageObjects objects, DriverVolumes drivers, EventRecorder events, Clock clock) {
    this.objects = objects;
    this.drivers = drivers;
    this.events = events;
    this.clock = clock;
  }

  /// Whether the volume has become larger than its claim says, and it is the node's turn.
  static boolean isDue(PersistentVolumeClaim claim, PersistentVolume volume) {
    Quantity has = claim.getStatus().getCapacityOrDefault(STORAGE, Quantities.ZERO);
    if (Quantities.compare(Claims.capacity(volume), has) <= 0) {
      return false;
    }
    return switch (claim.getStatus().getAllocatedResourceStatusesOrDefault(STORAGE, "")) {
      case PENDING, IN_PROGRESS -> true;
      case "" ->
          claim.getStatus().getConditionsList().stream()
              .anyMatch(one -> one.getType().equals(FILE_SYSTEM) && one.getStatus().equals("True"));
      default -> false;
    };
  }

  /// Blocks on the driver and the API.
  void settle(Pod pod, PersistentVolumeClaim claim, PersistentVolume volume)
      throws InterruptedException {
    if (!isDue(claim, volume)) {
      return;
    }
    String name = volume.getMetadata().getName();
    try {
      PersistentVolumeClaim begun = write(claim, status(claim, IN_PROGRESS));
      try {
        drivers.grow(pod, volume);
      } catch (VolumeException e) {
        PersistentVolumeClaim _ = write(begun, refused(begun, volume, e));
        throw e;
      }
      PersistentVolumeClaim _ = write(begun, done(begun, Claims.capacity(volume)));
      String told = "MountVolume.NodeExpandVolume succeeded for volume \"%s\"".formatted(name);
      events.normal(pod, "FileSystemResizeSuccessful", told);
      events.normal(claim, "FileSystemResizeSuccessful", told);
    } catch (VolumeException | IOException e) {
      String told =
          "MountVolume.NodeExpandVolume failed for volume \"%s\": %s"
              .formatted(name, e.getMessage());
      events.warning(pod, "VolumeResizeFailed", told);
      events.warning(claim, "VolumeResizeFailed", told);
    } catch (ApiException e) {
      // another time: the claim still says that it waits
      log.info("the growing of volume {} is not told: {}", name, e.getMessage());
    }
  }

  private PersistentVolumeClaim write(
      PersistentVolumeClaim claim, PersistentVolumeClaimStatus status) {
    return claim.getStatus().equals(status)
        ? claim
        : objects.writeStatus(claim.toBuilder().setStatus(status).build());
  }

  private static PersistentVolumeClaimStatus status(PersistentVolumeClaim claim, String how) {
    return claim.getStatus().toBuilder().putAllocatedResourceStatuses(STORAGE, how).build();
  }

  /// The condition says why. It is given up when it never can be, and when it failed before and the
  /// claim no longer asks for this size: whoever makes volumes larger may settle for less then.
  private PersistentVolumeClaimStatus refused(
      PersistentVolumeClaim claim, PersistentVolume volume, VolumeException why) {
    Optional<PersistentVolumeClaimCondition> before =
        claim.getStatus().getConditionsList().stream()
            .filter(one -> one.getType().equals(ERROR))
            .findFirst();
    boolean otherwise = Quantities.compare(Claims.requested(claim), Claims.capacity(volume)) != 0;
    PersistentVolumeClaimStatus.Builder status =
        why instanceof InfeasibleException || (before.isPresent() && otherwise)
            ? status(claim, INFEASIBLE).toBuilder()
            : claim.getStatus().toBuilder();
    String message = "failed to expand pvc with " + why.getMessage();
    PersistentVolumeClaimCondition now =
        before
            .filter(one -> one.getStatus().equals("True") && one.getMessage().equals(message))
            .orElseGet(() ->
                PersistentVolumeClaimCondition.newBuilder()
                    .setType(ERROR)
                    .setStatus("True")
                    .setLastTransitionTime(Times.time(clock.instant()))
                    .setMessage(message)
                    .build());
    status.clearConditions();
    claim.getStatus().getConditionsList().stream()
        .filter(one -> !one.getType().equals(ERROR))
        .forEach(status::addConditions);
    return status.addConditions(now).build();
  }

  private static PersistentVolumeClaimStatus done(PersistentVolumeClaim claim, Quantity capacity) {
    PersistentVolumeClaimStatus.Builder status =
        claim.getStatus().toBuilder()
            .putCapacity(STORAGE, capacity)
            .removeAllocatedResourceStatuses(STORAGE)
            .clearConditions();
    claim.getStatus().getConditionsList().stream()
        .filter(one -> !CONDITIONS.contains(one.getType()))
        .forEach(status::addConditions);
    return status.build();
  }
}
