package io.coxswain.node.csi;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.storage.v1.CSIDriver;
import java.util.Map;

/// What a driver that wants it is told of the pod. Pure.
final class PodWords {

  private PodWords() {}

  static Map<String, String> of(Pod pod, CSIDriver driver, boolean ephemeral) {
    if (!driver.getSpec().getPodInfoOnMount()) {
      return Map.of();
    }
    return Map.of(
        "csi.storage.k8s.io/pod.name",
        pod.getMetadata().getName(),
        "csi.storage.k8s.io/pod.namespace",
        pod.getMetadata().getNamespace(),
        "csi.storage.k8s.io/pod.uid",
        pod.getMetadata().getUid(),
        "csi.storage.k8s.io/serviceAccount.name",
        pod.getSpec().getServiceAccountName(),
        "csi.storage.k8s.io/ephemeral",
        Boolean.toString(ephemeral));
  }
}
