package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.batch.v1.CronJob;
import io.coxswain.api.batch.v1.Job;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.PodTemplate;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.admission.dynamic.Notes;
import io.coxswain.controlplane.admission.podsecurity.Level;
import io.coxswain.controlplane.admission.podsecurity.PodChecks;
import io.coxswain.controlplane.admission.podsecurity.Policy;
import io.coxswain.controlplane.admission.podsecurity.Standard;
import io.coxswain.controlplane.admission.podsecurity.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Holds pods to the Pod Security Standard that their namespace's labels name, and tells writers of
/// workloads what would become of their pods.
final class PodSecurity implements AdmissionPlugin {

  private static final String ENFORCED = "pod-security.kubernetes.io/enforce-policy";
  private static final String VIOLATIONS = "pod-security.kubernetes.io/audit-violations";
  private static final String ERROR = "pod-security.kubernetes.io/error";

  /// Pods that are looked at when a namespace gets stricter.
  private static final int MOST_PODS = 3000;

  @Override
  public Set<String> kinds() {
    return Set.of(
        "namespaces",
        "pods",
        "podtemplates",
        "replicationcontrollers",
        "deployments.apps",
        "replicasets.apps",
        "statefulsets.apps",
        "daemonsets.apps",
        "jobs.batch",
        "cronjobs.batch");
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    switch (request.object()) {
      case Namespace namespace -> refuseFaults(request, namespace);
      case Pod pod -> {
        Policy policy = policy(request, objects);
        if (request.notes().isAudited() && concerns(request, pod)) {
          request.notes().annotate(ENFORCED, policy.enforce().toString());
          audit(policy, request.notes(), pod.getMetadata(), pod.getSpec());
        }
        if (policy.enforce().level() == Level.PRIVILEGED || !concerns(request, pod)) {
          return;
        }
        List<Violation> violations =
            PodChecks.violations(policy.enforce(), pod.getMetadata(), pod.getSpec());
        if (!violations.isEmpty()) {
          throw request.forbidden(
              "violates PodSecurity \""
                  + policy.enforce()
                  + "\": "
                  + Violation.detailed(violations));
        }
      }
      default -> {
        // who writes a workload is only told
        if (request.notes().isAudited() && request.subresource().isEmpty()) {
          Policy policy = policy(request, objects);
          template(request)
              .ifPresent(
                  found -> audit(policy, request.notes(), found.getMetadata(), found.getSpec()));
        }
      }
    }
  }

  /// Tells the audit log what the policy's level for it would not allow.
  private static void audit(Policy policy, Notes notes, ObjectMeta meta, PodSpec spec) {
    if (!policy.faults().isEmpty()) {
      List<String> faults =
          policy.faults().stream().map(fault -> fault.field() + ": " + fault.message()).toList();
      notes.annotate(
          ERROR,
          "Failed to parse policy: "
              + (faults.size() == 1 ? faults.getFirst() : faults.toString()));
    }
    if (policy.audit().level() != Level.PRIVILEGED) {
      violated(policy.audit(), meta, spec).ifPresent(said -> notes.annotate(VIOLATIONS, said));
    }
  }

  private static Policy policy(AdmissionRequest request, StoredObjects objects) {
    Map<String, String> labels =
        objects
            .find(Namespace.class, "", request.namespace())
            .or(() -> objects.latest(Namespace.class, "", request.namespace()))
            .map(namespace -> namespace.getMetadata().getLabelsMap())
            .orElse(Map.of());
    return Policy.of(labels);
  }

  /// Of a pod that is there, only other images or more containers matter.
  private static boolean concerns(AdmissionRequest request, Pod pod) {
    if (request.before().isEmpty()) {
      return request.subresource().isEmpty();
    }
    PodSpec before = ((Pod) request.before().get()).getSpec();
    PodSpec after = pod.getSpec();
    return !images(before.getContainersList()).equals(images(after.getContainersList()))
        || !images(before.getInitContainersList()).equals(images(after.getInitContainersList()))
        || !before.getEphemeralContainersList().equals(after.getEphemeralContainersList());
  }

  private static List<String> images(List<Container> containers) {
    return containers.stream().map(Container::getImage).toList();
  }

  /// Faults that were there before do not keep others from being written.
  private static void refuseFaults(AdmissionRequest request, Namespace namespace) {
    Policy policy = Policy.of(namespace.getMetadata().getLabelsMap());
    if (policy.faults().isEmpty()) {
      return;
    }
    List<ApiError.Cause> before =
        request
            .before()
            .map(old -> Policy.of(((Namespace) old).getMetadata().getLabelsMap()).faults())
            .orElse(List.of());
    if (!policy.faults().equals(before)) {
      throw new ApiException(ApiError.Invalid.of("", "Namespace", request.name(), policy.faults()));
    }
  }

  @Override
  public List<String> warnings(AdmissionRequest request, StoredObjects objects) {
    if (!request.subresource().isEmpty()) {
      return List.of();
    }
    if (request.object() instanceof Namespace namespace) {
      return stricter(request, namespace, objects);
    }
    Policy policy = policy(request, objects);
    if (policy.warn().level() == Level.PRIVILEGED) {
      return List.of();
    }
    if (request.object() instanceof Pod pod) {
      return concerns(request, pod)
          ? warnings(policy.warn(), pod.getMetadata(), pod.getSpec())
          : List.of();
    }
    return template(request)
        .map(found -> warnings(policy.warn(), found.getMetadata(), found.getSpec()))
        .orElse(List.of());
  }

  private static List<String> warnings(Standard standard, ObjectMeta meta, PodSpec spec) {
    return violated(standard, meta, spec).map(List::of).orElse(List.of());
  }

  private static Optional<String> violated(Standard standard, ObjectMeta meta, PodSpec spec) {
    List<Violation> violations = PodChecks.violations(standard, meta, spec);
    return violations.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "would violate PodSecurity \"" + standard + "\": " + Violation.detailed(violations));
  }

  private static Optional<PodTemplateSpec> template(AdmissionRequest request) {
    return switch (request.object()) {
      case PodTemplate one -> Optional.of(one.getTemplate());
      case ReplicationController one ->
          one.getSpec().hasTemplate() ? Optional.of(one.getSpec().getTemplate()) : Optional.empty();
      case Deployment one -> Optional.of(one.getSpec().getTemplate());
      case ReplicaSet one -> Optional.of(one.getSpec().getTemplate());
      case StatefulSet one -> Optional.of(one.getSpec().getTemplate());
      case DaemonSet one -> Optional.of(one.getSpec().getTemplate());
      case Job one -> Optional.of(one.getSpec().getTemplate());
      case CronJob one -> Optional.of(one.getSpec().getJobTemplate().getSpec().getTemplate());
      default -> Optional.empty();
    };
  }

  /// Pods that are there stay: who makes their namespace stricter is told of them.
  private static List<String> stricter(
      AdmissionRequest request, Namespace namespace, StoredObjects objects) {
    if (request.before().isEmpty()) {
      return List.of();
    }
    Standard after = Policy.of(namespace.getMetadata().getLabelsMap()).enforce();
    Standard before =
        Policy.of(((Namespace) request.before().get()).getMetadata().getLabelsMap()).enforce();
    if (after.equals(before)
        || after.level() == Level.PRIVILEGED
        || (after.minor() == before.minor() && after.level().compareTo(before.level()) <= 0)) {
      return List.of();
    }
    List<Pod> pods = objects.list(Pod.class, namespace.getMetadata().getName());
    Map<String, List<String>> byReason = new TreeMap<>();
    pods.stream()
        .limit(MOST_PODS)
        .forEach(pod -> {
          List<Violation> violations =
              PodChecks.violations(after, pod.getMetadata(), pod.getSpec());
          if (!violations.isEmpty()) {
            byReason
                .computeIfAbsent(Violation.reasons(violations), _ -> new ArrayList<>())
                .add(pod.getMetadata().getName());
          }
        });
    List<String> warnings = new ArrayList<>();
    if (pods.size() > MOST_PODS) {
      warnings.add(
          "new PodSecurity enforce level only checked against the first %d of %d existing pods"
              .formatted(MOST_PODS, pods.size()));
    }
    if (byReason.isEmpty()) {
      return warnings;
    }
    warnings.add(
        "existing pods in namespace \"%s\" violate the new PodSecurity enforce level \"%s\""
            .formatted(namespace.getMetadata().getName(), after));
    byReason.entrySet().stream()
        .map(one -> told(one.getValue(), one.getKey()))
        .sorted()
        .forEach(warnings::add);
    return warnings;
  }

  private static String told(List<String> pods, String reasons) {
    String first = pods.stream().sorted().findFirst().orElse("");
    String more =
        switch (pods.size()) {
          case 1 -> "";
          case 2 -> " (and 1 other pod)";
          default -> " (and " + (pods.size() - 1) + " other pods)";
        };
    return first + more + ": " + reasons;
  }
}
