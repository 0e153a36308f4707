package io.coxswain.node.runtime;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What is the same for all pods of the node.
///
/// @param cgroupParent group above all pods' groups, as `/coxswain`; each agent on a machine has
///   its own
/// @param podProcesses most processes and threads in one pod
/// @param nodeAddresses addresses of pods on the host's network
/// @param seccompDefault whether pods that say nothing get the runtime's default seccomp profile
/// @param seccompProfiles folder of the profiles that pods name (`seccompProfile.type: Localhost`)
/// @param parallelStarts containers that are made at once
/// @param conmon the monitor's program
/// @param handlers programs by the name that RuntimeClasses have for them, beside `runc` and
///   `crun`, which are known where they are installed and work
/// @param runtime `runc`, `crun`, the path of either, or empty for what fits the machine
public record RuntimeOptions(
    String cgroupParent,
    long podProcesses,
    List<InetAddress> nodeAddresses,
    String clusterDomain,
    boolean seccompDefault,
    Path seccompProfiles,
    int parallelStarts,
    Path conmon,
    Map<String, Path> handlers,
    String runtime) {

  public RuntimeOptions {
    nodeAddresses = List.copyOf(nodeAddresses);
    handlers = Map.copyOf(handlers);
    if (!cgroupParent.matches("(/[A-Za-z0-9_.-]+)+")) {
      throw new IllegalArgumentException(
          "control group \"%s\" is no absolute path of plain names".formatted(cgroupParent));
    }
  }
}
