package io.coxswain.controlplane.stream;

import io.coxswain.controlplane.link.NodeConnections;
import java.net.Socket;

/// Makes sockets that lead to pods.
public final class Dialer {

  private final NodeConnections nodes;

  public Dialer(NodeConnections nodes) {
    this.nodes = nodes;
  }

  /// A socket that is not connected yet. Whatever address it is told to connect to, it leads to the
  /// port of the pod; directly, where the pod's node is not connected to this server.
  public Socket socket(PodPort port) {
    return nodes.isConnected(port.node()) ? new CarriedSocket(nodes, port) : new Socket();
  }
}
