package io.coxswain.controlplane.stream;

import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.SendWindow;
import io.coxswain.controlplane.websocket.WebSocketEnd;
import io.coxswain.controlplane.websocket.WebSocketUpgrade;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A person who came by WebSocket: each message's first byte is the channel.
final class WebSocketPerson extends SimpleChannelInboundHandler<WebSocketFrame>
    implements PersonStream {

  static final int LARGEST_FRAME = 1 << 20;

  private static final int MOST_UNDER_WAY = 256 << 10;
  private static final Duration SLOWEST = Duration.ofSeconds(60);

  private final ChannelProtocol protocol;
  private final Channel channel;
  private final Inbox<Message> inbox;
  private final SendWindow window = new SendWindow(SLOWEST);

  /// Nobody takes what comes from now on. Used on the event loop only.
  private boolean over;

  private WebSocketPerson(ChannelProtocol protocol, Channel channel) {
    this.protocol = protocol;
    this.channel = channel;
    this.inbox = new Inbox<>(channel);
  }

  /// Turns the connection into a WebSocket. Blocks for the moment that takes.
  static WebSocketPerson accept(Exchange exchange, ChannelProtocol protocol)
      throws IOException, InterruptedException {
    Map<String, String> headers = WebSocketUpgrade.answer(exchange, protocol.word());
    CompletableFuture<WebSocketPerson> person = new CompletableFuture<>();
    exchange.onEnd(() -> person.completeExceptionally(new IOException("the client has gone")));
    exchange.upgrade(
        headers,
        pipeline -> {
          WebSocketPerson handler = new WebSocketPerson(protocol, pipeline.channel());
          WebSocketUpgrade.addFrames(pipeline, LARGEST_FRAME)
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
        WebSocketEnd.heard(ctx.channel(), close);
      }
      case PongWebSocketFrame _ -> {}
      default -> {
        if (over) {
          return;
        }
        byte[] content = ByteBufUtil.getBytes(frame.content());
        if (content.length > 0) {
          protocol
              .decode(content)
              .ifPresentOrElse(
                  inbox::add,
                  () -> exceptionCaught(ctx, new IOException("a message is not as agreed")));
        }
      }
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
    if (number == CLOSE) {
      return; // only clients close single channels
    }
    Optional<WebSocketFrame> frame = protocol.encode(number, data);
    if (frame.isPresent()) {
      int size = frame.get().content().readableBytes();
      window.write(channel, frame.get(), size, MOST_UNDER_WAY, true);
    }
  }

  @Override
  public void close() {
    channel
        .eventLoop()
        .execute(() -> {
          over = true;
          channel
              .config()
              .setAutoRead(true); // the client's goodbye comes behind what it still says
        });
    WebSocketEnd.say(channel);
  }
}
