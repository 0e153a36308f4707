package io.coxswain.controlplane.authz;

import com.google.protobuf.Message;
import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.api.rbac.v1.Subject;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Roles and bindings that a test lists.
record KnownRoles(List<Message> objects) implements RoleObjects {

  private <T extends Message> Stream<T> all(Class<T> kind) {
    return objects.stream().filter(kind::isInstance).map(kind::cast);
  }

  private static boolean names(List<Subject> subjects, String namespace, String wanted) {
    return subjects.stream().anyMatch(s -> SubjectKey.of(s, namespace).equals(wanted));
  }

  @Override
  public Collection<ClusterRoleBinding> clusterBindings(String subject) {
    return all(ClusterRoleBinding.class)
        .filter(binding -> names(binding.getSubjectsList(), "", subject))
        .toList();
  }

  @Override
  public Collection<RoleBinding> bindings(String subject) {
    return all(RoleBinding.class)
        .filter(b -> names(b.getSubjectsList(), b.getMetadata().getNamespace(), subject))
        .toList();
  }

  @Override
  public Optional<ClusterRole> clusterRole(String name) {
    return all(ClusterRole.class).filter(r -> r.getMetadata().getName().equals(name)).findFirst();
  }

  @Override
  public Optional<Role> role(String namespace, String name) {
    return all(Role.class)
        .filter(r ->
            r.getMetadata().getName().equals(name)
                && r.getMetadata().getNamespace().equals(namespace))
        .findFirst();
  }
}
