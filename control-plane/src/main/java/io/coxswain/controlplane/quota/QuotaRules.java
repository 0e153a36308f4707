package io.coxswain.controlplane.quota;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Affinity;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodAffinityTerm;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.core.v1.ScopedResourceSelectorRequirement;
import io.coxswain.api.core.v1.WeightedPodAffinityTerm;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.schema.ResourceType;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which quotas an object counts against, and for which of their resources. Pure.
public final class QuotaRules {

  private static final Set<String> OF_PODS =
      Set.of(
          "pods",
          "count/pods",
          "cpu",
          "memory",
          "ephemeral-storage",
          "requests.cpu",
          "requests.memory",
          "requests.ephemeral-storage",
          "limits.cpu",
          "limits.memory",
          "limits.ephemeral-storage");

  /// Where a quota counts these, each container has to say how much it takes.
  private static final Set<String> TO_BE_SAID =
      Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

  private QuotaRules() {}

  /// Those of a quota's resources that objects of this kind take.
  public static Set<String> concerned(ResourceType<?> type, Collection<String> hard) {
    String plural = type.qualifiedPlural();
    return hard.stream()
        .filter(name -> concerns(plural, name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean concerns(String plural, String name) {
    if (name.equals("count/" + plural) || name.equals(plural)) {
      return true;
    }
    return switch (plural) {
      case "pods" ->
          OF_PODS.contains(name)
              || name.startsWith("hugepages-")
              || name.startsWith("requests.hugepages-")
              || (name.startsWith("requests.") && name.contains("/"));
      case "services" -> name.startsWith("services.");
      case "persistentvolumeclaims" ->
          name.equals("requests.storage") || name.contains(".storageclass.storage.k8s.io/");
      default -> false;
    };
  }

  /// Whether the object is in all of the quota's scopes. Only pods are in any.
  public static boolean inScope(ResourceQuota quota, Message object) {
    var spec = quota.getSpec();
    if (spec.getScopesCount() == 0 && spec.getScopeSelector().getMatchExpressionsCount() == 0) {
      return true;
    }
    if (!(object instanceof Pod pod)) {
      return false;
    }
    return Stream.concat(
            spec.getScopesList().stream()
                .map(scope ->
                    ScopedResourceSelectorRequirement.newBuilder()
                        .setScopeName(scope)
                        .setOperator("Exists")
                        .build()),
            spec.getScopeSelector().getMatchExpressionsList().stream())
        .allMatch(one -> inScope(one, pod));
  }

  private static boolean inScope(ScopedResourceSelectorRequirement wanted, Pod pod) {
    return switch (wanted.getScopeName()) {
      case "Terminating" -> pod.getSpec().hasActiveDeadlineSeconds();
      case "NotTerminating" -> !pod.getSpec().hasActiveDeadlineSeconds();
      case "BestEffort" -> isBestEffort(pod);
      case "NotBestEffort" -> !isBestEffort(pod);
      case "PriorityClass" -> {
        String name = pod.getSpec().getPriorityClassName();
        yield switch (wanted.getOperator()) {
          case "Exists" -> !name.isEmpty();
          case "DoesNotExist" -> name.isEmpty();
          case "In" -> wanted.getValuesList().contains(name);
          case "NotIn" -> !wanted.getValuesList().contains(name);
          default -> false;
        };
      }
      case "CrossNamespacePodAffinity" -> looksAcross(pod.getSpec().getAffinity());
      default -> false;
    };
  }

  private static boolean isBestEffort(Pod pod) {
    return Stream.concat(
            Stream.concat(
                    pod.getSpec().getContainersList().stream(),
                    pod.getSpec().getInitContainersList().stream())
                .map(Container::getResources),
            Stream.of(pod.getSpec().getResources()))
        .flatMap(QuotaRules::stated)
        .noneMatch(one ->
            (one.getKey().equals("cpu") || one.getKey().equals("memory"))
                && Quantities.value(one.getValue()).signum() > 0);
  }

  private static Stream<Map.Entry<String, Quantity>> stated(ResourceRequirements resources) {
    return Stream.concat(
        resources.getRequestsMap().entrySet().stream(),
        resources.getLimitsMap().entrySet().stream());
  }

  private static boolean looksAcross(Affinity affinity) {
    var towards = affinity.getPodAffinity();
    var away = affinity.getPodAntiAffinity();
    return Stream.of(
            towards.getRequiredDuringSchedulingIgnoredDuringExecutionList().stream(),
            away.getRequiredDuringSchedulingIgnoredDuringExecutionList().stream(),
            towards.getPreferredDuringSchedulingIgnoredDuringExecutionList().stream()
                .map(WeightedPodAffinityTerm::getPodAffinityTerm),
            away.getPreferredDuringSchedulingIgnoredDuringExecutionList().stream()
                .map(WeightedPodAffinityTerm::getPodAffinityTerm))
        .flatMap(each -> each)
        .anyMatch(QuotaRules::looksAcross);
  }

  private static boolean looksAcross(PodAffinityTerm term) {
    return term.getNamespacesCount() > 0 || term.hasNamespaceSelector();
  }

  /// What a new pod's containers leave unsaid though the quota counts it, in Kubernetes' words.
  ///
  /// @param concerned resources of the quota that pods take
  public static Optional<String> unsaid(Pod pod, Set<String> concerned) {
    if (pod.getSpec().getResources().getRequestsCount() > 0
        || pod.getSpec().getResources().getLimitsCount() > 0) {
      return Optional.empty();
    }
    Set<String> required = new HashSet<>(TO_BE_SAID);
    required.retainAll(concerned);
    TreeMap<String, Set<String>> missing = new TreeMap<>();
    Stream.concat(
            pod.getSpec().getContainersList().stream(),
            pod.getSpec().getInitContainersList().stream())
        .forEach(container -> {
          Set<String> said =
              Usage.compute(
                      container.getResources().getRequestsMap(),
                      container.getResources().getLimitsMap())
                  .keySet();
          for (String name : required) {
            if (!said.contains(name)) {
              missing.computeIfAbsent(name, _ -> new TreeSet<>()).add(container.getName());
            }
          }
        });
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            missing.entrySet().stream()
                .map(one -> one.getKey() + " for: " + String.join(",", one.getValue()))
                .collect(Collectors.joining("; ", "must specify ", "")));
  }
}
