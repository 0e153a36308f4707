package io.coxswain.controlplane.authz;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.api.rbac.v1.RoleRef;
import io.coxswain.controlplane.authn.User;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Nobody gives away by roles and bindings what they do not have, unless they have the verb
/// `escalate` on the role, or `bind` on the role that a binding names.
public final class Escalation {

  private static final String GROUP = "rbac.authorization.k8s.io";

  /// What a role that gathers others may come to hold.
  private static final List<PolicyRule> EVERYTHING =
      List.of(
          PolicyRule.newBuilder().addVerbs("*").addApiGroups("*").addResources("*").build(),
          PolicyRule.newBuilder().addVerbs("*").addNonResourceURLs("*").build());

  private final RoleAuthorizer roles;
  private final Authorizer authorizer;

  /// @param authorizer decides about `escalate` and `bind`
  public Escalation(RoleAuthorizer roles, Authorizer authorizer) {
    this.roles = roles;
    this.authorizer = authorizer;
  }

  /// Why this user may not store the role or binding; nothing when they may, or when it is neither.
  ///
  /// @param namespace where it is to be stored; empty for the whole cluster
  public Optional<String> onCreate(User user, String namespace, Message object) {
    if (user.isIn(User.MASTERS)) {
      return Optional.empty();
    }
    return switch (object) {
      case Role role -> grant(user, "roles", namespace, role.getMetadata(), role.getRulesList());
      case ClusterRole role ->
          grant(
              user,
              "clusterroles",
              "",
              role.getMetadata(),
              role.hasAggregationRule() ? EVERYTHING : role.getRulesList());
      case RoleBinding binding -> bind(user, namespace, binding.getRoleRef());
      case ClusterRoleBinding binding -> bind(user, "", binding.getRoleRef());
      default -> Optional.empty();
    };
  }

  /// As [#onCreate]; what changes no rule, role or subject is nobody's gain.
  public Optional<String> onUpdate(User user, String namespace, Message before, Message after) {
    boolean same =
        switch (after) {
          case Role role -> role.getRulesList().equals(((Role) before).getRulesList());
          case ClusterRole role ->
              role.getRulesList().equals(((ClusterRole) before).getRulesList())
                  && role.getAggregationRule().equals(((ClusterRole) before).getAggregationRule());
          case RoleBinding binding ->
              binding.getSubjectsList().equals(((RoleBinding) before).getSubjectsList())
                  && binding.getRoleRef().equals(((RoleBinding) before).getRoleRef());
          case ClusterRoleBinding binding ->
              binding.getSubjectsList().equals(((ClusterRoleBinding) before).getSubjectsList())
                  && binding.getRoleRef().equals(((ClusterRoleBinding) before).getRoleRef());
          default -> true;
        };
    return same ? Optional.empty() : onCreate(user, namespace, after);
  }

  private Optional<String> grant(
      User user, String resource, String namespace, ObjectMeta role, List<PolicyRule> rules) {
    if (may(user, "escalate", resource, namespace, role.getName())) {
      return Optional.empty();
    }
    return missing(user, namespace, rules);
  }

  private Optional<String> bind(User user, String namespace, RoleRef role) {
    boolean local = role.getKind().equals("Role");
    if (may(user, "bind", local ? "roles" : "clusterroles", namespace, role.getName())) {
      return Optional.empty();
    }
    if (!roles.exists(role, namespace)) {
      return Optional.of(
          (local ? "roles." : "clusterroles.")
              + GROUP
              + " \""
              + role.getName()
              + "\" not found: only who may bind it can bind a role that is not there yet");
    }
    return missing(user, namespace, roles.rules(role, namespace));
  }

  private boolean may(User user, String verb, String resource, String namespace, String name) {
    return authorizer
        .authorize(new Attributes(user, verb, GROUP, "v1", resource, "", namespace, name, "", ""))
        .allowed();
  }

  private Optional<String> missing(User user, String namespace, List<PolicyRule> wanted) {
    List<PolicyRule> held = roles.rules(user, namespace);
    String missing =
        wanted.stream()
            .filter(rule -> !PolicyRules.cover(held, rule))
            .map(PolicyRules::shown)
            .collect(Collectors.joining("\n"));
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "user \""
                + user.name()
                + "\" (groups="
                + user.groups().stream()
                    .map(group -> '"' + group + '"')
                    .collect(Collectors.joining(" ", "[", "]"))
                + ") is attempting to grant RBAC permissions not currently held:\n"
                + missing);
  }
}
