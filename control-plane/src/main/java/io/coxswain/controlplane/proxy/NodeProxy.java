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
import io.coxswain.rpc.v1.ImageLoad;
import io.coxswain.rpc.v1.ImageSave;
import io.coxswain.rpc.v1.NodePage;
import io.coxswain.rpc.v1.StreamRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks a node's agent, on the connection that it keeps open, for what a kubelet would answer on
/// its port.
public final class NodeProxy {

  private static final Logger LOG = LoggerFactory.getLogger(NodeProxy.class);

  /// Where a node takes image archives.
  private static final String LOAD = "/images/load";

  /// Where it gives them.
  private static final String SAVE = "/images/save";

  private static final int ARCHIVE = 0;
  private static final int CONTENT = 1;
  private static final int STATUS = 3;
  private static final int CLOSE = 255;
  private static final int PIECE = 32 << 10;
  private static final String KUBELET = "10250";

  /// A node that nobody asked lately measures for a second.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Until an archive has come over a slow line and is unpacked.
  private static final Duration LOADING = Duration.ofHours(1);

  /// Until a node has read all that an archive is to have.
  private static final Duration READING = Duration.ofHours(1);

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
    if (exchange.method().equals("POST") && request.rest().equals(LOAD)) {
      load(exchange, id.name(), request.added());
      return;
    }
    if (exchange.method().equals("GET") && request.rest().equals(SAVE)) {
      save(exchange, id.name(), request.added());
      return;
    }
    if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
      throw new ApiException(
          new ApiError.MethodNotAllowed(
              "nodes' agents only answer GET and HEAD here, and POST at " + LOAD));
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
      pass(exchange, stream, request.added(), PATIENCE);
    }
  }

  /// Hands an image archive on while it comes. Blocks until the node has unpacked it.
  private void load(Exchange exchange, String node, Map<String, String> added) throws IOException {
    String name = exchange.query().first("name");
    StreamRequest.Builder request =
        StreamRequest.newBuilder().setImageLoad(ImageLoad.newBuilder().setName(name));
    try (NodeStream stream = nodes.open(node, request)) {
      exchange.onEnd(stream::close);
      // beside the answer, for a node may refuse it before it has come whole
      Thread.ofVirtual().name("image-load").start(() -> send(exchange.bodyStream(), stream));
      pass(exchange, stream, added, LOADING);
    }
  }

  /// Hands an image archive on while the node writes it. Blocks until it is whole, or cuts it off.
  private void save(Exchange exchange, String node, Map<String, String> added) throws IOException {
    ImageSave.Builder wanted = ImageSave.newBuilder().addAllNames(exchange.query().all("name"));
    if (wanted.getNamesCount() == 0) {
      throw new ApiException(
          new ApiError.BadRequest("which images: " + SAVE + "?name=shop:1.0&name=…"));
    }
    try (NodeStream stream = nodes.open(node, StreamRequest.newBuilder().setImageSave(wanted))) {
      exchange.onEnd(stream::close);
      pass(exchange, stream, added, READING);
    }
  }

  private static void send(InputStream archive, NodeStream stream) {
    byte[] piece = new byte[PIECE];
    try {
      for (int n = archive.read(piece); n >= 0; n = archive.read(piece)) {
        stream.send(ARCHIVE, Arrays.copyOf(piece, n));
      }
      stream.send(CLOSE, new byte[] {ARCHIVE});
    } catch (IOException e) {
      LOG.debug("an image archive was not passed on: {}", e.getMessage());
      // the client went away in the middle, or the node wants no more and has said why
      stream.close();
    }
  }

  private static String decoded(String path) {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ApiException(new ApiError.BadRequest("the path has a malformed escape"), e);
    }
  }

  /// @param patience for the first of the answer
  private static void pass(
      Exchange exchange, NodeStream stream, Map<String, String> added, Duration patience)
      throws IOException {
    Optional<Frame> first = stream.receive(patience);
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
