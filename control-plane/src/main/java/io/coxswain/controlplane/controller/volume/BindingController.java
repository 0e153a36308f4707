package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Binds claims and volumes. Reads claims, volumes, classes and pods. Writes of a volume
/// `spec.claimRef` and its status, of a claim `spec.volumeName`, `spec.storageClassName` where
/// there was none, the annotations that tell of the binding and of the provisioner, and its status.
///
/// One thread works on all of them, since the choice for one claim takes the volume from others. It
/// may still look at a picture from before its last step: then the API refuses the write, and it
/// looks again.
public final class BindingController implements Controller {

  /// Waiting claims are looked at again after this long, and what they wait for is said again.
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private static final String UNBOUND = "unbound";

  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<PersistentVolume> volumes;
  private final Informer<StorageClass> classes;
  private final PodIndexes pods;
  private final Resources<PersistentVolumeClaim> claimResources;
  private final Resources<PersistentVolume> volumeResources;
  private final EventRecorder events;
  private final Work work;

  public BindingController(ControllerContext context, PodIndexes pods) {
    this.claims =
        context
            .informers()
            .informer(PersistentVolumeClaim.class)
            .addIndex(
                UNBOUND,
                claim ->
                    claim.getMetadata().containsAnnotations(VolumeMarks.BIND_COMPLETED)
                        ? List.of()
                        : List.of(UNBOUND));
    this.volumes = context.informers().informer(PersistentVolume.class);
    this.classes = context.informers().informer(StorageClass.class);
    this.pods = pods;
    this.claimResources = context.client().resources(PersistentVolumeClaim.class);
    this.volumeResources = context.client().resources(PersistentVolume.class);
    this.events = context.events();
    this.work = new Work("persistentvolume-binder", 1, context, this::reconcile, this::everything);
    claims.addHandler(
        Handler.each(claim -> {
          work.enqueue(claim);
          if (!claim.getSpec().getVolumeName().isEmpty()) {
            work.enqueue(new ObjectKey("", claim.getSpec().getVolumeName()));
          }
          // of one that was deleted before it knew of its volume
          reservedFor(ObjectMetas.key(claim)).forEach(work::enqueue);
        }));
    volumes.addHandler(
        Handler.each(volume -> {
          work.enqueue(volume);
          if (volume.getSpec().hasClaimRef()) {
            work.enqueue(claimOf(volume));
          } else {
            wakeUnbound();
          }
        }));
    classes.addHandler(Handler.each(_ -> wakeUnbound()));
  }

  @Override
  public Work work() {
    return work;
  }

  private List<ObjectKey> everything() {
    List<ObjectKey> keys = new ArrayList<>();
    claims.list().forEach(claim -> keys.add(ObjectMetas.key(claim)));
    volumes.list().forEach(volume -> keys.add(ObjectMetas.key(volume)));
    return keys;
  }

  private void wakeUnbound() {
    claims.byIndex(UNBOUND, UNBOUND).forEach(work::enqueue);
  }

  private List<PersistentVolume> reservedFor(ObjectKey claim) {
    return volumes.list().stream()
        .filter(volume -> volume.getSpec().hasClaimRef() && claimOf(volume).equals(claim))
        .toList();
  }

  private static ObjectKey claimOf(PersistentVolume volume) {
    var claim = volume.getSpec().getClaimRef();
    return new ObjectKey(claim.getNamespace(), claim.getName());
  }

  private Result reconcile(ObjectKey key) {
    if (key.namespace().isEmpty()) {
      volumes.find(key).ifPresent(this::carryOn);
      return Result.done();
    }
    Optional<PersistentVolumeClaim> claim = claims.find(key);
    return claim.isPresent() ? carryOn(claim.get()) : Result.done();
  }

  private Result carryOn(PersistentVolumeClaim claim) {
    ClaimSnapshot snapshot =
        new ClaimSnapshot(claim, volumes.list(), classes.list(), unscheduled(claim));
    switch (ClaimPlan.of(snapshot)) {
      case ClaimPlan.Nothing() -> {
        return Result.done();
      }
      case ClaimPlan.Bind(PersistentVolume volume) -> bind(volume, claim);
      case ClaimPlan.Wait(Optional<Note> note) -> {
        note.ifPresent(one -> events.event(claim, one.type(), one.reason(), one.message()));
        PersistentVolumeClaim.Builder waiting = claim.toBuilder();
        waiting.getStatusBuilder().setPhase("Pending").clearAccessModes().clearCapacity();
        writeStatus(claim, waiting.build());
        return Result.after(AGAIN);
      }
      case ClaimPlan.AssignClass(String name) -> {
        PersistentVolumeClaim.Builder named = claim.toBuilder();
        named.getSpecBuilder().setStorageClassName(name);
        var _ = claimResources.update(named.build());
      }
      case ClaimPlan.Provision(StorageClass from) -> {
        askFor(claim, from);
        return Result.after(AGAIN);
      }
      case ClaimPlan.Lose(Note note) -> {
        PersistentVolumeClaim.Builder lost = claim.toBuilder();
        lost.getStatusBuilder().setPhase("Lost").clearAccessModes().clearCapacity();
        writeStatus(claim, lost.build());
        events.event(claim, note.type(), note.reason(), note.message());
      }
    }
    return Result.done();
  }

  private List<String> unscheduled(PersistentVolumeClaim claim) {
    return pods.usingClaim(ObjectMetas.key(claim)).stream()
        .filter(pod -> pod.getSpec().getNodeName().isEmpty())
        .map(Pod::getMetadata)
        .map(meta -> meta.getName())
        .sorted()
        .toList();
  }

  /// The volume first: no claim says that it has a volume which does not say so, too.
  private void bind(PersistentVolume volume, PersistentVolumeClaim claim) {
    PersistentVolume bound = Binding.of(volume, claim);
    if (!bound.equals(volume)) {
      bound = volumeResources.update(bound);
    }
    bound = phase(bound, "Bound", "");
    PersistentVolumeClaim has = Binding.of(claim, bound);
    if (!has.equals(claim)) {
      has = claimResources.update(has);
    }
    writeStatus(has, Binding.status(has, bound));
  }

  private void askFor(PersistentVolumeClaim claim, StorageClass from) {
    String provisioner = from.getProvisioner();
    PersistentVolumeClaim.Builder asked = claim.toBuilder();
    asked
        .getMetadataBuilder()
        .putAnnotations(VolumeMarks.PROVISIONER, provisioner)
        .putAnnotations(VolumeMarks.OLD_PROVISIONER, provisioner);
    if (!asked.build().equals(claim)) {
      var _ = claimResources.update(asked.build());
    }
    if (!provisioner.equals(VolumeMarks.LOCAL_PROVISIONER)) {
      events.normal(
          claim,
          "ExternalProvisioning",
          "Waiting for a volume to be created either by the external provisioner '%s' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
              .formatted(provisioner));
    }
  }

  private void carryOn(PersistentVolume volume) {
    switch (VolumePlan.of(volume, claimFor(volume))) {
      case VolumePlan.Phase(String phase) -> {
        PersistentVolume _ = phase(volume, phase, "");
      }
      case VolumePlan.Release(Optional<Note> failure) -> release(volume, failure);
      case VolumePlan.Unbind() -> {
        PersistentVolume _ = phase(volumeResources.update(Binding.undone(volume)), "Available", "");
      }
      case VolumePlan.WakeClaim() -> work.enqueue(claimOf(volume));
      case VolumePlan.Mismatch() -> tellMismatch(volume);
    }
  }

  /// What an informer has not heard of may still be there: a volume is not given up by a rumour.
  private Optional<PersistentVolumeClaim> claimFor(PersistentVolume volume) {
    String uid = volume.getSpec().getClaimRef().getUid();
    if (uid.isEmpty()) {
      return Optional.empty();
    }
    ObjectKey key = claimOf(volume);
    Optional<PersistentVolumeClaim> known = claims.find(key).filter(one -> isSame(one, uid));
    String phase = volume.getStatus().getPhase();
    if (known.isPresent() || phase.equals("Released") || phase.equals("Failed")) {
      return known;
    }
    return claimResources.find(key.namespace(), key.name()).filter(one -> isSame(one, uid));
  }

  private static boolean isSame(PersistentVolumeClaim claim, String uid) {
    return claim.getMetadata().getUid().equals(uid);
  }

  private void release(PersistentVolume volume, Optional<Note> failure) {
    String phase = volume.getStatus().getPhase();
    PersistentVolume released = volume;
    if (!phase.equals("Released") && !phase.equals("Failed")) {
      released = phase(volume, "Released", "");
    }
    if (failure.isPresent() && !released.getStatus().getPhase().equals("Failed")) {
      Note note = failure.get();
      PersistentVolume failed = phase(released, "Failed", note.message());
      events.event(failed, note.type(), note.reason(), note.message());
    }
  }

  private void tellMismatch(PersistentVolume volume) {
    String name = volume.getSpec().getClaimRef().getName();
    events.warning(
        volume,
        "VolumeMismatch",
        "Cannot bind PersistentVolume to requested PersistentVolumeClaim \"%s\" due to incompatible volumeMode."
            .formatted(name));
    claims
        .find(claimOf(volume))
        .ifPresent(claim ->
            events.warning(
                claim,
                "VolumeMismatch",
                "Cannot bind PersistentVolume \"%s\" to requested PersistentVolumeClaim due to incompatible volumeMode."
                    .formatted(volume.getMetadata().getName())));
  }

  private PersistentVolume phase(PersistentVolume volume, String phase, String message) {
    if (volume.getStatus().getPhase().equals(phase)) {
      return volume;
    }
    PersistentVolume.Builder changed = volume.toBuilder();
    changed.getStatusBuilder().setPhase(phase).setMessage(message).clearReason();
    return volumeResources.updateStatus(changed.build());
  }

  private void writeStatus(PersistentVolumeClaim before, PersistentVolumeClaim after) {
    if (!after.equals(before)) {
      Meanwhile.gone(() -> {
        PersistentVolumeClaim _ = claimResources.updateStatus(after);
      });
    }
  }
}
