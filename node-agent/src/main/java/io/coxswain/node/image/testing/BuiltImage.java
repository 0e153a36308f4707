package io.coxswain.node.image.testing;

import java.util.Map;

/// An image ready to be pushed.
///
/// @param manifestType media type of the manifest
/// @param manifest its JSON
/// @param blobs config and layers by digest
/// @param configDigest the image's id
public record BuiltImage(
    String manifestType, String manifest, Map<String, byte[]> blobs, String configDigest) {

  public BuiltImage {
    blobs = Map.copyOf(blobs);
  }
}
