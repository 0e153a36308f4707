package io.coxswain.controlplane.controller.role;

import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Selectors;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.Work;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Keeps the rules of aggregated ClusterRoles. Reads and writes ClusterRoles.
public final class AggregationController implements Controller {

  private final Informer<ClusterRole> roles;
  private final Resources<ClusterRole> resources;
  private final Work work;

  public AggregationController(ControllerContext context) {
    this.roles = context.informers().informer(ClusterRole.class);
    this.resources = context.client().resources(ClusterRole.class);
    this.work = new Work("role-aggregation", 1, context, this::reconcile, this::gathering);
    // any role may be one that another gathers, or have been until now
    roles.addHandler(Handler.each(role -> gathering().forEach(work::enqueue)));
  }

  @Override
  public Work work() {
    return work;
  }

  private List<ObjectKey> gathering() {
    return roles.list().stream()
        .filter(ClusterRole::hasAggregationRule)
        .map(ObjectMetas::key)
        .toList();
  }

  private Result reconcile(ObjectKey key) {
    Optional<ClusterRole> found = roles.find(key).filter(ClusterRole::hasAggregationRule);
    if (found.isEmpty()) {
      return Result.done();
    }
    List<PolicyRule> rules = gathered(found.get(), roles.list());
    if (!rules.equals(found.get().getRulesList())) {
      Meanwhile.gone(() -> {
        ClusterRole _ =
            resources.update(found.get().toBuilder().clearRules().addAllRules(rules).build());
      });
    }
    return Result.done();
  }

  /// The rules of all that the selectors find, in the order of the roles' names, each once.
  static List<PolicyRule> gathered(ClusterRole role, Collection<ClusterRole> all) {
    List<LabelMatcher> selectors =
        role.getAggregationRule().getClusterRoleSelectorsList().stream()
            .map(Selectors::labels)
            .toList();
    LinkedHashSet<PolicyRule> rules = new LinkedHashSet<>();
    all.stream()
        .filter(other -> !other.getMetadata().getName().equals(role.getMetadata().getName()))
        .filter(other -> selectors.stream().anyMatch(selector -> selector.matches(other)))
        .sorted(Comparator.comparing(other -> other.getMetadata().getName()))
        .forEach(other -> rules.addAll(other.getRulesList()));
    return List.copyOf(rules);
  }
}
