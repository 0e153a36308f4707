package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import java.util.List;

/// The one informer of ReplicaSets that controllers share, and how they look sets up in it.
public final class ReplicaSetIndexes {

  private static final String CONTROLLER = "controller-uid";

  private final Informer<ReplicaSet> sets;

  /// Only before the informer starts.
  public ReplicaSetIndexes(InformerFactory informers) {
    this.sets =
        informers
            .informer(ReplicaSet.class)
            .addIndex(CONTROLLER, set -> List.of(OwnerReferences.controllerUid(set.getMetadata())));
  }

  public Informer<ReplicaSet> informer() {
    return sets;
  }

  /// Those that the owner with this uid controls.
  public List<ReplicaSet> controlledBy(String uid) {
    return sets.byIndex(CONTROLLER, uid);
  }

  /// Those that nobody controls, in all namespaces.
  public List<ReplicaSet> orphans() {
    return sets.byIndex(CONTROLLER, "");
  }
}
