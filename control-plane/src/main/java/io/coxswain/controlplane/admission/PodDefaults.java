package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerPort;
import io.coxswain.api.core.v1.EphemeralContainerCommon;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.client.codec.ImageName;
import java.util.List;

/// What follows from the other fields of a pod.
final class PodDefaults {

  /// Kubernetes waits 300 s. Here a lost node's pods are replaced within 20 s of its last word: 10
  /// s until it counts as lost, then these.
  private static final long PATIENCE_SECONDS = 5;

  private static final List<String> LOST_NODE_TAINTS =
      List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");
  private static final String MIRROR = "kubernetes.io/config.mirror";

  private PodDefaults() {}

  /// What templates and pods have in common.
  static void prepare(PodSpec.Builder spec) {
    for (int i = 0; i < spec.getVolumesCount(); i++) {
      VolumeSource source = spec.getVolumes(i).getVolumeSource();
      if (source.equals(VolumeSource.getDefaultInstance())) {
        spec.getVolumesBuilder(i).getVolumeSourceBuilder().getEmptyDirBuilder();
      } else if (source.hasImage() && source.getImage().getPullPolicy().isEmpty()) {
        String policy = pullPolicyOf(source.getImage().getReference());
        spec.getVolumesBuilder(i).getVolumeSourceBuilder().getImageBuilder().setPullPolicy(policy);
      }
    }
    spec.getInitContainersBuilderList().forEach(PodDefaults::pullPolicy);
    spec.getContainersBuilderList().forEach(PodDefaults::pullPolicy);
    for (var ephemeral : spec.getEphemeralContainersBuilderList()) {
      EphemeralContainerCommon.Builder common = ephemeral.getEphemeralContainerCommonBuilder();
      if (common.getImagePullPolicy().isEmpty()) {
        common.setImagePullPolicy(pullPolicyOf(common.getImage()));
      }
    }
    // the older name of the account goes along with the newer
    if (!spec.getServiceAccountName().isEmpty()) {
      spec.setServiceAccount(spec.getServiceAccountName());
    } else if (!spec.getServiceAccount().isEmpty()) {
      spec.setServiceAccountName(spec.getServiceAccount());
    }
  }

  private static void pullPolicy(Container.Builder container) {
    if (container.getImagePullPolicy().isEmpty()) {
      container.setImagePullPolicy(pullPolicyOf(container.getImage()));
    }
  }

  /// A tag that moves is asked for each time; any other image is what it was.
  private static String pullPolicyOf(String image) {
    return ImageName.of(image).moves() ? "Always" : "IfNotPresent";
  }

  /// What pods have and templates have not.
  static void complete(Pod.Builder pod) {
    PodSpec.Builder spec = pod.getSpecBuilder();
    if (!spec.hasEnableServiceLinks()) {
      spec.setEnableServiceLinks(true);
    }
    for (int i = 0; i < spec.getInitContainersCount(); i++) {
      if (lacksRequests(spec.getInitContainers(i))) {
        requestLimits(spec.getInitContainersBuilder(i));
      }
    }
    for (int i = 0; i < spec.getContainersCount(); i++) {
      if (lacksRequests(spec.getContainers(i))) {
        requestLimits(spec.getContainersBuilder(i));
      }
    }
    if (spec.getHostNetwork()) {
      spec.getInitContainersBuilderList().forEach(PodDefaults::hostPorts);
      spec.getContainersBuilderList().forEach(PodDefaults::hostPorts);
    }
    PodLevelResources.complete(spec);
    // a mirror pod, which only shows what a node runs by itself, is nobody
    if (spec.getServiceAccountName().isEmpty() && !pod.getMetadata().containsAnnotations(MIRROR)) {
      spec.setServiceAccountName("default").setServiceAccount("default");
    }
    LOST_NODE_TAINTS.forEach(taint -> tolerate(spec, taint));
  }

  private static boolean lacksRequests(Container container) {
    return !container
        .getResources()
        .getRequestsMap()
        .keySet()
        .containsAll(container.getResources().getLimitsMap().keySet());
  }

  /// Who sets a limit and no request means both.
  private static void requestLimits(Container.Builder container) {
    var resources = container.getResourcesBuilder();
    resources
        .getLimitsMap()
        .forEach((name, limit) -> {
          if (!resources.containsRequests(name)) {
            resources.putRequests(name, limit);
          }
        });
  }

  /// On the host's network a port is the host's.
  private static void hostPorts(Container.Builder container) {
    for (ContainerPort.Builder port : container.getPortsBuilderList()) {
      if (port.getHostPort() == 0) {
        port.setHostPort(port.getContainerPort());
      }
    }
  }

  /// A node that is lost for a while keeps its pods; then they are replaced.
  private static void tolerate(PodSpec.Builder spec, String taint) {
    boolean tolerated =
        spec.getTolerationsList().stream()
            .filter(one -> one.getKey().equals(taint) || one.getKey().isEmpty())
            .anyMatch(one -> one.getEffect().isEmpty() || one.getEffect().equals("NoExecute"));
    if (!tolerated) {
      spec.addTolerations(
          Toleration.newBuilder()
              .setKey(taint)
              .setOperator("Exists")
              .setEffect("NoExecute")
              .setTolerationSeconds(PATIENCE_SECONDS));
    }
  }
}
