package io.coxswain.controlplane.authz;

import io.coxswain.controlplane.authn.User;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The whole rule book: masters, the system's own components, agents, and for everybody else roles.
/// What a component needs stands here and not in roles, so that nobody takes it away by mistake.
public final class ClusterAuthorizer implements Authorizer {

  private static final Set<String> CREATE = Set.of("create");
  private static final Set<String> RECORD = Set.of("create", "update", "patch");

  private static final List<String> HEALTH = List.of("/livez", "/readyz", "/healthz");

  private static final Map<String, List<Rule>> COMPONENTS =
      Map.of(
          "system:kube-scheduler",
          List.of(
              Rule.of(Rule.READ, "*", "*"),
              Rule.of(Set.of("delete"), "", "pods"),
              Rule.of(CREATE, "", "pods/binding", "bindings", "pods/eviction"),
              Rule.of(Set.of("update", "patch"), "", "pods/status"),
              // reserves volumes, and says for which node claims are to be provisioned
              Rule.of(Set.of("update", "patch"), "", "persistentvolumes", "persistentvolumeclaims"),
              new Rule(RECORD, Set.of("", "events.k8s.io"), Set.of("events")),
              Rule.of(RECORD, "coordination.k8s.io", "leases")),
          "system:kube-controller-manager",
          List.of(
              Rule.of(Rule.WRITE, "*", "*"),
              new Rule(
                  Rule.WRITE,
                  Set.of("*"),
                  Set.of(
                      "pods/status",
                      "nodes/status",
                      "namespaces/status",
                      "namespaces/finalize",
                      "services/status",
                      "deployments/status",
                      "deployments/scale",
                      "replicasets/status",
                      "replicasets/scale",
                      "replicationcontrollers/status",
                      "replicationcontrollers/scale",
                      "poddisruptionbudgets/status",
                      "resourcequotas/status",
                      "persistentvolumes/status",
                      "persistentvolumeclaims/status",
                      "apiservices/status",
                      "certificatesigningrequests/approval",
                      "certificatesigningrequests/status",
                      "pods/eviction")),
              Rule.of(Set.of("approve", "sign"), "certificates.k8s.io", "signers"),
              // gathers roles into those that ask for it
              Rule.of(Set.of("escalate"), "rbac.authorization.k8s.io", "clusterroles")));

  private final NodeAuthorizer nodes;
  private final Authorizer roles;

  /// @param roles asked last, for everybody
  public ClusterAuthorizer(NodeAuthorizer nodes, Authorizer roles) {
    this.nodes = nodes;
    this.roles = roles;
  }

  @Override
  public Decision authorize(Attributes wanted) {
    User user = wanted.user();
    if (user.isIn(User.MASTERS) || isHealth(wanted)) {
      return Decision.ALLOWED;
    }
    if (!user.nodeName().isEmpty() && wanted.isResource()) {
      Decision own = nodes.authorize(wanted);
      return own.allowed() ? own : firstOf(roles.authorize(wanted), own);
    }
    return allows(COMPONENTS.getOrDefault(user.name(), List.of()), wanted)
        ? Decision.ALLOWED
        : roles.authorize(wanted);
  }

  private static Decision firstOf(Decision first, Decision otherwise) {
    return first.allowed() ? first : otherwise;
  }

  private static boolean isHealth(Attributes wanted) {
    if (wanted.isResource() || !wanted.verb().equals("get")) {
      return false;
    }
    boolean component = COMPONENTS.containsKey(wanted.user().name());
    return HEALTH.stream()
            .anyMatch(root -> wanted.path().equals(root) || wanted.path().startsWith(root + "/"))
        || (component && wanted.path().equals("/metrics"));
  }

  private static boolean allows(List<Rule> rules, Attributes wanted) {
    return rules.stream().anyMatch(rule -> rule.allows(wanted));
  }
}
