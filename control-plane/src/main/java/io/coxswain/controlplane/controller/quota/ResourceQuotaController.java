package io.coxswain.controlplane.controller.quota;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.core.v1.ResourceQuotaStatus;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.controller.Pace;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.controlplane.quota.QuotaRules;
import io.coxswain.controlplane.quota.Usage;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Reads quotas and what they count. Writes their status: `hard` as the spec has it, and `used` as
/// counted. Admission adds to `used` when something is made; this takes away what is gone. Where
/// there are no quotas it does nothing.
public final class ResourceQuotaController implements Controller {

  private static final Duration RECOUNT = Duration.ofMinutes(5);

  /// Kinds that are not watched here are counted as often.
  private static final Duration UNWATCHED = Duration.ofSeconds(10);

  /// Between a charge and its object in the store pass some milliseconds: who counts then finds too
  /// little. So less is believed only when it is still so after this time.
  private static final Duration BELIEVED = Duration.ofMillis(250);

  /// Servers charge only what the status says. What was made before all of them knew it is counted
  /// then.
  private static final Duration IN_FORCE = Duration.ofSeconds(2);

  private static final int DOUBTS = 20;

  private static final Set<String> WATCHED = Set.of("pods", "services");

  /// A count that was lower than what the quota says.
  private record Doubt(String version, int times) {}

  private final Informer<ResourceQuota> quotas;
  private final Resources<ResourceQuota> resources;
  private final ApiClient client;
  private final Clock clock;
  private final Work work;
  private final Map<ObjectKey, Doubt> doubts = new ConcurrentHashMap<>();

  public ResourceQuotaController(ControllerContext context, PodIndexes pods) {
    this.quotas = context.informers().informer(ResourceQuota.class);
    this.resources = context.client().resources(ResourceQuota.class);
    this.client = context.client();
    this.clock = context.clock();
    this.work =
        new Work(
            "resource-quota",
            2,
            Pace.SPARING,
            context,
            this::reconcile,
            () -> quotas.list().stream().map(ObjectMetas::key).toList());
    quotas.addHandler(ofQuotas());
    pods.informer().addHandler(ofPods());
    context.informers().informer(Service.class).addHandler(ofServices());
  }

  @Override
  public Work work() {
    return work;
  }

  /// What admission adds is no reason to count.
  private Handler<ResourceQuota> ofQuotas() {
    return new Handler<>() {
      @Override
      public void added(ResourceQuota quota) {
        work.enqueue(quota);
      }

      @Override
      public void updated(ResourceQuota before, ResourceQuota after) {
        if (!after.getSpec().getHardMap().equals(after.getStatus().getHardMap())) {
          work.enqueue(after);
        }
      }

      @Override
      public void deleted(ResourceQuota last) {
        doubts.remove(ObjectMetas.key(last));
      }
    };
  }

  private Handler<Pod> ofPods() {
    return new Handler<>() {
      @Override
      public void updated(Pod before, Pod after) {
        if ((hasEnded(after) && !hasEnded(before)) || isResized(before, after)) {
          wake(after);
        }
      }

      @Override
      public void deleted(Pod last) {
        wake(last);
      }
    };
  }

  /// Whether it may hold less than it did, because its node has taken back what it has no more.
  private static boolean isResized(Pod before, Pod after) {
    return isResized(
            before.getStatus().getContainerStatusesList(),
            after.getStatus().getContainerStatusesList())
        || isResized(
            before.getStatus().getInitContainerStatusesList(),
            after.getStatus().getInitContainerStatusesList());
  }

  private static boolean isResized(List<ContainerStatus> before, List<ContainerStatus> after) {
    for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
      if (before.get(i).hasResources()
          && !before.get(i).getResources().equals(after.get(i).getResources())) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus().getPhase();
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  private Handler<Service> ofServices() {
    return new Handler<>() {
      @Override
      public void updated(Service before, Service after) {
        if (!before.getSpec().equals(after.getSpec())) {
          wake(after);
        }
      }

      @Override
      public void deleted(Service last) {
        wake(last);
      }
    };
  }

  private void wake(Message object) {
    for (ResourceQuota quota : quotas.listIn(ObjectMetas.key(object).namespace())) {
      work.enqueue(quota);
    }
  }

  private Result reconcile(ObjectKey key) {
    if (quotas.find(key).isEmpty()) {
      return Result.done();
    }
    // Read before what it counts: a charge in between makes the write fail.
    ResourceQuota quota;
    try {
      quota = resources.read(key.namespace(), key.name());
    } catch (ApiException e) {
      if (e.isNotFound()) {
        return Result.done();
      }
      throw e;
    }
    Map<String, Quantity> used = count(quota);
    ResourceQuotaStatus wanted =
        ResourceQuotaStatus.newBuilder()
            .putAllHard(quota.getSpec().getHardMap())
            .putAllUsed(used)
            .build();
    if (!isSame(wanted, quota.getStatus())) {
      if (isLess(used, quota.getStatus().getUsedMap()) && !isBelieved(key, quota)) {
        return Result.after(BELIEVED);
      }
      try {
        var _ = resources.updateStatus(quota.toBuilder().setStatus(wanted).build());
      } catch (ApiException e) {
        if (e.isConflict()) {
          return Result.after(BELIEVED);
        }
        if (!e.isNotFound()) {
          throw e;
        }
      }
    }
    doubts.remove(key);
    if (!wanted.getHardMap().equals(quota.getStatus().getHardMap())) {
      return Result.after(IN_FORCE);
    }
    return Result.after(countsUnwatched(quota) ? UNWATCHED : RECOUNT);
  }

  private boolean isBelieved(ObjectKey key, ResourceQuota quota) {
    String version = quota.getMetadata().getResourceVersion();
    Doubt known = doubts.getOrDefault(key, new Doubt("", 0));
    doubts.put(key, new Doubt(version, known.times() + 1));
    return known.version().equals(version) || known.times() >= DOUBTS;
  }

  private static boolean isLess(Map<String, Quantity> counted, Map<String, Quantity> said) {
    return said.entrySet().stream()
        .anyMatch(one -> {
          Quantity count = counted.get(one.getKey());
          return count != null && Quantities.compare(count, one.getValue()) < 0;
        });
  }

  private static boolean isSame(ResourceQuotaStatus a, ResourceQuotaStatus b) {
    return a.getHardMap().equals(b.getHardMap())
        && a.getUsedMap().keySet().equals(b.getUsedMap().keySet())
        && a.getUsedMap().entrySet().stream()
            .allMatch(
                one -> Quantities.compare(one.getValue(), b.getUsedOrThrow(one.getKey())) == 0);
  }

  private static boolean countsUnwatched(ResourceQuota quota) {
    return types()
        .filter(type -> !WATCHED.contains(type.qualifiedPlural()))
        .anyMatch(
            type -> !QuotaRules.concerned(type, quota.getSpec().getHardMap().keySet()).isEmpty());
  }

  private static Stream<ResourceType<?>> types() {
    return Schema.api().types().stream().filter(type -> type.stored() && type.namespaced());
  }

  /// What its namespace takes of each of the quota's resources.
  private Map<String, Quantity> count(ResourceQuota quota) {
    Instant now = clock.instant();
    Set<String> hard = quota.getSpec().getHardMap().keySet();
    Map<String, Quantity> used = new TreeMap<>();
    hard.forEach(name -> used.put(name, Quantities.ZERO));
    types().forEach(type -> count(quota, type, QuotaRules.concerned(type, hard), now, used));
    return used;
  }

  private void count(
      ResourceQuota quota,
      ResourceType<?> type,
      Set<String> concerned,
      Instant now,
      Map<String, Quantity> used) {
    if (concerned.isEmpty()) {
      return;
    }
    ListOptions here = ListOptions.in(quota.getMetadata().getNamespace());
    for (Message object : client.resources(type).list(here).items()) {
      if (!QuotaRules.inScope(quota, object)) {
        continue;
      }
      Map<String, Quantity> usage = Usage.of(type, object, now);
      for (String name : concerned) {
        Quantity amount = usage.get(name);
        if (amount != null) {
          used.merge(name, amount, Quantities::add);
        }
      }
    }
  }
}
