package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Toleration;
import java.util.List;

/// What of a pod may change once it is there: images, deadlines, more tolerations, fewer gates.
final class PodUpdates {

  private static final String RULE =
      "pod updates may not change fields other than"
          + " `spec.containers[*].image`,`spec.initContainers[*].image`,"
          + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
          + " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
          + " previously negative)";

  private PodUpdates() {}

  static void check(Pod before, Pod after, Problems problems) {
    PodSpec old = before.getSpec();
    PodSpec spec = after.getSpec();
    if (old.getContainersCount() != spec.getContainersCount()) {
      problems.forbidden("spec.containers", "pod updates may not add or remove containers");
      return;
    }
    if (old.getInitContainersCount() != spec.getInitContainersCount()) {
      problems.forbidden("spec.initContainers", "pod updates may not add or remove containers");
      return;
    }
    checkDeadline(old, spec, problems);
    checkTolerations(old.getTolerationsList(), spec.getTolerationsList(), problems);
    checkGates(old, spec, problems);
    PodSpec comparable = withMutableFieldsOf(old, spec);
    if (!comparable.equals(old)) {
      problems.forbidden("spec", RULE + ": changed " + SpecDifference.between(old, comparable));
    }
  }

  private static void checkDeadline(PodSpec old, PodSpec spec, Problems problems) {
    String at = "spec.activeDeadlineSeconds";
    if (!old.hasActiveDeadlineSeconds()) {
      return;
    }
    if (!spec.hasActiveDeadlineSeconds()) {
      problems.invalidJson(at, "null", "must not update from a positive integer to nil value");
    } else if (spec.getActiveDeadlineSeconds() > old.getActiveDeadlineSeconds()) {
      problems.invalid(
          at, spec.getActiveDeadlineSeconds(), "must be less than or equal to previous value");
    }
  }

  private static void checkTolerations(
      List<Toleration> old, List<Toleration> tolerations, Problems problems) {
    boolean kept =
        old.stream()
            .allMatch(one ->
                tolerations.stream()
                    .anyMatch(other ->
                        other.toBuilder()
                            .clearTolerationSeconds()
                            .build()
                            .equals(one.toBuilder().clearTolerationSeconds().build())));
    if (!kept) {
      problems.forbidden(
          "spec.tolerations",
          "existing toleration can not be modified except its tolerationSeconds");
    }
  }

  private static void checkGates(PodSpec old, PodSpec spec, Problems problems) {
    if (!old.getSchedulingGatesList().containsAll(spec.getSchedulingGatesList())) {
      problems.forbidden(
          "spec.schedulingGates", "only deletion is allowed, but found new scheduling gates");
    }
  }

  /// The new spec as if everything that may change had not.
  private static PodSpec withMutableFieldsOf(PodSpec old, PodSpec spec) {
    PodSpec.Builder comparable = spec.toBuilder();
    for (int i = 0; i < old.getContainersCount(); i++) {
      comparable.setContainers(i, imageOf(old.getContainers(i), spec.getContainers(i)));
    }
    for (int i = 0; i < old.getInitContainersCount(); i++) {
      comparable.setInitContainers(i, imageOf(old.getInitContainers(i), spec.getInitContainers(i)));
    }
    comparable.clearActiveDeadlineSeconds();
    if (old.hasActiveDeadlineSeconds()) {
      comparable.setActiveDeadlineSeconds(old.getActiveDeadlineSeconds());
    }
    comparable.clearTolerations().addAllTolerations(old.getTolerationsList());
    comparable.clearSchedulingGates().addAllSchedulingGates(old.getSchedulingGatesList());
    boolean hurries =
        old.getTerminationGracePeriodSeconds() < 0 && spec.getTerminationGracePeriodSeconds() == 1;
    if (hurries) {
      comparable.setTerminationGracePeriodSeconds(old.getTerminationGracePeriodSeconds());
    }
    return comparable.build();
  }

  private static Container imageOf(Container old, Container container) {
    return container.toBuilder().setImage(old.getImage()).build();
  }
}
