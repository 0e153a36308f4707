package io.coxswain.controlplane.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.link.NodeConnections;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.controlplane.websocket.WebSocketUpgrade;
import io.coxswain.rpc.v1.PortForwardStream;
import io.coxswain.rpc.v1.StreamRequest;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Carries TCP connections to a pod's ports. The client speaks SPDY, two streams for each
/// connection, either on the upgraded connection itself or inside of a WebSocket; or it speaks
/// plain WebSocket, for one connection to each port that it names.
final class PortForward {

  private static final String PROTOCOL = "portforward.k8s.io";
  private static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";
  private static final String CHANNELS = ChannelProtocol.V4.word();

  /// Of two channels each, in one byte.
  private static final int MOST_PORTS = 100;

  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");

  private final NodeConnections nodes;
  private final Pod pod;

  PortForward(NodeConnections nodes, Pod pod) {
    this.nodes = nodes;
    this.pod = pod;
  }

  /// Upgrades the connection. With SPDY it returns then, and handlers do the rest; with channels it
  /// blocks until they are over.
  void serve(Exchange exchange) throws IOException, InterruptedException {
    // before anything is upgraded, while the client can still be told
    nodes.await(PodStreams.hostOf(pod));
    Optional<String> protocol =
        WebSocketUpgrade.isAsked(exchange)
            ? WebSocketUpgrade.protocol(exchange, List.of(TUNNEL, CHANNELS))
            : Optional.empty();
    if (protocol.isPresent() && protocol.get().equals(CHANNELS)) {
      List<Integer> ports = ports(exchange);
      new ForwardedChannels(WebSocketPerson.accept(exchange, ChannelProtocol.V4), ports, this::open)
          .run();
      return;
    }
    if (protocol.isPresent()) {
      exchange.upgrade(
          WebSocketUpgrade.answer(exchange, TUNNEL),
          pipeline -> {
            WebSocketUpgrade.addFrames(pipeline, WebSocketPerson.LARGEST_FRAME)
                .addLast(new WebSocketTunnel());
            spdy(pipeline);
          });
      return;
    }
    if (!SpdyPerson.isAsked(exchange) || !exchange.isUpgradable()) {
      throw new ApiException(
          new ApiError.BadRequest(
              "Upgrade request required: SPDY/3.1, or a WebSocket with the protocol "
                  + TUNNEL
                  + " or "
                  + CHANNELS));
    }
    exchange.upgrade(
        Map.of("upgrade", "SPDY/3.1", "x-stream-protocol-version", PROTOCOL), this::spdy);
  }

  private static List<Integer> ports(Exchange exchange) {
    List<Integer> ports = new ArrayList<>();
    for (String asked : exchange.query().all("ports")) {
      for (String port : asked.split(",", -1)) {
        if (!PORT.matcher(port).matches() || Integer.parseInt(port) > 65_535) {
          throw new ApiException(
              new ApiError.BadRequest("unable to parse \"" + port + "\" as a port"));
        }
        ports.add(Integer.parseInt(port));
      }
    }
    if (ports.isEmpty() || ports.size() > MOST_PORTS) {
      throw new ApiException(
          new ApiError.BadRequest(
              "query parameter \"ports\" is required: up to " + MOST_PORTS + " of them"));
    }
    return ports;
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
