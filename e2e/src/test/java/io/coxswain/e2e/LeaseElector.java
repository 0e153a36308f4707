package io.coxswain.e2e;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoordinationV1Api;
import io.kubernetes.client.openapi.models.V1Lease;
import io.kubernetes.client.openapi.models.V1LeaseSpec;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A candidate for the leadership that a Lease stands for, as client libraries do it: who makes the
/// lease or finds it not renewed for its duration takes it, and a version that is not the newest is
/// refused. One that closes leaves the lease to run out, as one that dies does.
final class LeaseElector implements AutoCloseable {

  private static final Duration LASTS = Duration.ofSeconds(2);
  private static final Duration EVERY = Duration.ofMillis(250);

  private final CoordinationV1Api leases;
  private final String namespace;
  private final String lease;
  private final String name;
  private final Runnable elected;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile boolean leads;

  /// By this candidate's own clock: those of others are nothing to go by.
  private long seenAt;

  private V1LeaseSpec seen = new V1LeaseSpec();

  private LeaseElector(
      ApiClient client, String namespace, String lease, String name, Runnable elected) {
    this.leases = new CoordinationV1Api(client);
    this.namespace = namespace;
    this.lease = lease;
    this.name = name;
    this.elected = elected;
  }

  static LeaseElector start(
      ApiClient client, String namespace, String lease, String name, Runnable elected) {
    LeaseElector elector = new LeaseElector(client, namespace, lease, name, elected);
    var _ =
        elector.thread.scheduleWithFixedDelay(
            elector::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    return elector;
  }

  boolean leads() {
    return leads;
  }

  /// How often it has tried.
  int looks() {
    return looks.get();
  }

  private void look() {
    boolean mine = take();
    if (mine && !leads) {
      elected.run();
    }
    leads = mine;
    looks.incrementAndGet();
  }

  private boolean take() {
    try {
      V1Lease found = leases.readNamespacedLease(lease, namespace).execute();
      V1LeaseSpec spec = found.getSpec();
      if (!spec.equals(seen)) {
        seen = spec;
        seenAt = System.nanoTime();
      }
      boolean mine = Objects.equals(spec.getHolderIdentity(), name);
      boolean over = System.nanoTime() - seenAt > LASTS.toNanos();
      if (!mine && !over) {
        return false;
      }
      int changes = Objects.requireNonNullElse(spec.getLeaseTransitions(), 0) + (mine ? 0 : 1);
      var _ = leases.replaceNamespacedLease(lease, namespace, found.spec(own(changes))).execute();
      return true;
    } catch (ApiException e) {
      return e.getCode() == 404 && make();
    }
  }

  private boolean make() {
    try {
      var _ =
          leases
              .createNamespacedLease(
                  namespace, new V1Lease().metadata(new V1ObjectMeta().name(lease)).spec(own(0)))
              .execute();
      return true;
    } catch (ApiException e) {
      return false; // somebody else was sooner
    }
  }

  private V1LeaseSpec own(int changes) {
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
    return new V1LeaseSpec()
        .holderIdentity(name)
        .leaseDurationSeconds((int) LASTS.toSeconds())
        .leaseTransitions(changes)
        .acquireTime(now)
        .renewTime(now);
  }

  @Override
  public void close() {
    thread.close();
    leads = false;
  }
}
