package io.coxswain.node.runtime;

import io.coxswain.node.host.UserRange;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/// What the containers of one pod share.
///
/// @param namespaces folder with the pins `net`, `ipc`, `uts`, `pid`, as far as the pod does not
///   use the host's, and of `pid` as far as its containers share one
/// @param files folder with `hosts`, `resolv.conf` and `hostname`
/// @param sharedMemory folder that is every container's `/dev/shm`
/// @param cgroup the pod's control group, from the root of each hierarchy
/// @param id another one for each that is made for the pod
/// @param firstProcess of the containers' common pid namespace; 0 when each has its own
/// @param handler what makes the containers, by the name that the pod's RuntimeClass has for it;
///   empty for the node's default
/// @param users whom the containers' users are on the node
/// @param addresses the first is `status.podIP`; of a pod on the host's network, the node's
public record Sandbox(
    String podUid,
    Path namespaces,
    Path files,
    Path sharedMemory,
    String cgroup,
    String id,
    int firstProcess,
    String handler,
    UserRange users,
    List<InetAddress> addresses) {

  public Sandbox {
    addresses = List.copyOf(addresses);
  }
}
