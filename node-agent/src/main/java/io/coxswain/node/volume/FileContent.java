package io.coxswain.node.volume;

import com.google.protobuf.ByteString;

/// One file of a volume.
///
/// @param mode permission bits
record FileContent(ByteString bytes, int mode) {}
