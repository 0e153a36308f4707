package io.coxswain.kubectl.kustomize;

import java.util.Comparator;
import java.util.List;

/// What others need comes first, webhooks that could refuse the rest come last.
final class Order implements Comparator<Item> {

  private static final List<String> FIRST =
      List.of(
          "Namespace",
          "ResourceQuota",
          "StorageClass",
          "CustomResourceDefinition",
          "ServiceAccount",
          "PodSecurityPolicy",
          "Role",
          "ClusterRole",
          "RoleBinding",
          "ClusterRoleBinding",
          "ConfigMap",
          "Secret",
          "Endpoints",
          "Service",
          "LimitRange",
          "PriorityClass",
          "PersistentVolume",
          "PersistentVolumeClaim",
          "Deployment",
          "StatefulSet",
          "CronJob",
          "PodDisruptionBudget");
  private static final List<String> LAST =
      List.of("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration");

  private static final Comparator<Item> WITHIN =
      Comparator.comparingInt(Order::place)
          .thenComparing(Item::group)
          .thenComparing(Item::version)
          .thenComparing(Item::kind)
          .thenComparing(item -> item.namespace().isEmpty() ? "~" : item.namespace())
          .thenComparing(Item::name);

  @Override
  public int compare(Item one, Item other) {
    return WITHIN.compare(one, other);
  }

  private static int place(Item item) {
    int first = FIRST.indexOf(item.kind());
    if (first >= 0) {
      return first;
    }
    int last = LAST.indexOf(item.kind());
    return FIRST.size() + 1 + last;
  }
}
