package io.coxswain.controlplane.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.Query;
import io.coxswain.controlplane.link.NodeConnections;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.controlplane.server.PodConnections;
import io.coxswain.rpc.v1.ExecStream;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.StreamRequest;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Answers `log`, `exec`, `attach` and `portforward` of pods, each by a stream of the pod's node.
public final class PodStreams implements PodConnections {

  private static final Set<String> SERVED = Set.of("log", "exec", "attach", "portforward");

  private final NodeConnections nodes;
  private final JsonCodec json = new JsonCodec();

  public PodStreams(NodeConnections nodes) {
    this.nodes = nodes;
  }

  @Override
  public boolean serves(String subresource) {
    return SERVED.contains(subresource);
  }

  @Override
  public void serve(Exchange exchange, Pod pod, String subresource, Answer reply)
      throws IOException, InterruptedException {
    Query query = exchange.query();
    switch (subresource) {
      case "log" -> log(exchange, pod, query, reply);
      case "exec", "attach" -> terminal(exchange, pod, query, subresource);
      default -> new PortForward(nodes, pod).serve(exchange);
    }
  }

  private void log(Exchange exchange, Pod pod, Query query, Answer reply) throws IOException {
    StreamRequest.Builder request = StreamRequest.newBuilder().setLog(PodRequests.log(pod, query));
    String node = pod.getSpec().getNodeName();
    if (node.isEmpty()) {
      // Nothing has run yet, so nothing was said.
      reply.open("text/plain");
      exchange.finish();
      return;
    }
    try (NodeStream stream = nodes.open(node, request)) {
      exchange.onEnd(stream::close);
      Optional<Frame> frame = stream.receive(Relay.SILENCE);
      frame.ifPresent(this::refuseIfFailed);
      reply.open("text/plain");
      while (frame.isPresent() && frame.get().getChannel() != PersonStream.ERROR) {
        exchange.write(frame.get().getData().toByteArray());
        frame = stream.receive(Relay.SILENCE);
      }
      if (!exchange.isEnded()) {
        exchange.finish();
      }
    }
  }

  /// A failure that comes first can still be answered as one.
  private void refuseIfFailed(Frame frame) {
    if (frame.getChannel() != PersonStream.ERROR) {
      return;
    }
    Status status =
        json.decode(frame.getData().toByteArray(), Status.getDefaultInstance(), Strictness.IGNORE)
            .message();
    if (!status.getStatus().equals("Success")) {
      throw new ApiException(Statuses.error(status));
    }
  }

  private void terminal(Exchange exchange, Pod pod, Query query, String subresource)
      throws IOException, InterruptedException {
    boolean exec = subresource.equals("exec");
    ExecStream options = PodRequests.exec(pod, query, exec);
    Optional<String> webSocket =
        WebSocketUpgrade.isAsked(exchange)
            ? WebSocketUpgrade.protocol(exchange, WebSocketPerson.PROTOCOLS)
            : Optional.empty();
    boolean spdy = SpdyPerson.isAsked(exchange) && exchange.isUpgradable();
    if (webSocket.isEmpty() && !spdy) {
      throw new ApiException(
          new ApiError.BadRequest(
              "Upgrade request required: a WebSocket with the protocol v5.channel.k8s.io or"
                  + " v4.channel.k8s.io, or SPDY/3.1"));
    }
    if (webSocket.isPresent()) {
      WebSocketUpgrade.answer(exchange, webSocket.get()); // refuses before anything is started
    }
    StreamRequest.Builder request = StreamRequest.newBuilder();
    if (exec) {
      request.setExec(options);
    } else {
      request.setAttach(options);
    }
    NodeStream node = nodes.open(hostOf(pod), request);
    try {
      PersonStream person =
          webSocket.isPresent()
              ? WebSocketPerson.accept(exchange, webSocket.get())
              : SpdyPerson.accept(exchange, channels(options));
      if (webSocket.isPresent()) {
        // Tells the client that it is connected, as Kubernetes does.
        person.send(options.getStdout() ? PersonStream.STDOUT : PersonStream.ERROR, new byte[0]);
      }
      Relay.run(person, node);
    } finally {
      node.close();
    }
  }

  private static Set<Integer> channels(ExecStream options) {
    Set<Integer> channels = new HashSet<>();
    channels.add(PersonStream.ERROR);
    if (options.getStdin()) {
      channels.add(PersonStream.STDIN);
    }
    if (options.getStdout()) {
      channels.add(PersonStream.STDOUT);
    }
    if (options.getStderr()) {
      channels.add(PersonStream.STDERR);
    }
    if (options.getTty()) {
      channels.add(PersonStream.RESIZE);
    }
    return channels;
  }

  static String hostOf(Pod pod) {
    String node = pod.getSpec().getNodeName();
    if (node.isEmpty()) {
      throw new ApiException(
          new ApiError.BadRequest(
              "pod " + pod.getMetadata().getName() + " does not have a host assigned"));
    }
    return node;
  }
}
