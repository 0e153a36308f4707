package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentSpec;
import io.coxswain.api.apps.v1.DeploymentStrategy;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetSpec;
import io.coxswain.api.apps.v1.RollingUpdateDeployment;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.Times;
import io.coxswain.schema.ResourceType;
import java.time.Instant;
import java.util.function.Consumer;

/// Objects that tests begin with.
public final class Samples {

  public static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  public static final String NAMESPACE = "shop";

  private static final ResourceType<ReplicaSet> REPLICA_SET = ResourceType.of(ReplicaSet.class);

  private Samples() {}

  public static ObjectMeta.Builder meta(String name) {
    return ObjectMeta.newBuilder()
        .setName(name)
        .setNamespace(NAMESPACE)
        .setUid("uid-" + name)
        .setGeneration(1)
        .setCreationTimestamp(Times.time(NOW));
  }

  public static PodTemplateSpec template(String image) {
    return PodTemplateSpec.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().putLabels("app", "web"))
        .setSpec(
            PodSpec.newBuilder()
                .addContainers(Container.newBuilder().setName("web").setImage(image)))
        .build();
  }

  /// Selects `app=web`.
  public static ReplicaSet replicaSet(String name, int replicas) {
    return ReplicaSet.newBuilder()
        .setMetadata(meta(name).putLabels("app", "web"))
        .setSpec(
            ReplicaSetSpec.newBuilder()
                .setReplicas(replicas)
                .setSelector(LabelSelector.newBuilder().putMatchLabels("app", "web"))
                .setTemplate(template("one")))
        .build();
  }

  /// A pod labelled `app=web` that nobody controls.
  public static Pod pod(String name) {
    return Pod.newBuilder().setMetadata(meta(name).putLabels("app", "web")).build();
  }

  public static Pod ownedBy(ReplicaSet set, Pod pod) {
    return pod.toBuilder()
        .setMetadata(
            OwnerReferences.add(
                pod.getMetadata(), OwnerReferences.controller(REPLICA_SET, set.getMetadata())))
        .build();
  }

  public static Pod running(Pod pod, String node) {
    Pod.Builder running = pod.toBuilder();
    running.getSpecBuilder().setNodeName(node);
    running.getStatusBuilder().setPhase("Running");
    return running.build();
  }

  public static Pod ready(Pod pod, Instant since) {
    return pod.toBuilder()
        .setStatus(
            PodStatus.newBuilder(pod.getStatus())
                .setPhase("Running")
                .clearConditions()
                .addConditions(
                    PodCondition.newBuilder()
                        .setType("Ready")
                        .setStatus("True")
                        .setLastTransitionTime(Times.time(since))))
        .build();
  }

  public static Pod terminating(Pod pod) {
    Pod.Builder terminating = pod.toBuilder();
    terminating.getMetadataBuilder().setDeletionTimestamp(Times.time(NOW));
    return terminating.build();
  }

  public static Pod finished(Pod pod, String phase) {
    Pod.Builder finished = pod.toBuilder();
    finished.getStatusBuilder().setPhase(phase);
    return finished.build();
  }

  public static Deployment deployment(
      String name, int replicas, Consumer<DeploymentSpec.Builder> edit) {
    DeploymentSpec.Builder spec =
        DeploymentSpec.newBuilder()
            .setReplicas(replicas)
            .setRevisionHistoryLimit(10)
            .setProgressDeadlineSeconds(600)
            .setSelector(LabelSelector.newBuilder().putMatchLabels("app", "web"))
            .setStrategy(rolling("25%", "25%"))
            .setTemplate(template("one"));
    edit.accept(spec);
    return Deployment.newBuilder().setMetadata(meta(name)).setSpec(spec).build();
  }

  public static DeploymentStrategy rolling(String maxSurge, String maxUnavailable) {
    return DeploymentStrategy.newBuilder()
        .setType("RollingUpdate")
        .setRollingUpdate(
            RollingUpdateDeployment.newBuilder()
                .setMaxSurge(intOrString(maxSurge))
                .setMaxUnavailable(intOrString(maxUnavailable)))
        .build();
  }

  public static DeploymentStrategy recreate() {
    return DeploymentStrategy.newBuilder().setType("Recreate").build();
  }

  public static IntOrString intOrString(String text) {
    return text.endsWith("%")
        ? IntOrString.newBuilder().setType(1).setStrVal(text).build()
        : IntOrString.newBuilder().setIntVal(Integer.parseInt(text)).build();
  }
}
