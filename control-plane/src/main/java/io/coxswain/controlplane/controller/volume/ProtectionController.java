package io.coxswain.controlplane.controller.volume;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Keeps claims while pods on nodes use them, and volumes while they are bound. Reads claims,
/// volumes and pods; writes the finalizers `kubernetes.io/pvc-protection` and
/// `kubernetes.io/pv-protection`. Admission sets them on what is new; what is older gets them here.
public final class ProtectionController implements Controller {

  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<PersistentVolume> volumes;
  private final PodIndexes pods;
  private final Resources<PersistentVolumeClaim> claimResources;
  private final Resources<PersistentVolume> volumeResources;
  private final Resources<Pod> podResources;
  private final Work work;

  public ProtectionController(ControllerContext context, PodIndexes pods) {
    this.claims = context.informers().informer(PersistentVolumeClaim.class);
    this.volumes = context.informers().informer(PersistentVolume.class);
    this.pods = pods;
    this.claimResources = context.client().resources(PersistentVolumeClaim.class);
    this.volumeResources = context.client().resources(PersistentVolume.class);
    this.podResources = context.client().resources(Pod.class);
    this.work = new Work("volume-protection", 2, context, this::reconcile, this::everything);
    claims.addHandler(Handler.each(work::enqueue));
    volumes.addHandler(Handler.each(work::enqueue));
    pods.informer()
        .addHandler(
            new Handler<>() {
              @Override
              public void updated(Pod before, Pod after) {
                // another of the same name may use others
                if (isShutDown(after) || !ObjectMetas.read(before).getUid().equals(uid(after))) {
                  wakeClaimsOf(before);
                }
              }

              @Override
              public void deleted(Pod last) {
                wakeClaimsOf(last);
              }
            });
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

  private void wakeClaimsOf(Pod pod) {
    for (String name : Claims.namesOf(pod)) {
      work.enqueue(new ObjectKey(pod.getMetadata().getNamespace(), name));
    }
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }

  private Result reconcile(ObjectKey key) {
    if (key.namespace().isEmpty()) {
      volumes
          .find(key)
          .ifPresent(volume ->
              protect(
                  volumeResources,
                  volume,
                  VolumeMarks.VOLUME_PROTECTION,
                  volume.getStatus().getPhase().equals("Bound")));
      return Result.done();
    }
    Optional<PersistentVolumeClaim> claim = claims.find(key);
    if (claim.isPresent()) {
      protect(
          claimResources,
          claim.get(),
          VolumeMarks.CLAIM_PROTECTION,
          claim.get().getMetadata().hasDeletionTimestamp() && isUsed(claim.get()));
    }
    return Result.done();
  }

  private static <T extends Message> void protect(
      Resources<T> resources, T object, String finalizer, boolean used) {
    ObjectMeta meta = ObjectMetas.read(object);
    boolean has = meta.getFinalizersList().contains(finalizer);
    if (!meta.hasDeletionTimestamp() && !has) {
      T _ = resources.update(ObjectMetas.edit(object, one -> one.addFinalizers(finalizer)));
    }
    if (meta.hasDeletionTimestamp() && has && !used) {
      T _ = resources.update(without(object, finalizer));
    }
  }

  static <T extends Message> T without(T object, String finalizer) {
    List<String> kept =
        ObjectMetas.read(object).getFinalizersList().stream()
            .filter(one -> !one.equals(finalizer))
            .toList();
    return ObjectMetas.edit(object, meta -> meta.clearFinalizers().addAllFinalizers(kept));
  }

  /// Asks the API as well: of a pod that was just made, the informer may not have heard.
  private boolean isUsed(PersistentVolumeClaim claim) {
    ObjectKey key = ObjectMetas.key(claim);
    return pods.usingClaim(key).stream().anyMatch(pod -> uses(pod, claim))
        || podResources.list(ListOptions.in(key.namespace())).items().stream()
            .filter(pod -> Claims.namesOf(pod).contains(key.name()))
            .anyMatch(pod -> uses(pod, claim));
  }

  /// A pod without a node does not: no agent starts one whose claim is being deleted.
  private static boolean uses(Pod pod, PersistentVolumeClaim claim) {
    if (pod.getSpec().getNodeName().isEmpty()) {
      return false;
    }
    String name = claim.getMetadata().getName();
    boolean named =
        pod.getSpec().getVolumesList().stream()
            .anyMatch(volume ->
                volume.getVolumeSource().getPersistentVolumeClaim().getClaimName().equals(name));
    return named || (!isShutDown(pod) && Claims.isMadeFor(pod, claim));
  }

  /// Its agent is done with it, or somebody was in a hurry.
  private static boolean isShutDown(Pod pod) {
    return PodFacts.isTerminating(pod)
        && pod.getMetadata().hasDeletionGracePeriodSeconds()
        && pod.getMetadata().getDeletionGracePeriodSeconds() == 0;
  }
}
