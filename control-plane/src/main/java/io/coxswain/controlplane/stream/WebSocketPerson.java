package io.coxswain.controlplane.stream;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.SendWindow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A person who came by WebSocket: each message's first byte is the channel.
final class WebSocketPerson extends SimpleChannelInboundHandler<WebSocketFrame>
    implements PersonStream {

  /// The newest first. v4 is v5 without the closing of single channels.
  static final List<String> PROTOCOLS = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");

  static final int LARGEST_FRAME = 1 << 20;

  private static final int MOST_UNDER_WAY = 256 << 10;
  private static final Duration SLOWEST = Duration.ofSeconds(60);

  private final Channel channel;
  private final Inbox<Message> inbox;
  private final SendWindow window = new SendWindow(SLOWEST);

  private WebSocketPerson(Channel channel) {
    this.channel = channel;
    this.inbox = new Inbox<>(channel);
  }

  /// Turns the connection into a WebSocket. Blocks for the moment that takes.
  static WebSocketPerson accept(Exchange exchange, String protocol)
      throws IOException, InterruptedException {
    Map<String, String> headers = WebSocketUpgrade.answer(exchange, protocol);
    CompletableFuture<WebSocketPerson> person = new CompletableFuture<>();
    exchange.onEnd(() -> person.completeExceptionally(new IOException("the client has gone")));
    exchange.upgrade(
        headers,
        pipeline -> {
          WebSocketPerson handler = new WebSocketPerson(pipeline.channel());
          pipeline
              .addLast(
                  new WebSocket13FrameDecoder(
                      WebSocketDecoderConfig.newBuilder()
                          .maxFramePayloadLength(LARGEST_FRAME)
                          .build()))
              .addLast(new WebSocket13FrameEncoder(false))
              .addLast(new WebSocketFrameAggregator(LARGEST_FRAME))
              .addLast(handler);
          person.complete(handler);
        });
    return Upgrades.await(person);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
    switch (frame) {
      case PingWebSocketFrame ping -> {
        var _ = ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
      }
      case CloseWebSocketFrame close -> {
        inbox.end();
        var _ = ctx.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
      }
      case PongWebSocketFrame _ -> {}
      default -> message(frame.content());
    }
  }

  private void message(ByteBuf content) {
    if (!content.isReadable()) {
      return;
    }
    int number = content.readUnsignedByte();
    byte[] data = new byte[content.readableBytes()];
    content.readBytes(data);
    inbox.add(new Message(number, ByteString.copyFrom(data)));
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
    if (number == CLOSE) {
      return; // only clients close single channels
    }
    ByteBuf content = Unpooled.wrappedBuffer(new byte[] {(byte) number}, data);
    window.write(channel, new BinaryWebSocketFrame(content), data.length + 1, MOST_UNDER_WAY, true);
  }

  @Override
  public void close() {
    if (channel.isActive()) {
      var _ =
          channel
              .writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
              .addListener(ChannelFutureListener.CLOSE);
    }
  }
}
