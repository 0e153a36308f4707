package io.coxswain.node.runtime;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/// What the containers of one pod share.
///
/// @param namespaces folder with the pins `net`, `ipc`, `uts`, as far as the pod does not use the
///   host's
/// @param files folder with `hosts`, `resolv.conf` and `hostname`
/// @param sharedMemory folder that is every container's `/dev/shm`
/// @param cgroup the pod's control group, from the root of each hierarchy
/// @param addresses the first is `status.podIP`; of a pod on the host's network, the node's
public record Sandbox(
    String podUid,
    Path namespaces,
    Path files,
    Path sharedMemory,
    String cgroup,
    List<InetAddress> addresses) {

  public Sandbox {
    addresses = List.copyOf(addresses);
  }
}
