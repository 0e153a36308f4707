package io.coxswain.controlplane.stream;

import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.SendWindow;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.rpc.v1.Frame;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The forwarded connections of one client. Each has a data stream and an error stream of SPDY that
/// share a `requestid`, and one stream of the node.
final class ForwardedPorts extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ForwardedPorts.class);

  private static final int MOST_CONNECTIONS = 256;
  private static final int MOST_UNDER_WAY = 256 << 10;
  private static final Duration SLOWEST = Duration.ofSeconds(60);

  /// @param errorStream where the client reads why the connection failed
  private record Connection(int port, int dataStream, int errorStream, Inbox<byte[]> fromClient) {}

  private final IntFunction<NodeStream> nodes;
  private final SendWindow window = new SendWindow(SLOWEST);
  private final AtomicInteger waiting = new AtomicInteger();

  // Both belong to the event loop.
  private final Map<String, Integer> errorStreams = new HashMap<>();
  private final Map<Integer, Connection> connections = new HashMap<>();

  /// @param nodes opens a stream to a port of the pod; blocks
  ForwardedPorts(IntFunction<NodeStream> nodes) {
    this.nodes = nodes;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    try {
      switch (frame) {
        case SpdySynStreamFrame opened -> opened(ctx, opened);
        case SpdyDataFrame data -> data(data);
        case SpdyRstStreamFrame reset -> over(reset.streamId());
        case SpdyPingFrame ping -> {
          var _ = ctx.writeAndFlush(SpdyReplies.answer(ping));
        }
        default -> {}
      }
    } finally {
      ReferenceCountUtil.release(frame);
    }
  }

  private void opened(ChannelHandlerContext ctx, SpdySynStreamFrame frame) {
    String type = header(frame, "streamtype");
    String id = header(frame, "requestid");
    int port = port(header(frame, "port"));
    boolean room = connections.size() < MOST_CONNECTIONS && errorStreams.size() < MOST_CONNECTIONS;
    if (port == 0 || !room) {
      var _ =
          ctx.writeAndFlush(
              new DefaultSpdyRstStreamFrame(frame.streamId(), SpdyStreamStatus.REFUSED_STREAM));
      return;
    }
    var _ = ctx.writeAndFlush(SpdyReplies.accept(frame));
    if (type.equals("error")) {
      errorStreams.put(id, frame.streamId());
      return;
    }
    Integer errorStream = errorStreams.remove(id);
    Connection connection =
        new Connection(
            port,
            frame.streamId(),
            errorStream == null ? 0 : errorStream,
            new Inbox<>(ctx.channel(), waiting));
    connections.put(frame.streamId(), connection);
    Thread.ofVirtual().name("port-forward").start(() -> run(ctx, connection));
  }

  private static String header(SpdySynStreamFrame frame, String name) {
    CharSequence value = frame.headers().get(name);
    return value == null ? "" : value.toString();
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port > 0 && port < 65536 ? port : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void data(SpdyDataFrame frame) {
    Connection connection = connections.get(frame.streamId());
    if (connection == null) {
      return;
    }
    if (frame.content().isReadable()) {
      byte[] data = new byte[frame.content().readableBytes()];
      frame.content().readBytes(data);
      connection.fromClient().add(data);
    }
    if (frame.isLast()) {
      connection.fromClient().end();
    }
  }

  private void over(int streamId) {
    Connection connection = connections.remove(streamId);
    if (connection != null) {
      connection.fromClient().end();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    window.close();
    connections.values().forEach(connection -> connection.fromClient().end());
    connections.clear();
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("port-forward failed", cause);
    var _ = ctx.close();
  }

  private void run(ChannelHandlerContext ctx, Connection connection) {
    Channel channel = ctx.channel();
    String failure = "";
    try (NodeStream node = nodes.apply(connection.port())) {
      Thread.ofVirtual().name("port-forward-in").start(() -> toNode(connection, node));
      failure = toClient(channel, connection, node);
    } catch (ApiException | IOException e) {
      failure = "error forwarding port " + connection.port() + ": " + e.getMessage();
    } finally {
      finish(channel, connection, failure);
      ctx.executor().execute(() -> connections.remove(connection.dataStream()));
    }
  }

  private static void toNode(Connection connection, NodeStream node) {
    try {
      Optional<byte[]> data = connection.fromClient().take();
      while (data.isPresent()) {
        node.send(PersonStream.STDIN, data.get());
        data = connection.fromClient().take();
      }
      node.send(PersonStream.CLOSE, new byte[] {(byte) PersonStream.STDIN});
    } catch (IOException | InterruptedException e) {
      LOG.debug("a forwarded connection ended: {}", e.getMessage());
    }
  }

  /// @return why it failed; empty when it just ended
  private String toClient(Channel channel, Connection connection, NodeStream node)
      throws IOException {
    while (true) {
      Optional<Frame> frame = node.receive(Relay.SILENCE);
      if (frame.isEmpty()) {
        return "";
      }
      byte[] data = frame.get().getData().toByteArray();
      if (frame.get().getChannel() == PersonStream.ERROR) {
        return Failures.text(data);
      }
      if (frame.get().getChannel() == PersonStream.STDOUT) {
        window.write(
            channel,
            new DefaultSpdyDataFrame(connection.dataStream(), Unpooled.wrappedBuffer(data)),
            data.length,
            MOST_UNDER_WAY,
            true);
      }
    }
  }

  private void finish(Channel channel, Connection connection, String failure) {
    end(channel, connection.errorStream(), failure.isEmpty() ? null : failure);
    end(channel, connection.dataStream(), null);
  }

  private static void end(Channel channel, int stream, @Nullable String text) {
    if (stream == 0) {
      return;
    }
    DefaultSpdyDataFrame last =
        text == null
            ? new DefaultSpdyDataFrame(stream)
            : new DefaultSpdyDataFrame(
                stream, Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
    last.setLast(true);
    var _ = channel.writeAndFlush(last);
  }
}
