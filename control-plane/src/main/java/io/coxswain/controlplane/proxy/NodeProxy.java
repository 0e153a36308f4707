package io.coxswain.controlplane.proxy;

import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.link.NodeConnections;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.controlplane.server.ProxyConnections;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.NodePage;
import io.coxswain.rpc.v1.StreamRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Asks a node's agent, on the connection that it keeps open, for what a kubelet would answer on
/// its port.
public final class NodeProxy {

  private static final int CONTENT = 1;
  private static final int STATUS = 3;
  private static final String KUBELET = "10250";

  /// A node that nobody asked lately measures for a second.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final NodeConnections nodes;

  public NodeProxy(NodeConnections nodes) {
    this.nodes = nodes;
  }

  /// Blocks until the answer is whole.
  void serve(Exchange exchange, ProxyId id, ProxyConnections.Request request) throws IOException {
    if (!id.port().isEmpty() && !id.port().equals(KUBELET)) {
      throw new ApiException(
          new ApiError.NotFound(
              "",
              "nodes",
              id.name(),
              "other ports of nodes than the agent's are not reached through this server: "
                  + id.port()));
    }
    if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
      throw new ApiException(
          new ApiError.MethodNotAllowed("nodes' agents only answer GET and HEAD here"));
    }
    if (request.rest().isEmpty() || request.rest().equals("/logs")) {
      exchange.respond(
          301, Map.of("location", request.prefix() + request.rest() + "/"), new byte[0]);
      return;
    }
    String path = decoded(request.rest());
    try (NodeStream stream =
        nodes.open(
            id.name(), StreamRequest.newBuilder().setPage(NodePage.newBuilder().setPath(path)))) {
      exchange.onEnd(stream::close);
      pass(exchange, stream, request.added());
    }
  }

  private static String decoded(String path) {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ApiException(new ApiError.BadRequest("the path has a malformed escape"), e);
    }
  }

  private static void pass(Exchange exchange, NodeStream stream, Map<String, String> added)
      throws IOException {
    Optional<Frame> first = stream.receive(PATIENCE);
    if (first.isEmpty()) {
      throw new ApiException(new ApiError.Unavailable("the connection to the node was lost"));
    }
    refuseIfFailed(first.get());
    Map<String, String> headers = new LinkedHashMap<>(added);
    headers.put("content-type", first.get().getData().toStringUtf8());
    headers.put("x-content-type-options", "nosniff");
    exchange.open(200, headers);
    while (true) {
      Optional<Frame> frame = stream.receive(PATIENCE);
      if (frame.isEmpty() || isFailure(frame.get())) {
        throw new IOException("the node ended its answer early");
      }
      if (frame.get().getChannel() == STATUS) {
        exchange.finish();
        return;
      }
      if (!exchange.method().equals("HEAD")) {
        exchange.write(frame.get().getData().toByteArray());
      }
    }
  }

  private static void refuseIfFailed(Frame frame) {
    if (isFailure(frame)) {
      throw new ApiException(Statuses.error(status(frame)));
    }
    if (frame.getChannel() != CONTENT) {
      throw new ApiException(new ApiError.Internal("the node's agent answered nothing"));
    }
  }

  private static boolean isFailure(Frame frame) {
    return frame.getChannel() == STATUS && !status(frame).getStatus().equals("Success");
  }

  private static Status status(Frame frame) {
    return new JsonCodec()
        .decode(frame.getData().toByteArray(), Status.getDefaultInstance(), Strictness.IGNORE)
        .message();
  }
}
