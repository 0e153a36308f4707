package io.coxswain.controlplane.watch;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.controlplane.storage.Write;
import io.coxswain.controlplane.storage.WriteResult;
import java.time.Duration;
import java.util.Optional;

/// Makes a read from the caches see the latest write: asks the store for its revision, which is
/// cheap, and waits until the caches have come that far. Mostly they have already.
///
/// A store that other programs write to counts revisions which no event of ours will ever show, and
/// etcd 3.4 tells its progress only every ten minutes. So after a short wait this writes a key of
/// its own below the same prefix, whose event then comes behind everything earlier.
final class FreshReads {

  private static final Duration USUAL = Duration.ofMillis(100);
  private static final String MARK = "coxswain.io/progress";

  private final Store store;
  private final SharedRevision revision;
  private final String key;
  private final Reflector reflector;

  FreshReads(Store store, String root, Reflector reflector) {
    this.store = store;
    this.revision = new SharedRevision(store::revision);
    this.key = root + MARK;
    this.reflector = reflector;
  }

  /// @return whether the caches came level with what the store held when this began, in the time
  ///   that this usually takes
  boolean usual() {
    return reflector.await(revision.revision(), USUAL);
  }

  /// @return whether the caches are level with what the store held when this began
  boolean await(Duration patience) {
    long wanted = revision.revision();
    if (reflector.await(wanted, USUAL)) {
      return true;
    }
    mark();
    return reflector.await(wanted, patience);
  }

  /// A refusal is as good: somebody else's mark came after ours was due.
  private void mark() {
    Optional<StoredValue> last = store.find(key);
    WriteResult marked =
        store.write(
            last.isPresent()
                ? new Write.Replace(key, ByteString.EMPTY, last.get().revision())
                : new Write.Create(key, ByteString.EMPTY));
    if (marked instanceof WriteResult.Refused(Optional<StoredValue> current) && current.isEmpty()) {
      throw new IllegalStateException("nobody removes " + key + ", yet it is gone");
    }
  }
}
