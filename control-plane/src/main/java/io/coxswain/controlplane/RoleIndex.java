package io.coxswain.controlplane;

import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.client.ApiClient;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.controlplane.authz.RoleObjects;
import io.coxswain.controlplane.authz.SubjectKey;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Roles and bindings, kept level by watches. Before it has started there are none.
final class RoleIndex implements RoleObjects, AutoCloseable {

  private static final String BY_SUBJECT = "subject";

  private record Known(
      InformerFactory factory,
      Informer<ClusterRole> clusterRoles,
      Informer<ClusterRoleBinding> clusterBindings,
      Informer<Role> roles,
      Informer<RoleBinding> bindings) {}

  private volatile @Nullable Known known;

  /// Blocks until everything is known.
  ///
  /// @return whether that was in time
  boolean start(ApiClient client, Duration patience) throws InterruptedException {
    InformerFactory factory = new InformerFactory(client);
    Known started =
        new Known(
            factory,
            factory.informer(ClusterRole.class),
            factory
                .informer(ClusterRoleBinding.class)
                .addIndex(
                    BY_SUBJECT,
                    binding ->
                        binding.getSubjectsList().stream()
                            .map(subject -> SubjectKey.of(subject, ""))
                            .toList()),
            factory.informer(Role.class),
            factory
                .informer(RoleBinding.class)
                .addIndex(
                    BY_SUBJECT,
                    binding ->
                        binding.getSubjectsList().stream()
                            .map(subject ->
                                SubjectKey.of(subject, binding.getMetadata().getNamespace()))
                            .toList()));
    known = started;
    factory.start();
    return factory.awaitSync(patience);
  }

  @Override
  public Collection<ClusterRoleBinding> clusterBindings(String subject) {
    Known now = known;
    return now == null ? List.of() : now.clusterBindings().byIndex(BY_SUBJECT, subject);
  }

  @Override
  public Collection<RoleBinding> bindings(String subject) {
    Known now = known;
    return now == null ? List.of() : now.bindings().byIndex(BY_SUBJECT, subject);
  }

  @Override
  public Optional<ClusterRole> clusterRole(String name) {
    Known now = known;
    return now == null ? Optional.empty() : now.clusterRoles().find("", name);
  }

  @Override
  public Optional<Role> role(String namespace, String name) {
    Known now = known;
    return now == null ? Optional.empty() : now.roles().find(namespace, name);
  }

  @Override
  public void close() {
    Known now = known;
    if (now != null) {
      now.factory().close();
    }
  }
}
