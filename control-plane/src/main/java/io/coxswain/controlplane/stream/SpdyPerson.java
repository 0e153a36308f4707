package io.coxswain.controlplane.stream;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.SendWindow;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// A person whose client speaks SPDY/3.1: one stream of it for each channel, named by its
/// `streamtype` header.
final class SpdyPerson extends ChannelInboundHandlerAdapter implements PersonStream {

  static final String PROTOCOL = "v4.channel.k8s.io";

  private static final Map<String, Integer> CHANNELS =
      Map.of("stdin", STDIN, "stdout", STDOUT, "stderr", STDERR, "error", ERROR, "resize", RESIZE);

  private static final int MOST_UNDER_WAY = 256 << 10;
  private static final Duration SLOWEST = Duration.ofSeconds(60);

  private final Channel channel;
  private final Set<Integer> expected;
  private final CompletableFuture<SpdyPerson> complete;
  private final Inbox<Message> inbox;
  private final SendWindow window = new SendWindow(SLOWEST);
  private final Map<Integer, Integer> streams = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> channels = new ConcurrentHashMap<>();

  private SpdyPerson(
      Channel channel, Set<Integer> expected, CompletableFuture<SpdyPerson> complete) {
    this.channel = channel;
    this.expected = expected;
    this.complete = complete;
    this.inbox = new Inbox<>(channel);
  }

  static boolean isAsked(Exchange exchange) {
    return exchange.header("upgrade").equalsIgnoreCase("SPDY/3.1");
  }

  /// Turns the connection into SPDY and waits until the client has opened its streams.
  ///
  /// @param expected channels that the client has to open
  static SpdyPerson accept(Exchange exchange, Set<Integer> expected)
      throws IOException, InterruptedException {
    CompletableFuture<SpdyPerson> complete = new CompletableFuture<>();
    exchange.onEnd(() -> complete.completeExceptionally(new IOException("the client has gone")));
    exchange.upgrade(
        Map.of("upgrade", "SPDY/3.1", "x-stream-protocol-version", PROTOCOL),
        pipeline ->
            pipeline
                .addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1))
                .addLast(new SpdyPerson(pipeline.channel(), expected, complete)));
    return Upgrades.await(complete);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    try {
      switch (frame) {
        case SpdySynStreamFrame opened -> opened(ctx, opened);
        case SpdyDataFrame data -> data(data);
        case SpdyRstStreamFrame reset -> over(reset.streamId());
        case SpdyGoAwayFrame _ -> inbox.end();
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
    String type = String.valueOf(frame.headers().get("streamtype"));
    Integer number = CHANNELS.get(type);
    if (number == null) {
      return;
    }
    streams.put(number, frame.streamId());
    channels.put(frame.streamId(), number);
    var _ = ctx.writeAndFlush(SpdyReplies.accept(frame));
    if (streams.keySet().containsAll(expected)) {
      complete.complete(this);
    }
  }

  private void data(SpdyDataFrame frame) {
    Integer number = channels.get(frame.streamId());
    if (number == null) {
      return;
    }
    if (frame.content().isReadable()) {
      byte[] data = new byte[frame.content().readableBytes()];
      frame.content().readBytes(data);
      inbox.add(new Message(number, ByteString.copyFrom(data)));
    }
    if (frame.isLast()) {
      over(frame.streamId());
    }
  }

  private void over(int streamId) {
    Integer number = channels.get(streamId);
    if (number != null && number == STDIN) {
      inbox.add(new Message(CLOSE, ByteString.copyFrom(new byte[] {(byte) STDIN})));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    inbox.end();
    window.close();
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    inbox.end();
    var _ = ctx.close();
  }

  @Override
  public Optional<Message> receive() throws InterruptedException {
    return inbox.take();
  }

  @Override
  public void send(int number, byte[] data) throws IOException {
    Integer stream = streams.get(number);
    if (stream == null) {
      return;
    }
    window.write(
        channel,
        new DefaultSpdyDataFrame(stream, Unpooled.wrappedBuffer(data)),
        data.length,
        MOST_UNDER_WAY,
        true);
  }

  @Override
  public void close() {
    if (!channel.isActive()) {
      return;
    }
    // Every stream is ended before the connection: clients read each to its end.
    for (Integer stream : channels.keySet()) {
      DefaultSpdyDataFrame last = new DefaultSpdyDataFrame(stream);
      last.setLast(true);
      var _ = channel.write(last);
    }
    var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }
}
