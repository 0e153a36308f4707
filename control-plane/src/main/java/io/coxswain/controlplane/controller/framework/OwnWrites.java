package io.coxswain.controlplane.controller.framework;

import io.coxswain.client.ObjectKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The newest version that a controller has written for each of its objects. Until its informer has
/// heard of that, a reconciler would decide on a level from before its own last step, and do the
/// step again. Versions of the API grow with every write and compare as numbers.
///
/// One reconciler works on a key at a time; different keys are safe from many threads.
public final class OwnWrites {

  private static final long UNKNOWN = Long.MAX_VALUE;

  private final Map<ObjectKey, Long> written = new ConcurrentHashMap<>();

  /// A write for the key was answered with this version.
  public void wrote(ObjectKey key, String resourceVersion) {
    written.merge(key, number(resourceVersion), Math::max);
  }

  /// A write for the key may have happened or not: nothing is seen until [#settle].
  public void inDoubt(ObjectKey key) {
    written.put(key, UNKNOWN);
  }

  public boolean isInDoubt(ObjectKey key) {
    return written.getOrDefault(key, 0L) == UNKNOWN;
  }

  /// The server, asked after the doubtful write, was at this version.
  public void settle(ObjectKey key, String resourceVersion) {
    written.put(key, number(resourceVersion));
  }

  /// Whether an informer at the given version knows of all that was written for the key.
  public boolean seen(ObjectKey key, String informerVersion) {
    Long version = written.get(key);
    if (version == null) {
      return true;
    }
    if (number(informerVersion) < version) {
      return false;
    }
    written.remove(key, version);
    return true;
  }

  public void forget(ObjectKey key) {
    written.remove(key);
  }

  private static long number(String resourceVersion) {
    return resourceVersion.isEmpty() ? 0 : Long.parseLong(resourceVersion);
  }
}
