package io.coxswain.controlplane.authz;

import java.util.Set;

/// Verbs on resources, as a line of an RBAC role has them.
///
/// @param resources `pods` or `pods/status`; `*` is every resource without subresource
/// @param groups API groups; `*` is all
record Rule(Set<String> verbs, Set<String> groups, Set<String> resources) {

  static final Set<String> READ = Set.of("get", "list", "watch");
  static final Set<String> WRITE =
      Set.of("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection");

  static Rule of(Set<String> verbs, String group, String... resources) {
    return new Rule(verbs, Set.of(group), Set.of(resources));
  }

  boolean allows(Attributes wanted) {
    return wanted.isResource()
        && verbs.contains(wanted.verb())
        && (groups.contains("*") || groups.contains(wanted.group()))
        && (resources.contains(wanted.qualifiedResource())
            || (resources.contains("*") && wanted.subresource().isEmpty()));
  }
}
