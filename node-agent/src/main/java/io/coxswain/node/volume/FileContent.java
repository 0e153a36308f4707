package io.coxswain.node.volume;

import com.google.protobuf.ByteString;

/// One file of a volume.
///
/// @param mode permission bits
/// @param owner user id; 0 is root
record FileContent(ByteString bytes, int mode, int owner) {

  FileContent(ByteString bytes, int mode) {
    this(bytes, mode, 0);
  }
}
