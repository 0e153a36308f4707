package io.coxswain.controlplane.controller.replicaset;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetCondition;
import io.coxswain.api.apps.v1.ReplicaSetStatus;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.core.v1.ReplicationControllerCondition;
import io.coxswain.api.core.v1.ReplicationControllerSpec;
import io.coxswain.api.core.v1.ReplicationControllerStatus;
import io.coxswain.schema.ResourceType;

/// A kind that keeps as many pods as it asks for. All are looked at as ReplicaSets, so that one
/// plan and one loop serve them.
///
/// @param <T> the kind itself, which is what is read, written, and told of in events
sealed interface ReplicaKind<T extends Message> {

  ResourceType<T> type();

  /// What it asks for and its status, as a ReplicaSet says it; the metadata is its own.
  ReplicaSet view(T owner);

  T withStatus(T owner, ReplicaSetStatus status);

  /// ReplicaSets, which are what they look like.
  record Sets() implements ReplicaKind<ReplicaSet> {

    @Override
    public ResourceType<ReplicaSet> type() {
      return ResourceType.of(ReplicaSet.class);
    }

    @Override
    public ReplicaSet view(ReplicaSet owner) {
      return owner;
    }

    @Override
    public ReplicaSet withStatus(ReplicaSet owner, ReplicaSetStatus status) {
      return owner.toBuilder().setStatus(status).build();
    }
  }

  /// ReplicationControllers: the same with a selector of equalities only, and without a count of
  /// pods that are ending.
  record Controllers() implements ReplicaKind<ReplicationController> {

    @Override
    public ResourceType<ReplicationController> type() {
      return ResourceType.of(ReplicationController.class);
    }

    @Override
    public ReplicaSet view(ReplicationController owner) {
      ReplicationControllerSpec spec = owner.getSpec();
      ReplicaSet.Builder set = ReplicaSet.newBuilder().setMetadata(owner.getMetadata());
      set.getSpecBuilder()
          .setReplicas(spec.getReplicas())
          .setMinReadySeconds(spec.getMinReadySeconds())
          .setTemplate(spec.getTemplate())
          .getSelectorBuilder()
          .putAllMatchLabels(spec.getSelectorMap());
      return set.setStatus(status(owner.getStatus())).build();
    }

    private static ReplicaSetStatus status(ReplicationControllerStatus status) {
      ReplicaSetStatus.Builder same =
          ReplicaSetStatus.newBuilder()
              .setReplicas(status.getReplicas())
              .setFullyLabeledReplicas(status.getFullyLabeledReplicas())
              .setReadyReplicas(status.getReadyReplicas())
              .setAvailableReplicas(status.getAvailableReplicas())
              .setObservedGeneration(status.getObservedGeneration());
      for (ReplicationControllerCondition condition : status.getConditionsList()) {
        ReplicaSetCondition.Builder one =
            ReplicaSetCondition.newBuilder()
                .setType(condition.getType())
                .setStatus(condition.getStatus())
                .setReason(condition.getReason())
                .setMessage(condition.getMessage());
        if (condition.hasLastTransitionTime()) {
          one.setLastTransitionTime(condition.getLastTransitionTime());
        }
        same.addConditions(one);
      }
      return same.build();
    }

    @Override
    public ReplicationController withStatus(ReplicationController owner, ReplicaSetStatus status) {
      ReplicationControllerStatus.Builder same =
          owner.getStatus().toBuilder()
              .setReplicas(status.getReplicas())
              .setFullyLabeledReplicas(status.getFullyLabeledReplicas())
              .setReadyReplicas(status.getReadyReplicas())
              .setAvailableReplicas(status.getAvailableReplicas())
              .setObservedGeneration(status.getObservedGeneration())
              .clearConditions();
      for (ReplicaSetCondition condition : status.getConditionsList()) {
        ReplicationControllerCondition.Builder one =
            ReplicationControllerCondition.newBuilder()
                .setType(condition.getType())
                .setStatus(condition.getStatus())
                .setReason(condition.getReason())
                .setMessage(condition.getMessage());
        if (condition.hasLastTransitionTime()) {
          one.setLastTransitionTime(condition.getLastTransitionTime());
        }
        same.addConditions(one);
      }
      return owner.toBuilder().setStatus(same).build();
    }
  }
}
