package io.coxswain.controlplane.authz;

import io.coxswain.controlplane.authn.User;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The whole rule book: masters, components, agents, and what everybody who is known may read about
/// the API itself.
public final class ClusterAuthorizer implements Authorizer {

  private static final Set<String> CREATE = Set.of("create");
  private static final Set<String> RECORD = Set.of("create", "update", "patch");

  /// Paths that describe the API, for everybody who proved who they are.
  private static final List<String> DISCOVERY = List.of("/api", "/apis", "/openapi", "/version");

  private static final List<String> HEALTH = List.of("/livez", "/readyz", "/healthz");

  private static final List<Rule> EVERYBODY =
      List.of(
          Rule.of(
              CREATE,
              "authorization.k8s.io",
              "selfsubjectaccessreviews",
              "selfsubjectrulesreviews"),
          Rule.of(CREATE, "authentication.k8s.io", "selfsubjectreviews"));

  private static final Map<String, List<Rule>> COMPONENTS =
      Map.of(
          "system:kube-scheduler",
          List.of(
              Rule.of(Rule.READ, "*", "*"),
              Rule.of(Set.of("delete"), "", "pods"),
              Rule.of(CREATE, "", "pods/binding", "bindings", "pods/eviction"),
              Rule.of(Set.of("update", "patch"), "", "pods/status"),
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
                      "poddisruptionbudgets/status",
                      "pods/eviction"))));

  private final NodeAuthorizer nodes;

  public ClusterAuthorizer(NodeAuthorizer nodes) {
    this.nodes = nodes;
  }

  @Override
  public Decision authorize(Attributes wanted) {
    User user = wanted.user();
    if (user.isIn(User.MASTERS)) {
      return Decision.ALLOWED;
    }
    if (!wanted.isResource()) {
      return path(wanted);
    }
    if (user.isIn(User.AUTHENTICATED) && allows(EVERYBODY, wanted)) {
      return Decision.ALLOWED;
    }
    if (!user.nodeName().isEmpty()) {
      return nodes.authorize(wanted);
    }
    return allows(COMPONENTS.getOrDefault(user.name(), List.of()), wanted)
        ? Decision.ALLOWED
        : Decision.REFUSED;
  }

  private static Decision path(Attributes wanted) {
    if (!wanted.verb().equals("get")) {
      return Decision.REFUSED;
    }
    boolean component = COMPONENTS.containsKey(wanted.user().name());
    boolean allowed =
        under(HEALTH, wanted.path())
            || (wanted.user().isIn(User.AUTHENTICATED) && under(DISCOVERY, wanted.path()))
            || (component && wanted.path().equals("/metrics"));
    return allowed ? Decision.ALLOWED : Decision.REFUSED;
  }

  private static boolean under(List<String> roots, String path) {
    return roots.stream().anyMatch(root -> path.equals(root) || path.startsWith(root + "/"));
  }

  private static boolean allows(List<Rule> rules, Attributes wanted) {
    return rules.stream().anyMatch(rule -> rule.allows(wanted));
  }
}
