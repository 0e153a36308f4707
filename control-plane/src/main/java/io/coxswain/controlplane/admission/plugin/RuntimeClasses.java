package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.api.node.v1.RuntimeClass;
import io.coxswain.api.resource.Quantity;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A pod's runtime class is there, and says what its pods cost beside their containers and on which
/// nodes they can be.
final class RuntimeClasses implements AdmissionPlugin {

  @Override
  public Set<String> kinds() {
    return Set.of("pods");
  }

  @Override
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    Pod pod = (Pod) request.object();
    if (!request.creates()
        || !request.subresource().isEmpty()
        || !pod.getSpec().hasRuntimeClassName()) {
      return pod;
    }
    RuntimeClass found = of(request, pod, objects).orElseThrow();
    Pod.Builder changed = pod.toBuilder();
    PodSpec.Builder spec = changed.getSpecBuilder();
    if (found.hasOverhead()) {
      refuseOther(request, pod, found);
      spec.clearOverhead().putAllOverhead(found.getOverhead().getPodFixedMap());
    }
    found
        .getScheduling()
        .getNodeSelectorMap()
        .forEach((key, value) -> {
          String own = spec.getNodeSelectorOrDefault(key, value);
          if (!own.equals(value)) {
            throw request.forbidden(
                "conflict: runtimeClass.scheduling.nodeSelector[%s] = %s; pod.spec.nodeSelector[%s] = %s"
                    .formatted(key, value, key, own));
          }
          spec.putNodeSelector(key, value);
        });
    for (Toleration toleration : found.getScheduling().getTolerationsList()) {
      if (!spec.getTolerationsList().contains(toleration)) {
        spec.addTolerations(toleration);
      }
    }
    return changed.build();
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    Pod pod = (Pod) request.object();
    if (!request.creates() || !request.subresource().isEmpty()) {
      return;
    }
    Optional<RuntimeClass> found =
        pod.getSpec().hasRuntimeClassName() ? of(request, pod, objects) : Optional.empty();
    if (pod.getSpec().getOverheadCount() > 0 && found.filter(RuntimeClass::hasOverhead).isEmpty()) {
      throw request.forbidden(
          "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
  }

  private static void refuseOther(AdmissionRequest request, Pod pod, RuntimeClass found) {
    Map<String, Quantity> own = pod.getSpec().getOverheadMap();
    if (!own.isEmpty() && !own.equals(found.getOverhead().getPodFixedMap())) {
      throw request.forbidden(
          "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
  }

  private static Optional<RuntimeClass> of(
      AdmissionRequest request, Pod pod, StoredObjects objects) {
    String name = pod.getSpec().getRuntimeClassName();
    Optional<RuntimeClass> found =
        objects
            .find(RuntimeClass.class, "", name)
            .or(() -> objects.latest(RuntimeClass.class, "", name));
    if (found.isEmpty()) {
      throw request.forbidden("pod rejected: RuntimeClass \"" + name + "\" not found");
    }
    return found;
  }
}
