package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;

/// The revisions that the store tells, made from etcd's. All changes of a transaction have one
/// revision in etcd; here each has its own, so that whoever was told of some of them can resume
/// behind these: etcd's revision times 1024, plus the change's place in its transaction.
///
/// Writes have the places from 0 on. The place is part of the value, or a read would not tell it: a
/// trailer that readers of protobuf pass over as a field they do not know, and that is left out for
/// place 0, which nearly all have. Removals, which leave no value, have places behind these in the
/// order in which etcd tells them. The last place stands for the whole: the revision of a list, or
/// of progress.
final class EtcdRevisions {

  /// How many writes a transaction may hold.
  static final int MOST_WRITES = 64;

  private static final int BITS = 10;
  private static final int WHOLE = (1 << BITS) - 1;

  /// The tag of field 10,000 with a number in it. The number follows, below 128.
  private static final ByteString TRAILER =
      ByteString.copyFrom(new byte[] {(byte) 0x80, (byte) 0xF1, 0x04});

  private EtcdRevisions() {}

  /// Everything of etcd's revision.
  static long whole(long etcd) {
    return etcd << BITS | WHOLE;
  }

  /// @param place among the transaction's writes
  static long written(long etcd, int place) {
    return etcd << BITS | place;
  }

  /// @param place among the transaction's removals. Those that go by themselves at the same moment
  ///   may be more than there are places; the last ones then share one.
  static long removed(long etcd, int place) {
    return etcd << BITS | Math.min(MOST_WRITES + place, WHOLE - 1);
  }

  /// The revision of etcd that has the change.
  static long etcd(long revision) {
    return revision >>> BITS;
  }

  /// The first revision of etcd that may have something later; etcd counts from 1 on.
  static long firstAfter(long revision) {
    return Math.max(1, etcd(revision) + ((revision & WHOLE) == WHOLE ? 1 : 0));
  }

  /// The bytes for etcd to keep.
  static ByteString placed(ByteString bytes, int place) {
    return place == 0 && !hasTrailer(bytes)
        ? bytes
        : bytes.concat(TRAILER).concat(ByteString.copyFrom(new byte[] {(byte) place}));
  }

  /// What etcd keeps, as it was written.
  static StoredValue value(KeyValue kv) {
    ByteString bytes = kv.getValue();
    int place = 0;
    if (hasTrailer(bytes)) {
      place = bytes.byteAt(bytes.size() - 1);
      bytes = bytes.substring(0, bytes.size() - TRAILER.size() - 1);
    }
    return new StoredValue(kv.getKey().toStringUtf8(), bytes, written(kv.getModRevision(), place));
  }

  private static boolean hasTrailer(ByteString bytes) {
    int from = bytes.size() - TRAILER.size() - 1;
    return from >= 0
        && bytes.byteAt(from) == TRAILER.byteAt(0)
        && bytes.byteAt(from + 1) == TRAILER.byteAt(1)
        && bytes.byteAt(from + 2) == TRAILER.byteAt(2);
  }
}
