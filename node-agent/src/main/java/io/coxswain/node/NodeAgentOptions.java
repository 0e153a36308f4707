package io.coxswain.node;

import io.coxswain.node.podworker.AllowedSysctls;
import io.coxswain.node.pressure.PressureOptions;
import io.coxswain.node.runtime.PodFolders;
import io.coxswain.node.runtime.RuntimeOptions;
import io.coxswain.node.status.NodeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// All that can be set about an agent.
///
/// @param node how the node presents itself
/// @param folders where things of pods stand
/// @param runtime how containers are made
/// @param plugins where vendors' programs are met
/// @param environment variables of every container, as `KUBERNETES_SERVICE_HOST`
/// @param volumesEvery how often ConfigMap and Secret files of running pods are brought up to date
/// @param logBytes size at which a container's log is rotated
/// @param logFiles how many logs of a container are kept
/// @param manifests folder of the pods that the node runs by itself
/// @param healthPort for `/healthz` and `/metrics` on loopback; 0 for none
/// @param pressure when the node is short of something
/// @param sysctls that pods may set
public record NodeAgentOptions(
    NodeOptions node,
    PodFolders folders,
    RuntimeOptions runtime,
    PluginOptions plugins,
    Map<String, String> environment,
    Duration volumesEvery,
    long logBytes,
    int logFiles,
    Path manifests,
    int healthPort,
    PressureOptions pressure,
    AllowedSysctls sysctls) {

  public NodeAgentOptions {
    environment = Map.copyOf(environment);
  }
}
