package io.coxswain.controlplane.server;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.controlplane.edge.Exchange;

/// Carries what is not objects between people and the containers of a pod.
public interface PodConnections {

  /// Whether this is one of the subresources carried here.
  boolean serves(String subresource);

  /// Answers the exchange; blocks until the stream is over or the connection is upgraded.
  ///
  /// @param reply begins an answer with the usual headers
  /// @throws io.coxswain.client.ApiException when the request is refused before an answer began
  void serve(Exchange exchange, Pod pod, String subresource, Answer reply) throws Exception;

  /// Begins an answer that goes on piece by piece.
  interface Answer {
    void open(String contentType) throws java.io.IOException;
  }
}
