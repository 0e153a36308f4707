package io.coxswain.controlplane.authz;

import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.api.rbac.v1.RoleRef;
import io.coxswain.controlplane.authn.User;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Role-based access control: what roles allow to those who are bound to them. Nothing is ever
/// taken away by a role.
public final class RoleAuthorizer implements Authorizer {

  /// A rule that somebody has.
  ///
  /// @param source where from, for people
  private record Grant(PolicyRule rule, Supplier<String> source) {}

  private final RoleObjects objects;

  public RoleAuthorizer(RoleObjects objects) {
    this.objects = objects;
  }

  @Override
  public Decision authorize(Attributes wanted) {
    for (Grant grant : grants(wanted.user(), wanted.isResource() ? wanted.namespace() : "")) {
      if (PolicyRules.allows(grant.rule(), wanted)) {
        return new Decision(true, grant.source().get());
      }
    }
    return Decision.REFUSED;
  }

  /// Every rule that the user has, in the cluster and in the namespace.
  ///
  /// @param namespace empty for only what holds in the whole cluster
  public List<PolicyRule> rules(User user, String namespace) {
    return grants(user, namespace).stream().map(Grant::rule).toList();
  }

  /// The rules of the role that a binding names; none when there is no such role.
  List<PolicyRule> rules(RoleRef role, String namespace) {
    return role.getKind().equals("Role")
        ? objects.role(namespace, role.getName()).map(Role::getRulesList).orElse(List.of())
        : objects.clusterRole(role.getName()).map(ClusterRole::getRulesList).orElse(List.of());
  }

  boolean exists(RoleRef role, String namespace) {
    return role.getKind().equals("Role")
        ? objects.role(namespace, role.getName()).isPresent()
        : objects.clusterRole(role.getName()).isPresent();
  }

  private List<Grant> grants(User user, String namespace) {
    List<Grant> grants = new ArrayList<>();
    for (String subject : SubjectKey.of(user)) {
      for (ClusterRoleBinding binding : objects.clusterBindings(subject)) {
        add(
            grants,
            rules(binding.getRoleRef(), ""),
            () ->
                source(
                    "ClusterRoleBinding \"" + binding.getMetadata().getName() + "\"",
                    binding.getRoleRef(),
                    subject));
      }
      if (namespace.isEmpty()) {
        continue;
      }
      for (RoleBinding binding : objects.bindings(subject)) {
        String home = binding.getMetadata().getNamespace();
        if (home.equals(namespace)) {
          add(
              grants,
              rules(binding.getRoleRef(), namespace),
              () ->
                  source(
                      "RoleBinding \"" + binding.getMetadata().getName() + "/" + home + "\"",
                      binding.getRoleRef(),
                      subject));
        }
      }
    }
    return grants;
  }

  private static void add(List<Grant> grants, List<PolicyRule> rules, Supplier<String> source) {
    rules.forEach(rule -> grants.add(new Grant(rule, source)));
  }

  private static String source(String binding, RoleRef role, String subject) {
    int colon = subject.indexOf(':');
    return "RBAC: allowed by "
        + binding
        + " of "
        + role.getKind()
        + " \""
        + role.getName()
        + "\" to "
        + subject.substring(0, colon)
        + " \""
        + subject.substring(colon + 1)
        + "\"";
  }
}
