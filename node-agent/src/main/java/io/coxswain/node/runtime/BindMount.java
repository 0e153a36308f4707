package io.coxswain.node.runtime;

import java.nio.file.Path;

/// A folder or file of the host inside a container.
///
/// @param propagation `private`, `rslave` or `rshared`
public record BindMount(Path source, String target, boolean readOnly, String propagation) {

  public static BindMount readWrite(Path source, String target) {
    return new BindMount(source, target, false, "rprivate");
  }

  public static BindMount readOnly(Path source, String target) {
    return new BindMount(source, target, true, "rprivate");
  }
}
