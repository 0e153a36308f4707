package io.coxswain.controlplane.server;

import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.util.Map;

/// Hands requests on to pods, Services and nodes: their `proxy` subresource.
public interface ProxyConnections {

  /// What is to be handed on, authorized.
  ///
  /// @param id of the object, with a scheme before it and a port behind it where there are some:
  ///   `https:web:8443`
  /// @param prefix the request's path up to `proxy`, as sent
  /// @param rest the path behind that, as sent: empty, or with a slash at its beginning
  /// @param added headers that every answer has
  record Request(
      ResourceType<?> type,
      String namespace,
      String id,
      String prefix,
      String rest,
      Map<String, String> added) {}

  /// Answers the exchange; blocks until the answer is whole or the connection over.
  ///
  /// @throws io.coxswain.client.ApiException when nothing could be answered
  void serve(Exchange exchange, Request request) throws IOException;
}
