package io.coxswain.controlplane.authz;

import io.coxswain.api.core.v1.Pod;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Confines a node's agent to what running its pods takes: its Node and Lease, the pods bound to
/// it, and what those pods name. An agent that falls into wrong hands tells nothing of other nodes'
/// secrets.
///
/// Services, EndpointSlices and Nodes are readable as a whole: routes and service rules of a node
/// lead to all others.
public final class NodeAuthorizer implements Authorizer {

  private static final String LEASE_NAMESPACE = "kube-node-lease";

  private static final List<Rule> SHARED =
      List.of(
          Rule.of(Rule.READ, "", "services", "endpoints", "nodes", "namespaces"),
          Rule.of(Rule.READ, "discovery.k8s.io", "endpointslices"),
          Rule.of(Rule.READ, "node.k8s.io", "runtimeclasses"),
          Rule.of(Rule.READ, "networking.k8s.io", "networkpolicies"),
          // those of its node, and those that claims of its pods have: they say which they are
          Rule.of(Rule.READ, "", "persistentvolumes"),
          Rule.of(Rule.READ, "storage.k8s.io", "csidrivers"),
          // those to its node have names that nobody guesses, and say no secrets
          Rule.of(Set.of("get"), "storage.k8s.io", "volumeattachments"),
          // to renew its own certificates
          Rule.of(
              Set.of("create", "get", "list", "watch"),
              "certificates.k8s.io",
              "certificatesigningrequests"),
          new Rule(
              Set.of("create", "update", "patch"), Set.of("", "events.k8s.io"), Set.of("events")));

  private static final Pattern ONE_NAME =
      Pattern.compile("(?:^|,)\\s*metadata\\.name\\s*==?\\s*([^,=!\\s]+)\\s*(?:,|$)");
  private static final Pattern ONE_NODE =
      Pattern.compile("(?:^|,)\\s*spec\\.nodeName\\s*==?\\s*([^,=!\\s]+)\\s*(?:,|$)");

  private final NodePods pods;

  public NodeAuthorizer(NodePods pods) {
    this.pods = pods;
  }

  @Override
  public Decision authorize(Attributes wanted) {
    if (SHARED.stream().anyMatch(rule -> rule.allows(wanted))) {
      return Decision.ALLOWED;
    }
    String node = wanted.user().nodeName();
    return switch (wanted.group().isEmpty() ? wanted.resource() : wanted.group()) {
      case "nodes" -> ownNode(wanted, node);
      case "pods" -> pods(wanted, node);
      case "configmaps" -> referenced(wanted, node, PodReferences::configMap);
      case "secrets" -> secret(wanted, node);
      case "persistentvolumeclaims" -> claim(wanted, node);
      // NodeRestriction looks whose it is, and at what changes.
      case "persistentvolumes" ->
          wanted.verb().equals("update") && wanted.subresource().isEmpty()
              ? Decision.ALLOWED
              : Decision.refused("an agent says no more of a volume than how far it is");
      case "serviceaccounts" -> serviceAccount(wanted, node);
      case "coordination.k8s.io" -> lease(wanted, node);
      case "storage.k8s.io" -> csiNode(wanted, node);
      default -> Decision.refused("an agent has no use for it");
    };
  }

  private static Decision ownNode(Attributes wanted, String node) {
    if (!wanted.subresource().isEmpty() && !wanted.subresource().equals("status")) {
      return Decision.refused("");
    }
    boolean write =
        wanted.verb().equals("create")
            || wanted.verb().equals("update")
            || wanted.verb().equals("patch");
    if (!write && !wanted.isRead()) {
      return Decision.refused("");
    }
    // The name of a created object stands in its body: NodeRestriction looks there.
    return (wanted.name().isEmpty() && wanted.verb().equals("create")) || wanted.name().equals(node)
        ? Decision.ALLOWED
        : Decision.refused("node \"" + node + "\" can only access its own Node");
  }

  private Decision pods(Attributes wanted, String node) {
    switch (wanted.subresource()) {
      case "" -> {}
      case "status" -> {
        return wanted.verb().equals("get")
                || wanted.verb().equals("update")
                || wanted.verb().equals("patch")
            ? ifOnNode(wanted, node)
            : Decision.refused("");
      }
      case "eviction" -> {
        return wanted.verb().equals("create") ? ifOnNode(wanted, node) : Decision.refused("");
      }
      default -> {
        return Decision.refused("");
      }
    }
    return switch (wanted.verb()) {
      case "list", "watch" ->
          selected(ONE_NODE, wanted.fieldSelector()).equals(node)
              ? Decision.ALLOWED
              : wanted.name().isEmpty()
                  ? Decision.refused("can only list/watch pods with spec.nodeName=" + node)
                  : ifOnNode(wanted, node);
      // Mirror pods only, which NodeRestriction checks.
      case "create" -> Decision.ALLOWED;
      case "get", "delete" -> ifOnNode(wanted, node);
      default -> Decision.refused("");
    };
  }

  private Decision ifOnNode(Attributes wanted, String node) {
    for (Pod pod : pods.on(node)) {
      if (pod.getMetadata().getName().equals(wanted.name())
          && pod.getMetadata().getNamespace().equals(wanted.namespace())) {
        return Decision.ALLOWED;
      }
    }
    return noRelation(node);
  }

  /// Of its pods, or of the drivers of volumes that they have.
  private Decision secret(Attributes wanted, String node) {
    Decision own = referenced(wanted, node, PodReferences::secret);
    boolean read = wanted.verb().equals("get") && wanted.subresource().isEmpty();
    if (own.equals(Decision.ALLOWED) || !read) {
      return own;
    }
    boolean drivers =
        pods.naming(wanted.namespace(), wanted.name()).stream()
            .map(volume -> volume.getSpec().getClaimRef())
            .anyMatch(claim ->
                pods.on(node).stream()
                    .anyMatch(pod ->
                        pod.getMetadata().getNamespace().equals(claim.getNamespace())
                            && PodReferences.claim(pod, claim.getName())));
    return drivers ? Decision.ALLOWED : own;
  }

  private Decision referenced(Attributes wanted, String node, Reference reference) {
    if (!wanted.isRead() || !wanted.subresource().isEmpty()) {
      return Decision.refused("");
    }
    String name =
        wanted.name().isEmpty() ? selected(ONE_NAME, wanted.fieldSelector()) : wanted.name();
    if (name.isEmpty() || wanted.namespace().isEmpty()) {
      return Decision.refused("can only read resources of this type by name");
    }
    return anyPod(wanted, node, pod -> reference.names(pod, name))
        ? Decision.ALLOWED
        : noRelation(node);
  }

  /// NodeRestriction looks at what of its status changes.
  private Decision claim(Attributes wanted, String node) {
    boolean writesStatus =
        wanted.subresource().equals("status")
            && (wanted.verb().equals("update") || wanted.verb().equals("patch"));
    if (!writesStatus) {
      return referenced(wanted, node, PodReferences::claim);
    }
    return anyPod(wanted, node, pod -> PodReferences.claim(pod, wanted.name()))
        ? Decision.ALLOWED
        : noRelation(node);
  }

  private Decision serviceAccount(Attributes wanted, String node) {
    boolean token = wanted.subresource().equals("token") && wanted.verb().equals("create");
    boolean read = wanted.subresource().isEmpty() && wanted.isRead();
    if (!token && !read) {
      return Decision.refused("");
    }
    String name =
        wanted.name().isEmpty() ? selected(ONE_NAME, wanted.fieldSelector()) : wanted.name();
    return !name.isEmpty() && anyPod(wanted, node, pod -> PodReferences.serviceAccount(pod, name))
        ? Decision.ALLOWED
        : noRelation(node);
  }

  private boolean anyPod(Attributes wanted, String node, Predicate<Pod> names) {
    return pods.on(node).stream()
        .anyMatch(
            pod -> pod.getMetadata().getNamespace().equals(wanted.namespace()) && names.test(pod));
  }

  private static Decision lease(Attributes wanted, String node) {
    if (!wanted.resource().equals("leases") || !wanted.namespace().equals(LEASE_NAMESPACE)) {
      return Decision.refused(
          "can only access leases in the \"" + LEASE_NAMESPACE + "\" namespace");
    }
    return switch (wanted.verb()) {
      // NodeRestriction looks at the name in the body.
      case "create" -> Decision.ALLOWED;
      case "get", "update", "patch", "delete" ->
          wanted.name().equals(node)
              ? Decision.ALLOWED
              : Decision.refused("can only access the lease of node \"" + node + "\"");
      case "list", "watch" ->
          selected(ONE_NAME, wanted.fieldSelector()).equals(node)
              ? Decision.ALLOWED
              : Decision.refused("");
      default -> Decision.refused("");
    };
  }

  private static Decision csiNode(Attributes wanted, String node) {
    boolean own = wanted.resource().equals("csinodes") && wanted.subresource().isEmpty();
    return switch (own ? wanted.verb() : "") {
      // NodeRestriction looks at the name in the body.
      case "create" -> Decision.ALLOWED;
      case "get", "update", "patch", "delete" ->
          wanted.name().equals(node)
              ? Decision.ALLOWED
              : Decision.refused(
                  "can only access CSINode with the same name as the requesting node");
      default -> Decision.refused("");
    };
  }

  private static String selected(Pattern requirement, String fieldSelector) {
    Matcher found = requirement.matcher(fieldSelector);
    return found.find() ? found.group(1) : "";
  }

  private static Decision noRelation(String node) {
    return Decision.refused("no relationship found between node '" + node + "' and this object");
  }

  private interface Reference {
    boolean names(Pod pod, String name);
  }
}
