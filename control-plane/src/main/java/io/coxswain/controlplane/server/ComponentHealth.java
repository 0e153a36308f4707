package io.coxswain.controlplane.server;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.ComponentCondition;
import io.coxswain.api.core.v1.ComponentStatus;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.table.IncludeObject;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/// The kind ComponentStatus, which people still ask for (`kubectl get cs`): whether scheduler,
/// controllers and etcd are well. Nothing of it is stored. The first two are well while the one of
/// them that leads renews its Lease.
final class ComponentHealth {

  private static final String DEPRECATED = "v1 ComponentStatus is deprecated in v1.19+";
  private static final ResourceType<Lease> LEASES = ResourceType.of(Lease.class);

  private final ApiPipeline pipeline;
  private final HealthChecks health;
  private final Clock clock;

  ComponentHealth(ApiPipeline pipeline, HealthChecks health, Clock clock) {
    this.pipeline = pipeline;
    this.health = health;
    this.clock = clock;
  }

  /// Answers a get or list that is authorized.
  void handle(RequestInfo request, ResourceType<?> type, RequestOptions options, Reply reply)
      throws IOException {
    Negotiation form = Negotiation.of(reply.exchange().header("accept"));
    IncludeObject include = IncludeObject.of(options.get("includeObject"));
    reply.warn(List.of(DEPRECATED));
    if (request.verb().equals("get")) {
      reply.object(200, form, type, one(request.name()), include);
      return;
    }
    List<CachedObject> found =
        all().stream()
            .filter(component ->
                request.name().isEmpty()
                    || component.getMetadata().getName().equals(request.name()))
            .map(component -> CachedObject.unstored(ObjectMetas.key(component), component))
            .toList();
    reply.list(form, type, new Listing(found, "", "", OptionalLong.empty()), include);
  }

  private ComponentStatus one(String name) {
    return all().stream()
        .filter(component -> component.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new ApiException(
                new ApiError.NotFound(
                    "", "componentstatuses", name, "Component not found: " + name)));
  }

  private List<ComponentStatus> all() {
    boolean etcd =
        health.report("/readyz/etcd", java.util.Set.of()).health() != HealthChecks.Health.FAILED;
    return List.of(
        component("scheduler", leads("kube-scheduler"), "no scheduler renews its lease"),
        component(
            "controller-manager",
            leads("kube-controller-manager"),
            "no controller manager renews its lease"),
        component("etcd-0", etcd, "the store does not answer"));
  }

  private boolean leads(String name) {
    Listing found =
        pipeline.listFor(
            new ListQuery(LEASES, "kube-system", "", "metadata.name=" + name, "0", "", 0, ""));
    return found.items().stream().anyMatch(item -> isFresh((Lease) item.message()));
  }

  private boolean isFresh(Lease lease) {
    Instant end =
        Times.instant(lease.getSpec().getRenewTime())
            .plusSeconds(lease.getSpec().getLeaseDurationSeconds());
    return !lease.getSpec().getHolderIdentity().isEmpty() && clock.instant().isBefore(end);
  }

  private static ComponentStatus component(String name, boolean well, String otherwise) {
    ComponentCondition.Builder condition =
        ComponentCondition.newBuilder().setType("Healthy").setStatus(well ? "True" : "False");
    if (well) {
      condition.setMessage("ok");
    } else {
      condition.setError(otherwise);
    }
    return ComponentStatus.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setName(name))
        .addConditions(condition)
        .build();
  }
}
