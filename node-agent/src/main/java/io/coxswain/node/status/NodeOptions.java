package io.coxswain.node.status;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// How the node presents itself.
///
/// @param labels beside the well-known ones
/// @param annotations what the agent tells others of itself
/// @param taints as `key=value:Effect`, set when the node registers
/// @param milliCpus capacity; 0 for the machine's
/// @param memoryBytes capacity; 0 for the machine's
/// @param reserved what pods do not get
/// @param enforced whether what pods get together is the kernel's limit for them
/// @param leaseEvery how often the node says that it lives
/// @param leaseDuration after which others may think it does not
/// @param statusEvery how often the whole status is written when nothing changes
public record NodeOptions(
    String name,
    List<InetAddress> addresses,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<String> taints,
    int pods,
    long milliCpus,
    long memoryBytes,
    Reserved reserved,
    boolean enforced,
    Duration leaseEvery,
    Duration leaseDuration,
    Duration statusEvery,
    String version) {

  public NodeOptions {
    addresses = List.copyOf(addresses);
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    taints = List.copyOf(taints);
  }
}
