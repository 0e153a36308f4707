package io.coxswain.node.service;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/// The kernel's memory of flows. TCP needs no help: a connection ends by itself. A UDP caller that
/// never pauses would go on to an endpoint that is gone.
public interface Conntrack extends AutoCloseable {

  /// One UDP flow: as its caller sees it, and who really answers.
  record Flow(
      InetAddress caller,
      int callerPort,
      InetAddress called,
      int calledPort,
      InetAddress answering,
      int answeringPort) {}

  List<Flow> udpFlows() throws IOException;

  /// Forgets the flow: its next packet is looked up anew. One that is gone already is fine.
  void forget(Flow flow) throws IOException;

  @Override
  void close();
}
