package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.scheduling.v1.PriorityClass;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/// Gives a pod the priority of the class that it names, or of the class that is the cluster's
/// default. There can be one default.
final class Priorities implements AdmissionPlugin {

  private static final String CLASSES = "priorityclasses.scheduling.k8s.io";
  private static final String PREEMPT = "PreemptLowerPriority";

  /// What a pod gets where no class is the default.
  private static final PriorityClass NONE =
      PriorityClass.newBuilder().setPreemptionPolicy(PREEMPT).build();

  @Override
  public Set<String> kinds() {
    return Set.of("pods", CLASSES);
  }

  @Override
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    if (!(request.object() instanceof Pod pod) || !request.subresource().isEmpty()) {
      return request.object();
    }
    return request.before().isPresent()
        ? kept((Pod) request.before().get(), pod)
        : given(request, pod, objects);
  }

  /// Who writes a pod back need not repeat what was computed for it.
  private static Pod kept(Pod before, Pod after) {
    if (after.getSpec().hasPriority() && after.getSpec().hasPreemptionPolicy()) {
      return after;
    }
    Pod.Builder changed = after.toBuilder();
    PodSpec.Builder spec = changed.getSpecBuilder();
    if (!spec.hasPriority() && before.getSpec().hasPriority()) {
      spec.setPriority(before.getSpec().getPriority());
    }
    if (!spec.hasPreemptionPolicy() && before.getSpec().hasPreemptionPolicy()) {
      spec.setPreemptionPolicy(before.getSpec().getPreemptionPolicy());
    }
    return changed.build();
  }

  private static Pod given(AdmissionRequest request, Pod pod, StoredObjects objects) {
    String name = pod.getSpec().getPriorityClassName();
    PriorityClass found =
        name.isEmpty()
            ? byDefault(objects).orElse(NONE)
            : objects
                .find(PriorityClass.class, "", name)
                .or(() -> objects.latest(PriorityClass.class, "", name))
                .orElseThrow(
                    () -> request.forbidden("no PriorityClass with name " + name + " was found"));
    Pod.Builder changed = pod.toBuilder();
    PodSpec.Builder spec = changed.getSpecBuilder();
    if (name.isEmpty()) {
      spec.setPriorityClassName(found.getMetadata().getName());
    }
    if (spec.hasPriority() && spec.getPriority() != found.getValue()) {
      throw request.forbidden(
          "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name"
              .formatted(spec.getPriority(), found.getValue()));
    }
    String policy = found.hasPreemptionPolicy() ? found.getPreemptionPolicy() : PREEMPT;
    if (spec.hasPreemptionPolicy() && !spec.getPreemptionPolicy().equals(policy)) {
      throw request.forbidden(
          "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name"
              .formatted(spec.getPreemptionPolicy(), policy));
    }
    return changed.setSpec(spec.setPriority(found.getValue()).setPreemptionPolicy(policy)).build();
  }

  /// The least, should there be two: two servers may each have allowed one.
  private static Optional<PriorityClass> byDefault(StoredObjects objects) {
    return objects.list(PriorityClass.class, "").stream()
        .filter(PriorityClass::getGlobalDefault)
        .min(Comparator.comparingInt(PriorityClass::getValue));
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    if (!(request.object() instanceof PriorityClass wanted) || !wanted.getGlobalDefault()) {
      return;
    }
    byDefault(objects)
        .map(other -> other.getMetadata().getName())
        .filter(other -> !other.equals(wanted.getMetadata().getName()))
        .ifPresent(other -> {
          throw request.forbidden(
              "PriorityClass "
                  + other
                  + " is already marked as default. Only one default can exist");
        });
  }
}
