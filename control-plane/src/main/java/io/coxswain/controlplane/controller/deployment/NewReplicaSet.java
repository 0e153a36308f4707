package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetSpec;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.schema.ResourceType;
import java.util.Map;

/// The set that a new template needs.
final class NewReplicaSet {

  private static final ResourceType<Deployment> DEPLOYMENT = ResourceType.of(Deployment.class);

  private NewReplicaSet() {}

  /// Its name comes from the template, so that creating it again after a crash finds the first one.
  static ReplicaSet of(Rollout rollout, int size) {
    Deployment deployment = rollout.deployment();
    ObjectMeta owner = deployment.getMetadata();
    PodTemplateSpec template = deployment.getSpec().getTemplate();
    String hash = TemplateHash.of(template, deployment.getStatus().getCollisionCount());
    PodTemplateSpec.Builder labeled = TemplateHash.bare(template).toBuilder();
    labeled.getMetadataBuilder().putLabels(TemplateHash.LABEL, hash);
    Map<String, String> annotations =
        Annotations.withSizes(
            Annotations.forNewSet(Map.of(), deployment, revision(rollout)),
            rollout.bounds().replicas(),
            rollout.bounds().most());
    return ReplicaSet.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setName(owner.getName() + "-" + hash)
                .setNamespace(owner.getNamespace())
                .putAllLabels(labeled.getMetadata().getLabelsMap())
                .putAllAnnotations(annotations)
                .addOwnerReferences(OwnerReferences.controller(DEPLOYMENT, owner)))
        .setSpec(
            ReplicaSetSpec.newBuilder()
                .setReplicas(size)
                .setMinReadySeconds(deployment.getSpec().getMinReadySeconds())
                .setSelector(
                    deployment.getSpec().getSelector().toBuilder()
                        .putMatchLabels(TemplateHash.LABEL, hash))
                .setTemplate(labeled))
        .build();
  }

  /// The revision of the current template: above all others.
  static long revision(Rollout rollout) {
    long others =
        rollout.old().stream()
            .mapToLong(set -> Annotations.revision(set.getMetadata()))
            .max()
            .orElse(0);
    long own = rollout.current().map(set -> Annotations.revision(set.getMetadata())).orElse(0L);
    return Math.max(own, others + 1);
  }
}
