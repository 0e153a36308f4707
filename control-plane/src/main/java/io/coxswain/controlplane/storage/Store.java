package io.coxswain.controlplane.storage;

import java.util.Optional;

/// A map from key to bytes with one revision over all its changes, and a history of them back to
/// the last compaction. Reads see every write that was answered before they began. Safe for use by
/// many threads; calls block and belong on virtual threads.
///
/// Every call throws [StoreException.Unavailable] when the store does not answer in time; an
/// interrupt ends a call by the same exception with the thread's interrupt flag set.
public interface Store extends AutoCloseable {

  Optional<StoredValue> find(String key);

  /// Values in the order of their keys, all of one revision.
  ///
  /// @throws StoreException.Compacted when that revision is no longer kept
  StorePage list(ListRange range);

  /// Applies one guarded change. Never retried underneath: a change that the store may or may not
  /// have made is settled by reading back, and where that tells nothing either, the call throws.
  ///
  /// @throws StoreException.OutcomeUnknown when nobody can tell whether the change was made
  /// @throws StoreException.TooLarge when the value is more than the store takes
  WriteResult write(Write write);

  /// The revision of the newest change anywhere in the store.
  long revision();

  /// Changes below a prefix, after a revision, in order, none left out. Survives restarts of the
  /// store and loss of the connection.
  StoreWatch watch(String prefix, long afterRevision);

  /// Forgets what was superseded before this revision. Harmless when done already.
  void compact(long revision);

  @Override
  void close();
}
