package io.coxswain.node.network;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/// Connects pods of this node. Idempotent and on disk: a new agent on the same folders goes on
/// where the last one ended. Safe for use by many threads. Pods on the host's network never come
/// here, except for [#resolvConf].
public interface PodNetwork {

  /// A pod to connect.
  ///
  /// @param namespace file on which its new network namespace is pinned
  /// @param hostPorts ports of the node that lead to the pod
  record Attachment(
      String podUid,
      String podNamespace,
      String podName,
      Path namespace,
      List<HostPort> hostPorts) {
    public Attachment {
      hostPorts = List.copyOf(hostPorts);
    }
  }

  /// @param hostAddress of the node on which the port is open; empty for all
  /// @param protocol `TCP`, `UDP` or `SCTP`
  record HostPort(String hostAddress, int hostPort, int containerPort, String protocol) {}

  /// Brings loopback and the pod's device up, with an address and routes. Asked again for a pod
  /// that has an address, makes sure that all is in place and answers with the same. Blocks.
  ///
  /// @return the pod's addresses, the first is `status.podIP`
  /// @throws IOException when the node has no pod range yet, no address is left, or the kernel
  ///   refused; trying again later may help
  List<InetAddress> setUp(Attachment attachment) throws IOException, InterruptedException;

  /// Takes the pod's device, address, rules and ports away; its namespace may be gone already.
  /// Idempotent.
  void tearDown(String podUid) throws IOException, InterruptedException;

  /// What stands in the pod's `/etc/resolv.conf`, by its `dnsPolicy` and `dnsConfig`.
  String resolvConf(Pod pod) throws IOException;

  /// Pods that have an address here, also those of an agent before this one.
  Collection<String> owners() throws IOException;

  /// Why pods cannot be connected now, for the node's Ready condition; empty when they can.
  String unreadyReason();
}
