package io.coxswain.node;

import java.nio.file.Path;
import java.util.List;

/// Where a node meets the programs of vendors.
///
/// @param kubelet folder in which plugins look for the node's agent, as `/var/lib/kubelet`; each
///   agent on a machine has its own
/// @param cdi folders of CDI files; the one that counts most comes last
public record PluginOptions(Path kubelet, List<Path> cdi) {

  public PluginOptions {
    cdi = List.copyOf(cdi);
  }
}
