package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeClaimTemplate;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.volume.Claims;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.schema.ResourceType;
import java.util.Optional;

/// Makes the claims of pods' generic ephemeral volumes, which the pods own. Reads pods and claims;
/// creates claims.
public final class EphemeralVolumeController implements Controller {

  private static final ResourceType<Pod> POD = ResourceType.of(Pod.class);

  private final Informer<Pod> pods;
  private final Informer<PersistentVolumeClaim> claims;
  private final Resources<PersistentVolumeClaim> resources;
  private final EventRecorder events;
  private final Work work;

  public EphemeralVolumeController(ControllerContext context, PodIndexes pods) {
    this.pods = pods.informer();
    this.claims = context.informers().informer(PersistentVolumeClaim.class);
    this.resources = context.client().resources(PersistentVolumeClaim.class);
    this.events = context.events();
    this.work =
        new Work(
            "ephemeral-volume",
            2,
            context,
            this::reconcile,
            () ->
                this.pods.list().stream()
                    .filter(EphemeralVolumeController::concerns)
                    .map(ObjectMetas::key)
                    .toList());
    this.pods.addHandler(
        Handler.each(pod -> {
          if (concerns(pod)) {
            work.enqueue(pod);
          }
        }));
    claims.addHandler(
        new Handler<>() {
          @Override
          public void deleted(PersistentVolumeClaim last) {
            // a pod that was waiting for the name, or whose claim somebody deleted
            pods.usingClaim(ObjectMetas.key(last)).stream()
                .filter(EphemeralVolumeController::concerns)
                .forEach(work::enqueue);
          }
        });
  }

  @Override
  public Work work() {
    return work;
  }

  private static boolean concerns(Pod pod) {
    return PodFacts.isActive(pod)
        && pod.getSpec().getVolumesList().stream()
            .anyMatch(volume -> volume.getVolumeSource().hasEphemeral());
  }

  private Result reconcile(ObjectKey key) {
    Optional<Pod> pod = pods.find(key).filter(EphemeralVolumeController::concerns);
    if (pod.isEmpty()) {
      return Result.done();
    }
    for (Volume volume : pod.get().getSpec().getVolumesList()) {
      if (volume.getVolumeSource().hasEphemeral()) {
        Optional<String> problem = ensure(pod.get(), volume);
        if (problem.isPresent()) {
          events.warning(
              pod.get(),
              "FailedBinding",
              "ephemeral volume %s: %s".formatted(volume.getName(), problem.get()));
          return Result.retry();
        }
      }
    }
    return Result.done();
  }

  /// What keeps the volume from its claim, if anything does.
  private Optional<String> ensure(Pod pod, Volume volume) {
    String namespace = pod.getMetadata().getNamespace();
    String name = Claims.nameOf(pod, volume).orElseThrow();
    try {
      PersistentVolumeClaim claim =
          claims
              .find(namespace, name)
              .or(() -> created(made(pod, volume, name)))
              .orElseGet(() -> resources.read(namespace, name));
      return Claims.isMadeFor(pod, claim)
          ? Optional.empty()
          : Optional.of(Claims.notMadeFor(pod, claim));
    } catch (ApiException e) {
      return Optional.of("create PVC %s: %s".formatted(name, e.getMessage()));
    }
  }

  /// Empty when there is one of that name already, which the informer has not heard of yet: a claim
  /// that appears wakes nobody here, so whose it is must be read now.
  private Optional<PersistentVolumeClaim> created(PersistentVolumeClaim claim) {
    try {
      return Optional.of(resources.create(claim));
    } catch (ApiException e) {
      if (e.isAlreadyExists()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static PersistentVolumeClaim made(Pod pod, Volume volume, String name) {
    PersistentVolumeClaimTemplate template =
        volume.getVolumeSource().getEphemeral().getVolumeClaimTemplate();
    PersistentVolumeClaim.Builder claim =
        PersistentVolumeClaim.newBuilder().setSpec(template.getSpec());
    claim
        .getMetadataBuilder()
        .setNamespace(pod.getMetadata().getNamespace())
        .setName(name)
        .putAllLabels(template.getMetadata().getLabelsMap())
        .putAllAnnotations(template.getMetadata().getAnnotationsMap())
        .addOwnerReferences(OwnerReferences.controller(POD, pod.getMetadata()));
    return claim.build();
  }
}
