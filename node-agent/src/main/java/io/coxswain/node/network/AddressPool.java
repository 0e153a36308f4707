package io.coxswain.node.network;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which addresses of a range are free. Goes round the range, so that an address is not given again
/// soon: a late packet or a stale cache must not meet another pod. Not safe for use by many
/// threads.
final class AddressPool {

  private final Cidr range;
  private final Duration rest;
  private final InstantSource clock;
  private final Set<InetAddress> taken = new HashSet<>();
  private final Map<InetAddress, Instant> resting = new LinkedHashMap<>();
  private long last = 1;

  /// The first address, the second (the gateway's) and the last are never given.
  ///
  /// @param rest how long an address stays unused after its pod has gone, while others are free
  AddressPool(Cidr range, Duration rest, InstantSource clock) {
    if (range.prefixLength() > 30) {
      throw new IllegalArgumentException(
          "the pod range %s is too small: it needs a prefix of 30 bits or less".formatted(range));
    }
    this.range = range;
    this.rest = rest;
    this.clock = clock;
  }

  /// Marks an address as in use, and goes on after it. One outside of the range is fine: the range
  /// of a node may have changed.
  void take(InetAddress address) {
    taken.add(address);
    if (range.contains(address)) {
      last = range.offset(address);
    }
  }

  /// The next free address, or nothing when all are in use.
  Optional<InetAddress> take() {
    resting.values().removeIf(since -> !since.plus(rest).isAfter(clock.instant()));
    long usable = range.size() - 3;
    for (long step = 1; step <= usable; step++) {
      long offset = 2 + Math.floorMod(last - 2 + step, usable);
      InetAddress address = range.address(offset);
      if (!taken.contains(address) && !resting.containsKey(address)) {
        take(address);
        return Optional.of(address);
      }
    }
    Optional<InetAddress> longest = resting.keySet().stream().findFirst();
    longest.ifPresent(address -> {
      resting.remove(address);
      take(address);
    });
    return longest;
  }

  void release(InetAddress address) {
    if (taken.remove(address) && range.contains(address)) {
      resting.put(address, clock.instant());
    }
  }
}
