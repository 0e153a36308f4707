package io.coxswain.node.runtime;

import java.nio.file.Path;

/// A folder or file of the host inside a container.
///
/// @param recursively whether what is mounted below it is read-only, too
/// @param propagation `private`, `rslave` or `rshared`
public record BindMount(
    Path source, String target, boolean readOnly, boolean recursively, String propagation) {

  public BindMount(Path source, String target, boolean readOnly, String propagation) {
    this(source, target, readOnly, false, propagation);
  }

  public static BindMount readWrite(Path source, String target) {
    return new BindMount(source, target, false, "rprivate");
  }

  public static BindMount readOnly(Path source, String target) {
    return new BindMount(source, target, true, "rprivate");
  }

  /// The same from another place.
  BindMount from(Path place) {
    return new BindMount(place, target, readOnly, recursively, propagation);
  }
}
