package io.coxswain.controlplane.audit;

import io.coxswain.controlplane.authz.Attributes;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One rule of a policy. A list that is empty fits everything; otherwise every list must have
/// something that fits.
///
/// @param namespaces `""` for what is in none
/// @param urls paths that are no resources, with a `*` at the end for all that begin so
/// @param omitManagedFields nothing where the policy's own word holds
record AuditRule(
    Level level,
    List<String> users,
    List<String> userGroups,
    List<String> verbs,
    List<Resources> resources,
    List<String> namespaces,
    List<String> urls,
    Set<Stage> silent,
    Optional<Boolean> omitManagedFields) {

  /// Kinds of one API group.
  ///
  /// @param group `*` for all
  /// @param resources as `pods`, `pods/log`, `pods/*`, `*/scale`, `*`; empty for all
  /// @param names of objects; empty for all
  record Resources(String group, List<String> resources, List<String> names) {

    Resources {
      resources = List.copyOf(resources);
      names = List.copyOf(names);
    }

    private boolean fit(Attributes wanted) {
      if (!group.equals("*") && !group.equals(wanted.group())) {
        return false;
      }
      if (resources.isEmpty()) {
        return true;
      }
      return (names.isEmpty() || names.contains(wanted.name()))
          && resources.stream().anyMatch(resource -> fits(resource, wanted));
    }

    private static boolean fits(String resource, Attributes wanted) {
      if (resource.equals("*") || resource.equals(wanted.qualifiedResource())) {
        return true;
      }
      boolean anyKind = resource.startsWith("*/") && !wanted.subresource().isEmpty();
      boolean anyPart = resource.endsWith("/*");
      return (anyKind && resource.substring(2).equals(wanted.subresource()))
          || (anyPart && resource.substring(0, resource.length() - 2).equals(wanted.resource()));
    }
  }

  AuditRule {
    users = List.copyOf(users);
    userGroups = List.copyOf(userGroups);
    verbs = List.copyOf(verbs);
    resources = List.copyOf(resources);
    namespaces = List.copyOf(namespaces);
    urls = List.copyOf(urls);
    silent = Set.copyOf(silent);
  }

  boolean fits(Attributes wanted) {
    return (users.isEmpty() || users.contains(wanted.user().name()))
        && (userGroups.isEmpty() || wanted.user().groups().stream().anyMatch(userGroups::contains))
        && (verbs.isEmpty() || verbs.contains(wanted.verb()))
        && fitsPlace(wanted);
  }

  private boolean fitsPlace(Attributes wanted) {
    if (!namespaces.isEmpty() || !resources.isEmpty()) {
      return wanted.isResource()
          && (namespaces.isEmpty() || namespaces.contains(AuditPolicy.namespace(wanted)))
          && (resources.isEmpty() || resources.stream().anyMatch(one -> one.fit(wanted)));
    }
    return urls.isEmpty()
        || (!wanted.isResource() && urls.stream().anyMatch(url -> fits(url, wanted.path())));
  }

  private static boolean fits(String url, String path) {
    return url.equals("*")
        || url.equals(path)
        || (url.endsWith("*") && path.startsWith(url.substring(0, url.length() - 1)));
  }
}
