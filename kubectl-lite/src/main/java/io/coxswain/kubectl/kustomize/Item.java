package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.document.Json;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/// An object on its way through the levels, with all the names that it has had: patches and
/// references may use any of them.
final class Item {

  private static final List<String> OWN_GROUPS =
      List.of("", "apps", "batch", "autoscaling", "policy", "extensions");

  /// Kinds of the whole cluster that Kubernetes itself has; all others are taken for namespaced.
  private static final Set<String> OF_CLUSTER =
      Set.of(
          "Namespace",
          "Node",
          "PersistentVolume",
          "ClusterRole",
          "ClusterRoleBinding",
          "CustomResourceDefinition",
          "APIService",
          "StorageClass",
          "CSIDriver",
          "CSINode",
          "VolumeAttachment",
          "VolumeAttributesClass",
          "PriorityClass",
          "RuntimeClass",
          "IngressClass",
          "IPAddress",
          "ServiceCIDR",
          "CertificateSigningRequest",
          "FlowSchema",
          "PriorityLevelConfiguration",
          "MutatingWebhookConfiguration",
          "ValidatingWebhookConfiguration",
          "ValidatingAdmissionPolicy",
          "ValidatingAdmissionPolicyBinding",
          "MutatingAdmissionPolicy",
          "MutatingAdmissionPolicyBinding");

  private final ObjectNode object;
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> namespaces = new LinkedHashSet<>();
  private boolean hashed;

  Item(ObjectNode object) {
    this.object = object;
    names.add(name());
    namespaces.add(namespace());
  }

  ObjectNode object() {
    return object;
  }

  String kind() {
    return Json.text(object, "kind");
  }

  String group() {
    String apiVersion = Json.text(object, "apiVersion");
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }

  String version() {
    String apiVersion = Json.text(object, "apiVersion");
    return apiVersion.substring(apiVersion.indexOf('/') + 1);
  }

  String name() {
    return Json.name(object);
  }

  String namespace() {
    return Json.namespace(object);
  }

  /// Whether Kubernetes itself has the kind, and so its fields are known here.
  boolean isKnown() {
    return OWN_GROUPS.contains(group()) || group().endsWith(".k8s.io");
  }

  boolean isNamespaced() {
    return !(isKnown() && OF_CLUSTER.contains(kind()));
  }

  void rename(String name) {
    object.withObjectProperty("metadata").put("name", name);
    names.add(name);
  }

  void move(String namespace) {
    object.withObjectProperty("metadata").put("namespace", namespace);
    namespaces.add(namespace);
  }

  /// Whether it has, or once had, this name.
  boolean wasNamed(String name) {
    return names.contains(name);
  }

  /// Whether it is, or once was, in this namespace.
  boolean wasIn(String namespace) {
    return namespaces.contains(namespace) || (namespace.equals("default") && wasIn(""));
  }

  boolean wasNamedLike(Predicate<String> fits) {
    return names.stream().anyMatch(fits);
  }

  boolean wasInLike(Predicate<String> fits) {
    return namespaces.stream().anyMatch(fits);
  }

  boolean isHashed() {
    return hashed;
  }

  void hashed(boolean hashed) {
    this.hashed = hashed;
  }

  @Override
  public String toString() {
    return kind() + " " + name();
  }
}
