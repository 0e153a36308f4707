package io.coxswain.controlplane.storage;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// Leases by which values go by themselves. One is shared by everything of the same time to live
/// that is written within a minute, since etcd pays for each lease as long as it lasts.
final class EtcdLeases {

  private static final Duration SHARED = Duration.ofMinutes(1);

  private record Lease(long id, long grantedNanos) {}

  private final LeaseGrpc.LeaseBlockingStub stub;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Duration, Lease> current = new HashMap<>();

  EtcdLeases(ManagedChannel channel, Duration patience, LongSupplier nanoTime) {
    this.stub = LeaseGrpc.newBlockingStub(channel).withWaitForReady();
    this.patience = patience;
    this.nanoTime = nanoTime;
  }

  /// A lease that lasts at least so long, and a minute more at most; 0, which is none, for good.
  long lasting(Duration timeToLive) {
    if (timeToLive.equals(Write.FOREVER)) {
      return 0;
    }
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      Lease lease = current.get(timeToLive);
      if (lease == null || now - lease.grantedNanos() > shared(timeToLive).toNanos()) {
        lease = new Lease(grant(timeToLive.plus(shared(timeToLive))), now);
        current.put(timeToLive, lease);
      }
      return lease.id();
    } finally {
      lock.unlock();
    }
  }

  /// Shares no lease any more that was granted before: etcd may not know it.
  void forget() {
    lock.lock();
    try {
      current.clear();
    } finally {
      lock.unlock();
    }
  }

  /// A short time to live is kept more exactly.
  private static Duration shared(Duration timeToLive) {
    Duration tenth = timeToLive.dividedBy(10);
    return tenth.compareTo(SHARED) < 0 ? tenth : SHARED;
  }

  private long grant(Duration duration) {
    long seconds = Math.max(1, duration.toSeconds());
    try {
      return stub.withDeadlineAfter(patience)
          .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(seconds).build())
          .getID();
    } catch (StatusRuntimeException failed) {
      throw EtcdErrors.translate("ask for a lease of " + seconds + " s", failed);
    }
  }
}
