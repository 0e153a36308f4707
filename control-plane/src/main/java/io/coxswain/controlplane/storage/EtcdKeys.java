package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;

/// Keys as etcd has them.
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
}
