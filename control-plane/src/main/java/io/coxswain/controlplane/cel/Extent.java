package io.coxswain.controlplane.cel;

import java.util.Optional;

/// How large a value of a variable may be, and what is in it, by which [EstimatedCost] tells what
/// may come of an expression.
public interface Extent {

  /// What fits in a request, which bounds what nothing else does.
  long REQUEST_BYTES = 3L * 1024 * 1024;

  /// Bytes of a text, elements of a list or map; one for all else.
  long size();

  /// A member that has a name, or what a map has for one; nothing where that is not known.
  default Optional<Extent> member(String name) {
    return element();
  }

  /// What a list or map holds; nothing where that is not known.
  default Optional<Extent> element() {
    return Optional.empty();
  }

  /// The names in a map: bytes of each.
  default long keySize() {
    return REQUEST_BYTES;
  }
}
