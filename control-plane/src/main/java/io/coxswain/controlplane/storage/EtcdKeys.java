package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;

/// Keys as etcd has them, and values as the store tells them.
final class EtcdKeys {

  private EtcdKeys() {}

  static ByteString bytes(String key) {
    return ByteString.copyFromUtf8(key);
  }

  /// The first key behind all those with the prefix.
  static ByteString endOf(String prefix) {
    byte[] end = ByteString.copyFromUtf8(prefix).toByteArray();
    end[end.length - 1]++;
    return ByteString.copyFrom(end);
  }

  static StoredValue value(KeyValue kv) {
    return new StoredValue(kv.getKey().toStringUtf8(), kv.getValue(), kv.getModRevision());
  }
}
