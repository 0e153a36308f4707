package io.coxswain.controlplane.registry;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/// What writers have just taken and the cache does not show yet. Together with the cache it tells
/// what is free, so nothing needs to be given back when an object goes, or counted again after a
/// restart.
final class Taken {

  private static final long UNDECIDED = Long.MAX_VALUE;

  private final LongSupplier cacheRevision;
  private final Map<String, Long> revisions = new HashMap<>();

  Taken(LongSupplier cacheRevision) {
    this.cacheRevision = cacheRevision;
  }

  /// Call before looking at the cache: what it shows by then is forgotten here.
  synchronized void settle() {
    long shown = cacheRevision.getAsLong();
    revisions.values().removeIf(revision -> revision <= shown);
  }

  synchronized boolean holds(String thing) {
    return revisions.containsKey(thing);
  }

  synchronized Strategy.Claim claim(Set<String> things) {
    things.forEach(thing -> revisions.put(thing, UNDECIDED));
    return new Strategy.Claim() {
      @Override
      public void giveBack() {
        synchronized (Taken.this) {
          revisions.keySet().removeAll(things);
        }
      }

      @Override
      public void made(long revision) {
        synchronized (Taken.this) {
          things.forEach(thing -> revisions.put(thing, revision));
        }
      }
    };
  }
}
