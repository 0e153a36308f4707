package io.coxswain.controlplane.admission;

import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.api.rbac.v1.RoleRef;
import io.coxswain.api.rbac.v1.Subject;
import java.util.List;
import java.util.Set;

/// What holds for roles and bindings.
final class RoleRules {

  private static final String GROUP = "rbac.authorization.k8s.io";

  private RoleRules() {}

  static void check(Role role, Problems problems) {
    rules(role.getRulesList(), true, problems);
  }

  static void check(ClusterRole role, Problems problems) {
    rules(role.getRulesList(), false, problems);
    if (role.hasAggregationRule()
        && role.getAggregationRule().getClusterRoleSelectorsCount() == 0) {
      problems.required(
          "aggregationRule.clusterRoleSelectors",
          "at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
  }

  static void check(RoleBinding binding, Problems problems) {
    role(binding.getRoleRef(), Set.of("Role", "ClusterRole"), problems);
    subjects(binding.getSubjectsList(), true, problems);
  }

  static void check(ClusterRoleBinding binding, Problems problems) {
    role(binding.getRoleRef(), Set.of("ClusterRole"), problems);
    subjects(binding.getSubjectsList(), false, problems);
  }

  private static void rules(List<PolicyRule> rules, boolean namespaced, Problems problems) {
    for (int i = 0; i < rules.size(); i++) {
      PolicyRule rule = rules.get(i);
      String at = "rules[" + i + "]";
      if (rule.getVerbsCount() == 0) {
        problems.required(at + ".verbs", "verbs must contain at least one value");
      }
      if (rule.getNonResourceURLsCount() > 0) {
        if (namespaced) {
          problems.invalid(
              at + ".nonResourceURLs",
              String.join(",", rule.getNonResourceURLsList()),
              "namespaced rules cannot apply to non-resource URLs");
        }
        if (rule.getApiGroupsCount() + rule.getResourcesCount() + rule.getResourceNamesCount()
            > 0) {
          problems.invalid(
              at + ".nonResourceURLs",
              String.join(",", rule.getNonResourceURLsList()),
              "rules cannot apply to both regular resources and non-resource URLs");
        }
        continue;
      }
      if (rule.getApiGroupsCount() == 0) {
        problems.required(at + ".apiGroups", "resource rules must supply at least one api group");
      }
      if (rule.getResourcesCount() == 0) {
        problems.required(at + ".resources", "resource rules must supply at least one resource");
      }
    }
  }

  private static void role(RoleRef role, Set<String> kinds, Problems problems) {
    if (!role.getApiGroup().equals(GROUP)) {
      problems.unsupported("roleRef.apiGroup", role.getApiGroup(), Set.of(GROUP));
    }
    if (!kinds.contains(role.getKind())) {
      problems.unsupported("roleRef.kind", role.getKind(), kinds);
    }
    if (!role.getName().isEmpty()) {
      Names.pathSegment(role.getName())
          .ifPresent(detail -> problems.invalid("roleRef.name", role.getName(), detail));
    }
  }

  private static void subjects(List<Subject> subjects, boolean namespaced, Problems problems) {
    for (int i = 0; i < subjects.size(); i++) {
      Subject subject = subjects.get(i);
      String at = "subjects[" + i + "]";
      switch (subject.getKind()) {
        case "ServiceAccount" -> {
          if (!subject.getApiGroup().isEmpty()) {
            problems.unsupported(at + ".apiGroup", subject.getApiGroup(), Set.of(""));
          }
          if (!namespaced && subject.getNamespace().isEmpty()) {
            problems.required(at + ".namespace");
          }
        }
        case "User", "Group" -> {
          if (!subject.getApiGroup().equals(GROUP)) {
            problems.unsupported(at + ".apiGroup", subject.getApiGroup(), Set.of(GROUP));
          }
        }
        default ->
            problems.unsupported(
                at + ".kind", subject.getKind(), Set.of("ServiceAccount", "User", "Group"));
      }
    }
  }
}
