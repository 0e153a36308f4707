package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;

/// One key's value.
///
/// @param revision of the change that wrote it
public record StoredValue(String key, ByteString bytes, long revision) {}
