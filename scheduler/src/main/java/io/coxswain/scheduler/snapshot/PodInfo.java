package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.Affinity;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerPort;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodAffinityTerm;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.WeightedPodAffinityTerm;
import io.coxswain.api.meta.v1.OwnerReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A pod with what decisions need of it worked out once.
///
/// @param requests what must be free on its node
/// @param assumedUse what it is taken to use when nodes are compared
/// @param controllerUid of the one owner that manages it; empty without one
public record PodInfo(
    Pod pod,
    Amounts requests,
    Amounts assumedUse,
    List<HostPort> hostPorts,
    List<AffinityTerm> near,
    List<AffinityTerm> away,
    List<AffinityTerm> preferablyNear,
    List<AffinityTerm> preferablyAway,
    String controllerUid) {

  public static PodInfo of(Pod pod) {
    PodSpec spec = pod.getSpec();
    Affinity affinity = spec.getAffinity();
    return new PodInfo(
        pod,
        PodRequests.asked(pod),
        PodRequests.assumed(pod),
        hostPorts(spec),
        required(
            pod, affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecutionList()),
        required(
            pod,
            affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecutionList()),
        preferred(
            pod,
            affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecutionList()),
        preferred(
            pod,
            affinity.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecutionList()),
        pod.getMetadata().getOwnerReferencesList().stream()
            .filter(OwnerReference::getController)
            .map(OwnerReference::getUid)
            .findFirst()
            .orElse(""));
  }

  public String uid() {
    return pod.getMetadata().getUid();
  }

  public String namespace() {
    return pod.getMetadata().getNamespace();
  }

  public String name() {
    return pod.getMetadata().getName();
  }

  public Map<String, String> labels() {
    return pod.getMetadata().getLabelsMap();
  }

  public int priority() {
    return pod.getSpec().getPriority();
  }

  /// Being deleted: its place counts until it is gone, but nothing is spread by it.
  public boolean terminating() {
    return pod.getMetadata().hasDeletionTimestamp();
  }

  /// Whether other pods' placement looks at its affinity.
  boolean hasAffinity() {
    return !near.isEmpty()
        || !away.isEmpty()
        || !preferablyNear.isEmpty()
        || !preferablyAway.isEmpty();
  }

  private static List<HostPort> hostPorts(PodSpec spec) {
    List<HostPort> ports = new ArrayList<>();
    for (Container container : spec.getContainersList()) {
      addPorts(ports, container, spec.getHostNetwork());
    }
    for (Container init : spec.getInitContainersList()) {
      if (init.getRestartPolicy().equals("Always")) {
        addPorts(ports, init, spec.getHostNetwork());
      }
    }
    return List.copyOf(ports);
  }

  // In the host's network a container's port is the node's.
  private static void addPorts(List<HostPort> ports, Container container, boolean hostNetwork) {
    for (ContainerPort port : container.getPortsList()) {
      int number =
          hostNetwork && port.getHostPort() == 0 ? port.getContainerPort() : port.getHostPort();
      if (number > 0) {
        ports.add(new HostPort(port.getHostIP(), port.getProtocol(), number));
      }
    }
  }

  private static List<AffinityTerm> required(Pod pod, List<PodAffinityTerm> terms) {
    return terms.stream().map(term -> term(pod, term, 0)).toList();
  }

  private static List<AffinityTerm> preferred(Pod pod, List<WeightedPodAffinityTerm> terms) {
    return terms.stream()
        .map(term -> term(pod, term.getPodAffinityTerm(), term.getWeight()))
        .toList();
  }

  private static AffinityTerm term(Pod pod, PodAffinityTerm term, int weight) {
    return AffinityTerm.of(
        term, pod.getMetadata().getNamespace(), pod.getMetadata().getLabelsMap(), weight);
  }
}
