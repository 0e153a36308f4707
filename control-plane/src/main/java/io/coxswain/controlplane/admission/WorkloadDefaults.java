package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.DaemonSetUpdateStrategy;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentStrategy;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy;
import io.coxswain.api.batch.v1.Job;
import io.coxswain.api.batch.v1.JobSpec;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.intstr.IntOrString;

/// What follows from the other fields of what makes pods.
final class WorkloadDefaults {

  private static final IntOrString QUARTER =
      IntOrString.newBuilder().setType(1).setStrVal("25%").build();
  private static final IntOrString ONE = IntOrString.newBuilder().setIntVal(1).build();
  private static final IntOrString NONE = IntOrString.newBuilder().setIntVal(0).build();

  private WorkloadDefaults() {}

  /// Messages in which the schema's constants stand.
  static void prepare(Message.Builder object) {
    switch (object) {
      case Deployment.Builder deployment -> deployment.getSpecBuilder().getStrategyBuilder();
      case StatefulSet.Builder set -> {
        var strategy = set.getSpecBuilder().getUpdateStrategyBuilder();
        if (strategy.getType().isEmpty()) {
          strategy.setType("RollingUpdate");
        }
        if (strategy.getType().equals("RollingUpdate")) {
          strategy.getRollingUpdateBuilder();
        }
      }
      default -> {
        // nothing below which constants stand
      }
    }
  }

  static void complete(Message.Builder object) {
    switch (object) {
      case Deployment.Builder deployment ->
          strategy(deployment.getSpecBuilder().getStrategyBuilder());
      case DaemonSet.Builder set -> strategy(set.getSpecBuilder().getUpdateStrategyBuilder());
      case StatefulSet.Builder set -> retention(set);
      case Job.Builder job -> counts(job.getSpecBuilder());
      case ReplicationController.Builder controller -> selector(controller);
      default -> {
        // complete
      }
    }
  }

  private static void strategy(DeploymentStrategy.Builder strategy) {
    if (!strategy.getType().equals("RollingUpdate")) {
      return;
    }
    var rolling = strategy.getRollingUpdateBuilder();
    if (!rolling.hasMaxUnavailable()) {
      rolling.setMaxUnavailable(QUARTER);
    }
    if (!rolling.hasMaxSurge()) {
      rolling.setMaxSurge(QUARTER);
    }
  }

  private static void strategy(DaemonSetUpdateStrategy.Builder strategy) {
    if (strategy.getType().isEmpty()) {
      strategy.setType("RollingUpdate");
    }
    if (!strategy.getType().equals("RollingUpdate")) {
      return;
    }
    var rolling = strategy.getRollingUpdateBuilder();
    if (!rolling.hasMaxUnavailable()) {
      rolling.setMaxUnavailable(ONE);
    }
    if (!rolling.hasMaxSurge()) {
      rolling.setMaxSurge(NONE);
    }
  }

  private static void retention(StatefulSet.Builder set) {
    StatefulSetPersistentVolumeClaimRetentionPolicy.Builder policy =
        set.getSpecBuilder().getPersistentVolumeClaimRetentionPolicyBuilder();
    if (policy.getWhenDeleted().isEmpty()) {
      policy.setWhenDeleted("Retain");
    }
    if (policy.getWhenScaled().isEmpty()) {
      policy.setWhenScaled("Retain");
    }
  }

  /// Neither number given means one pod; a number of completions alone, one pod at a time.
  private static void counts(JobSpec.Builder spec) {
    if (!spec.hasParallelism()) {
      if (!spec.hasCompletions()) {
        spec.setCompletions(1);
      }
      spec.setParallelism(1);
    }
    if (!spec.hasPodReplacementPolicy()) {
      spec.setPodReplacementPolicy(spec.hasPodFailurePolicy() ? "Failed" : "TerminatingOrFailed");
    }
  }

  private static void selector(ReplicationController.Builder controller) {
    var spec = controller.getSpecBuilder();
    var labels = spec.getTemplate().getMetadata().getLabelsMap();
    if (spec.getSelectorCount() == 0) {
      spec.putAllSelector(labels);
    }
    if (controller.getMetadata().getLabelsCount() == 0 && !labels.isEmpty()) {
      controller.getMetadataBuilder().putAllLabels(labels);
    }
  }
}
