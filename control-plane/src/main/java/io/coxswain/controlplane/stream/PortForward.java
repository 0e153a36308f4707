package io.coxswain.controlplane.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.link.NodeConnections;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.rpc.v1.PortForwardStream;
import io.coxswain.rpc.v1.StreamRequest;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Carries TCP connections to a pod's ports. The client speaks SPDY, two streams for each
/// connection, either on the upgraded connection itself or inside of a WebSocket.
final class PortForward {

  private static final String PROTOCOL = "portforward.k8s.io";
  private static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";

  private final NodeConnections nodes;
  private final Pod pod;

  PortForward(NodeConnections nodes, Pod pod) {
    this.nodes = nodes;
    this.pod = pod;
  }

  /// Upgrades the connection, and returns: its handlers do the rest.
  void serve(Exchange exchange) throws IOException {
    String node = PodStreams.hostOf(pod);
    if (!nodes.isConnected(node)) {
      throw new ApiException(
          new ApiError.Unavailable("node \"" + node + "\" is not connected to the control plane"));
    }
    Optional<String> tunnel =
        WebSocketUpgrade.isAsked(exchange)
            ? WebSocketUpgrade.protocol(exchange, List.of(TUNNEL))
            : Optional.empty();
    if (tunnel.isPresent()) {
      exchange.upgrade(
          WebSocketUpgrade.answer(exchange, TUNNEL),
          pipeline -> {
            pipeline
                .addLast(
                    new WebSocket13FrameDecoder(
                        WebSocketDecoderConfig.newBuilder()
                            .maxFramePayloadLength(WebSocketPerson.LARGEST_FRAME)
                            .build()))
                .addLast(new WebSocket13FrameEncoder(false))
                .addLast(new WebSocketTunnel());
            spdy(pipeline);
          });
      return;
    }
    if (!SpdyPerson.isAsked(exchange) || !exchange.isUpgradable()) {
      throw new ApiException(
          new ApiError.BadRequest(
              "Upgrade request required: SPDY/3.1, or a WebSocket with the protocol " + TUNNEL));
    }
    exchange.upgrade(
        Map.of("upgrade", "SPDY/3.1", "x-stream-protocol-version", PROTOCOL), this::spdy);
  }

  private void spdy(ChannelPipeline pipeline) {
    pipeline
        .addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1))
        .addLast(new ForwardedPorts(this::open));
  }

  private NodeStream open(int port) {
    return nodes.open(
        PodStreams.hostOf(pod),
        StreamRequest.newBuilder()
            .setPortForward(
                PortForwardStream.newBuilder()
                    .setNamespace(pod.getMetadata().getNamespace())
                    .setPod(pod.getMetadata().getName())
                    .setUid(pod.getMetadata().getUid())
                    .setPort(port)));
  }
}
