package io.coxswain.client.leader;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.coordination.v1.LeaseSpec;
import io.coxswain.api.meta.v1.MicroTime;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.Resources;
import io.coxswain.client.lifecycle.TaskScope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Campaigns for a Lease and keeps it. Writes `spec` of that Lease. A lease that did not change for
/// its duration, by the candidate's own monotonic clock, is taken over; the API's versions decide
/// between two who try at once.
public final class LeaderElector implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LeaderElector.class);

  private final Resources<Lease> leases;
  private final LeaderElection election;
  private final Leadership leadership;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final TaskScope scope;

  private @Nullable Lease held;
  private @Nullable LeaseSpec observed;
  private long observedAt;
  private volatile long renewedAt;
  private volatile boolean leading;
  private volatile boolean closing;
  private volatile long term;

  public LeaderElector(ApiClient client, LeaderElection election, Leadership leadership) {
    this(client, election, leadership, Clock.systemUTC(), System::nanoTime);
  }

  public LeaderElector(
      ApiClient client,
      LeaderElection election,
      Leadership leadership,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.leases = client.resources(Lease.class);
    this.election = election;
    this.leadership = leadership;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.scope = new TaskScope("leader/" + election.name());
  }

  public void start() {
    scope.fork("campaign", this::run);
    scope.fork("watchdog", this::watch);
  }

  /// Whether this candidate may act as the leader now. Said from its own clock, so it turns false
  /// in time also while the API does not answer.
  public boolean leading() {
    return leading && !overdue();
  }

  /// The term that this candidate last led in.
  public long term() {
    return term;
  }

  /// Stops leading, gives the lease back so that another need not wait, and ends.
  @Override
  public void close() {
    closing = true;
    scope.close();
    if (leading) {
      step(false);
      release();
    }
  }

  /// One try, without waiting; true when leading after it. For tests and drivers with a virtual
  /// clock.
  public boolean tryOnce() {
    // The lease counts from before the renewal was sent: whoever watches it sees it no earlier.
    long asked = nanoTime.getAsLong();
    boolean renewed;
    try {
      renewed = renew() || acquire();
    } catch (ApiException e) {
      log.debug("lease {}: {}", election.name(), e.getMessage());
      renewed = false;
    }
    if (renewed) {
      renewedAt = asked;
    }
    boolean keeps = renewed || (leading && !heldByOther());
    step(keeps && !overdue());
    return leading;
  }

  // A call to the API may hang for longer than the lease lasts: giving up cannot wait for it.
  private void watch() throws InterruptedException {
    while (true) {
      Thread.sleep(untilOverdue());
      if (leading && overdue()) {
        step(false);
      }
    }
  }

  // Who does not lead now cannot be overdue before a whole deadline has passed.
  Duration untilOverdue() {
    Duration whole = election.renewDeadline();
    Duration left = leading ? whole.minusNanos(sinceRenewal()) : whole;
    return left.isPositive() ? left : election.retryPeriod();
  }

  private boolean overdue() {
    return sinceRenewal() >= election.renewDeadline().toNanos();
  }

  private long sinceRenewal() {
    return nanoTime.getAsLong() - renewedAt;
  }

  private void run() throws InterruptedException {
    while (true) {
      boolean leads = tryOnce();
      // a leader whose renewal just failed, and everybody else, comes back sooner
      boolean fresh = leads && sinceRenewal() < election.retryPeriod().toNanos();
      Thread.sleep(fresh ? election.renewPeriod() : election.retryPeriod());
    }
  }

  // The lease as this candidate wrote it last is most likely what it still is: no need to ask.
  private boolean renew() {
    Lease last = held;
    if (!leading || last == null) {
      return false;
    }
    try {
      return observe(leases.update(last.toBuilder().setSpec(held(last.getSpec(), false)).build()));
    } catch (ApiException e) {
      held = null;
      if (e.isConflict() || e.isNotFound()) {
        return false;
      }
      throw e;
    }
  }

  private boolean acquire() {
    Optional<Lease> found = leases.find(election.namespace(), election.name());
    if (found.isEmpty()) {
      Lease fresh =
          Lease.newBuilder()
              .setMetadata(
                  ObjectMeta.newBuilder()
                      .setNamespace(election.namespace())
                      .setName(election.name()))
              .setSpec(held(LeaseSpec.getDefaultInstance(), true).setLeaseTransitions(0))
              .build();
      return observe(leases.create(fresh));
    }
    Lease lease = found.get();
    boolean mine = lease.getSpec().getHolderIdentity().equals(election.identity());
    if (!mine && !free(lease.getSpec())) {
      return false;
    }
    LeaseSpec.Builder next = held(lease.getSpec(), !mine);
    if (!mine) {
      next.setLeaseTransitions(lease.getSpec().getLeaseTransitions() + 1);
    }
    return observe(leases.update(lease.toBuilder().setSpec(next).build()));
  }

  // Whether its holder has let it go, or has not renewed it for its whole duration while watched.
  private boolean free(LeaseSpec spec) {
    long now = nanoTime.getAsLong();
    if (!spec.equals(observed)) {
      observed = spec;
      observedAt = now;
    }
    Duration duration = Duration.ofSeconds(Math.max(1, spec.getLeaseDurationSeconds()));
    return spec.getHolderIdentity().isEmpty() || now - observedAt >= duration.toNanos();
  }

  private boolean observe(Lease lease) {
    held = lease;
    observed = lease.getSpec();
    observedAt = nanoTime.getAsLong();
    term = lease.getSpec().getLeaseTransitions();
    return true;
  }

  private boolean heldByOther() {
    LeaseSpec last = observed;
    return last != null
        && !last.getHolderIdentity().isEmpty()
        && !last.getHolderIdentity().equals(election.identity());
  }

  private LeaseSpec.Builder held(LeaseSpec before, boolean acquired) {
    MicroTime now = micro(clock.instant());
    LeaseSpec.Builder spec =
        before.toBuilder()
            .setHolderIdentity(election.identity())
            .setLeaseDurationSeconds((int) Math.max(1, election.leaseDuration().toSeconds()))
            .setRenewTime(now);
    return acquired ? spec.setAcquireTime(now) : spec;
  }

  private void release() {
    try {
      Optional<Lease> lease = leases.find(election.namespace(), election.name());
      if (lease.isPresent()
          && lease.get().getSpec().getHolderIdentity().equals(election.identity())) {
        Lease ignored =
            leases.update(
                lease.get().toBuilder()
                    .setSpec(lease.get().getSpec().toBuilder().setHolderIdentity(""))
                    .build());
      }
    } catch (ApiException e) {
      log.debug("lease {} could not be given back: {}", election.name(), e.getMessage());
    }
  }

  private synchronized void step(boolean up) {
    if (up == leading) {
      return;
    }
    leading = up;
    if (up) {
      log.info("{} leads {} in term {}", election.identity(), election.name(), term);
      leadership.gained(term);
    } else {
      log.atLevel(closing ? Level.INFO : Level.WARN)
          .log("{} no longer leads {}", election.identity(), election.name());
      leadership.lost();
    }
  }

  private static MicroTime micro(Instant at) {
    return MicroTime.newBuilder()
        .setSeconds(at.getEpochSecond())
        .setNanos(at.getNano() / 1000 * 1000)
        .build();
  }
}
