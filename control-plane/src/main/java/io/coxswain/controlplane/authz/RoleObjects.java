package io.coxswain.controlplane.authz;

import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import java.util.Collection;
import java.util.Optional;

/// Roles and bindings, as far as the server knows them at the moment. Never blocks.
public interface RoleObjects {

  /// @param subject as [SubjectKey] writes it
  Collection<ClusterRoleBinding> clusterBindings(String subject);

  /// Of all namespaces; few subjects are bound in many.
  ///
  /// @param subject as [SubjectKey] writes it
  Collection<RoleBinding> bindings(String subject);

  Optional<ClusterRole> clusterRole(String name);

  Optional<Role> role(String namespace, String name);
}
