package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.volume.Claims;
import java.util.List;

/// The one informer of pods that all controllers share, and how they look pods up in it.
public final class PodIndexes {

  private static final String CONTROLLER = "controller-uid";
  private static final String NODE = "node";
  private static final String CLAIM = "claim";

  private final Informer<Pod> pods;

  /// Only before the informer starts.
  public PodIndexes(InformerFactory informers) {
    this.pods =
        informers
            .informer(Pod.class)
            .addIndex(CONTROLLER, pod -> List.of(OwnerReferences.controllerUid(pod.getMetadata())))
            .addIndex(NODE, pod -> List.of(pod.getSpec().getNodeName()))
            .addIndex(
                CLAIM,
                pod ->
                    Claims.namesOf(pod).stream()
                        .map(name -> claim(pod.getMetadata().getNamespace(), name))
                        .toList());
  }

  public Informer<Pod> informer() {
    return pods;
  }

  /// Those that the owner with this uid controls.
  public List<Pod> controlledBy(String uid) {
    return pods.byIndex(CONTROLLER, uid);
  }

  /// Those that nobody controls, in all namespaces.
  public List<Pod> orphans() {
    return pods.byIndex(CONTROLLER, "");
  }

  /// Those that are assigned to the node; for an empty name, those that are not assigned yet.
  public List<Pod> onNode(String name) {
    return pods.byIndex(NODE, name);
  }

  /// Those whose volumes name the claim, be it by an ephemeral volume.
  public List<Pod> usingClaim(ObjectKey claim) {
    return pods.byIndex(CLAIM, claim(claim.namespace(), claim.name()));
  }

  private static String claim(String namespace, String name) {
    return namespace + "/" + name;
  }
}
