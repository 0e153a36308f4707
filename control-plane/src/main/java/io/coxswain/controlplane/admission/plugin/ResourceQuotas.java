package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Quantities;
import io.coxswain.controlplane.quota.QuotaRules;
import io.coxswain.controlplane.quota.Usage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// Charges the quotas of a namespace for what is about to be stored in it, by writing their status
/// first and only if nobody else has meanwhile: of several servers and clients none gets more than
/// the quota has. What is freed, the quota controller counts.
final class ResourceQuotas {

  private static final int TRIES = 20;

  /// Writers of one namespace in this process do not race with each other.
  private static final int LOCKS = 64;

  /// Kinds whose changes may take more than they did.
  private static final Set<String> GROWING = Set.of("pods", "services", "persistentvolumeclaims");

  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  /// As this process last wrote them, until the caches know.
  private final Map<ObjectKey, ResourceQuota> written = new ConcurrentHashMap<>();

  private final InstantSource clock;

  ResourceQuotas(InstantSource clock) {
    this.clock = clock;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /// Blocks while the store writes.
  ///
  /// @throws ApiException with Forbidden when a quota does not allow it
  Charge charge(AdmissionRequest request, StoredObjects objects) {
    if (request.namespace().isEmpty()
        || (!request.creates() && !GROWING.contains(request.type().qualifiedPlural()))) {
      return Charge.NOTHING;
    }
    if (objects.list(ResourceQuota.class, request.namespace()).isEmpty()) {
      return Charge.NOTHING;
    }
    ReentrantLock lock = locks[Math.floorMod(request.namespace().hashCode(), LOCKS)];
    lock.lock();
    try {
      return locked(request, objects);
    } finally {
      lock.unlock();
    }
  }

  private Charge locked(AdmissionRequest request, StoredObjects objects) {
    Instant now = clock.instant();
    List<ResourceQuota> quotas = new ArrayList<>();
    for (ResourceQuota cached : objects.list(ResourceQuota.class, request.namespace())) {
      quotas.add(newest(cached));
    }
    // All are asked before one is written.
    for (ResourceQuota quota : quotas) {
      var _ = charged(request, quota, now);
    }
    Charges charges = new Charges(this, objects);
    if (request.dryRun()) {
      return charges;
    }
    try {
      for (ResourceQuota quota : quotas) {
        write(request, quota, objects, now, charges);
      }
      return charges;
    } catch (ApiException refused) {
      charges.giveBack();
      throw refused;
    }
  }

  private ResourceQuota newest(ResourceQuota cached) {
    ObjectKey key = ObjectMetas.key(cached);
    ResourceQuota own = written.get(key);
    if (own == null) {
      return cached;
    }
    if (version(own) > version(cached)) {
      return own;
    }
    written.remove(key, own);
    return cached;
  }

  private static long version(ResourceQuota quota) {
    return Long.parseLong(quota.getMetadata().getResourceVersion());
  }

  private void write(
      AdmissionRequest request,
      ResourceQuota first,
      StoredObjects objects,
      Instant now,
      Charges charges) {
    ResourceQuota quota = first;
    for (int i = 0; i < TRIES; i++) {
      Map<String, Quantity> more = charged(request, quota, now);
      if (more.isEmpty()) {
        return;
      }
      Optional<ResourceQuota> stored = replace(added(quota, more), objects);
      if (stored.isPresent()) {
        charges.add(stored.get(), more);
        return;
      }
      Optional<ResourceQuota> latest =
          objects.latest(ResourceQuota.class, request.namespace(), quota.getMetadata().getName());
      if (latest.isEmpty()) {
        return;
      }
      quota = latest.get();
    }
    throw new ApiException(
        new ApiError.Unavailable(
            "quota "
                + quota.getMetadata().getName()
                + " is written by too many at once, please try again"));
  }

  Optional<ResourceQuota> replace(ResourceQuota changed, StoredObjects objects) {
    Optional<ResourceQuota> stored = objects.replace(changed);
    stored.ifPresent(quota -> written.put(ObjectMetas.key(quota), quota));
    return stored;
  }

  static ResourceQuota added(ResourceQuota quota, Map<String, Quantity> more) {
    ResourceQuota.Builder changed = quota.toBuilder();
    more.forEach((name, amount) ->
        changed
            .getStatusBuilder()
            .putUsed(
                name,
                Quantities.add(quota.getStatus().getUsedOrDefault(name, Quantities.ZERO), amount)));
    return changed.build();
  }

  /// What the write takes of the quota beyond what it took before; nothing when it takes nothing.
  ///
  /// @throws ApiException with Forbidden when the quota has not as much
  private static Map<String, Quantity> charged(
      AdmissionRequest request, ResourceQuota quota, Instant now) {
    Set<String> concerned =
        QuotaRules.concerned(request.type(), quota.getStatus().getHardMap().keySet());
    if (concerned.isEmpty() || !QuotaRules.inScope(quota, request.object())) {
      return Map.of();
    }
    String name = quota.getMetadata().getName();
    if (request.creates() && request.object() instanceof Pod pod) {
      QuotaRules.unsaid(pod, concerned)
          .ifPresent(why -> {
            throw request.forbidden("failed quota: " + name + ": " + why);
          });
    }
    Map<String, Quantity> usage = Usage.of(request.type(), request.object(), now);
    Map<String, Quantity> usedBefore =
        request
            .before()
            .filter(before -> QuotaRules.inScope(quota, before))
            .map(before -> Usage.of(request.type(), before, now))
            .orElse(Map.of());
    Map<String, Quantity> more = new TreeMap<>();
    for (String resource : concerned) {
      Quantity after = usage.get(resource);
      if (after == null) {
        continue;
      }
      Quantity delta =
          Quantities.subtract(after, usedBefore.getOrDefault(resource, Quantities.ZERO));
      if (Quantities.value(delta).signum() > 0) {
        more.put(resource, delta);
      }
    }
    if (!more.isEmpty()) {
      refuseExcess(request, quota, concerned, more);
    }
    return more;
  }

  private static void refuseExcess(
      AdmissionRequest request,
      ResourceQuota quota,
      Set<String> concerned,
      Map<String, Quantity> more) {
    Map<String, Quantity> used = quota.getStatus().getUsedMap();
    Map<String, Quantity> hard = quota.getStatus().getHardMap();
    String name = quota.getMetadata().getName();
    if (!used.keySet().containsAll(concerned)) {
      throw request.forbidden(
          "status unknown for quota: " + name + ", resources: " + String.join(",", concerned));
    }
    List<String> exceeded =
        more.keySet().stream()
            .filter(resource ->
                Quantities.compare(
                        Quantities.add(amount(used, resource), amount(more, resource)),
                        amount(hard, resource))
                    > 0)
            .toList();
    if (!exceeded.isEmpty()) {
      throw request.forbidden(
          "exceeded quota: %s, requested: %s, used: %s, limited: %s"
              .formatted(
                  name, shown(more, exceeded), shown(used, exceeded), shown(hard, exceeded)));
    }
  }

  private static Quantity amount(Map<String, Quantity> amounts, String name) {
    return amounts.getOrDefault(name, Quantities.ZERO);
  }

  private static String shown(Map<String, Quantity> amounts, List<String> names) {
    return names.stream()
        .map(name -> name + "=" + amount(amounts, name).getString())
        .collect(Collectors.joining(","));
  }

  /// What one write was charged.
  private static final class Charges implements Charge {

    private record One(ResourceQuota quota, Map<String, Quantity> more) {}

    private final ResourceQuotas owner;
    private final StoredObjects objects;
    private final List<One> made = new ArrayList<>();

    Charges(ResourceQuotas owner, StoredObjects objects) {
      this.owner = owner;
      this.objects = objects;
    }

    void add(ResourceQuota quota, Map<String, Quantity> more) {
      made.add(new One(quota, more));
    }

    /// Only where nobody wrote since: what somebody counted anew meanwhile must not be reduced.
    /// Where this fails, the controller counts.
    @Override
    public void giveBack() {
      for (One one : made) {
        ResourceQuota.Builder less = one.quota().toBuilder();
        one.more()
            .forEach((name, amount) ->
                less.getStatusBuilder()
                    .putUsed(
                        name,
                        Quantities.subtract(one.quota().getStatus().getUsedOrThrow(name), amount)));
        var _ = owner.replace(less.build(), objects);
      }
    }
  }
}
