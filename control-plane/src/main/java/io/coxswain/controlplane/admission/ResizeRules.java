package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerResizePolicy;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What holds for resources that are changed while their pod runs (KEP-1287), and for the policies
/// that say how.
final class ResizeRules {

  private static final Set<String> RESIZABLE = Set.of("cpu", "memory");
  private static final Set<String> POLICIES = Set.of("NotRequired", "RestartContainer");
  private static final String RESTART = "RestartContainer";
  private static final String MIRROR = "kubernetes.io/config.mirror";

  private ResizeRules() {}

  static void check(Pod before, Pod after, Problems problems) {
    PodSpec old = before.getSpec();
    PodSpec now = after.getSpec();
    if (before.getMetadata().containsAnnotations(MIRROR)) {
      problems.forbidden("", "static pods cannot be resized");
      return;
    }
    if (old.getOs().getName().equals("windows")) {
      problems.forbidden("", "windows pods cannot be resized");
      return;
    }
    if (!isSupported(before)) {
      problems.forbidden("spec", "Pod running on node without support for resize");
    }
    checkPodLevel(old, now, problems);
    boolean sameMain =
        checkOrder("spec.containers", old.getContainersList(), now.getContainersList(), problems);
    boolean sameInit =
        checkOrder(
            "spec.initContainers",
            old.getInitContainersList(),
            now.getInitContainersList(),
            problems);
    if (!sameMain || !sameInit) {
      return;
    }
    for (int i = 0; i < old.getInitContainersCount(); i++) {
      String at = "spec.initContainers[" + i + "]";
      checkInit(old.getInitContainers(i), now.getInitContainers(i), at, problems);
    }
    for (int i = 0; i < old.getContainersCount(); i++) {
      String at = "spec.containers[" + i + "]";
      checkRemoved(old.getContainers(i), now.getContainers(i), at, problems);
      if (changesMore(old.getContainers(i), now.getContainers(i))) {
        problems.forbidden("spec", "only cpu and memory resources are mutable");
      }
    }
  }

  /// A node that knows of it says what its running containers have.
  private static boolean isSupported(Pod pod) {
    for (ContainerStatus status : pod.getStatus().getContainerStatusesList()) {
      if (status.getState().hasRunning()) {
        return status.hasResources();
      }
    }
    return true;
  }

  private static void checkPodLevel(PodSpec old, PodSpec now, Problems problems) {
    if (old.hasResources() && !now.hasResources()) {
      problems.forbidden("spec.resources", "pod-level resources cannot be removed");
      return;
    }
    ResourceRequirements before = old.getResources();
    ResourceRequirements after = now.getResources();
    if (!after.getRequestsMap().keySet().containsAll(before.getRequestsMap().keySet())) {
      problems.forbidden(
          "spec.resources.requests", "pod-level resource requests cannot be removed");
    }
    if (!after.getLimitsMap().keySet().containsAll(before.getLimitsMap().keySet())) {
      problems.forbidden("spec.resources.limits", "pod-level resource limits cannot be removed");
    }
    if (changesMore(before, after)) {
      problems.forbidden("spec", "only cpu and memory resources are mutable at pod-level");
    }
  }

  private static boolean checkOrder(
      String path, List<Container> old, List<Container> now, Problems problems) {
    if (old.size() != now.size()) {
      String what = path.substring(path.indexOf('.') + 1);
      problems.forbidden(path, what + " may not be added or removed on resize");
      return false;
    }
    boolean same = true;
    for (int i = 0; i < old.size(); i++) {
      if (!old.get(i).getName().equals(now.get(i).getName())) {
        String what = path.substring(path.indexOf('.') + 1);
        problems.forbidden(
            path + "[" + i + "].name", what + " may not be renamed or reordered on resize");
        same = false;
      }
    }
    return same;
  }

  private static void checkInit(Container old, Container now, String at, Problems problems) {
    checkRemoved(old, now, at, problems);
    if (changesMore(old, now)) {
      problems.forbidden(
          at, "only cpu and memory resources for init or sidecar containers are mutable");
    }
    boolean sidecar = old.getRestartPolicy().equals("Always");
    boolean restarts =
        now.getResizePolicyList().stream().anyMatch(one -> one.getRestartPolicy().equals(RESTART));
    if (!sidecar && restarts && !old.equals(now)) {
      problems.forbidden(
          at,
          "non-sidecar init containers with a resize policy of RestartContainer cannot be resized");
    }
  }

  private static void checkRemoved(Container old, Container now, String at, Problems problems) {
    ResourceRequirements before = old.getResources();
    ResourceRequirements after = now.getResources();
    if (!after.getRequestsMap().keySet().containsAll(before.getRequestsMap().keySet())) {
      problems.forbidden(at + ".resources.requests", "resource requests cannot be removed");
    }
    if (!after.getLimitsMap().keySet().containsAll(before.getLimitsMap().keySet())) {
      problems.forbidden(at + ".resources.limits", "resource limits cannot be removed");
    }
  }

  /// Whether anything but amounts of cpu and memory differs.
  private static boolean changesMore(Container old, Container now) {
    return !old.getResizePolicyList().equals(now.getResizePolicyList())
        || changesMore(old.getResources(), now.getResources());
  }

  private static boolean changesMore(ResourceRequirements old, ResourceRequirements now) {
    return !old.getClaimsList().equals(now.getClaimsList())
        || !others(old.getRequestsMap()).equals(others(now.getRequestsMap()))
        || !others(old.getLimitsMap()).equals(others(now.getLimitsMap()));
  }

  private static Map<String, Quantity> others(Map<String, Quantity> amounts) {
    Map<String, Quantity> others = new HashMap<>(amounts);
    others.keySet().removeAll(RESIZABLE);
    return others;
  }

  /// The policies of one container.
  ///
  /// @param podPolicy the pod's restart policy
  static void checkPolicies(
      List<ContainerResizePolicy> policies, String podPolicy, String at, Problems problems) {
    Set<String> resources = new HashSet<>();
    for (int i = 0; i < policies.size(); i++) {
      String resource = policies.get(i).getResourceName();
      String policy = policies.get(i).getRestartPolicy();
      if (!resources.add(resource)) {
        problems.duplicate(at + "[" + i + "]", resource);
      }
      if (!resource.isEmpty() && !RESIZABLE.contains(resource)) {
        problems.unsupported(at, resource, RESIZABLE);
      }
      if (!policy.isEmpty() && !POLICIES.contains(policy)) {
        problems.unsupported(at, policy, POLICIES);
      }
      if (podPolicy.equals("Never") && !policy.equals("NotRequired")) {
        problems.invalid(at, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
      }
    }
  }

  /// One that ends before the pod begins is not started again for its resources.
  static void checkPoliciesOfInit(Container container, String at, Problems problems) {
    for (int i = 0; i < container.getResizePolicyCount(); i++) {
      if (container.getResizePolicy(i).getRestartPolicy().equals(RESTART)) {
        problems.invalid(
            at + ".resizePolicy[" + i + "].restartPolicy",
            RESTART,
            "must not be set to 'RestartContainer' for non-sidecar initContainers");
      }
    }
  }
}
