package io.coxswain.controlplane.websocket;

import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.SendWindow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A WebSocket on which only the server has something to say: what the client sends is dropped, but
/// for pings and the end. For one thread.
public final class MessageSocket implements AutoCloseable {

  private static final int LARGEST_FRAME = 64 << 10;
  private static final int MOST_UNDER_WAY = 256 << 10;
  private static final Duration SLOWEST = Duration.ofSeconds(60);
  private static final long SECONDS = 30;

  private final Channel channel;
  private final SendWindow window = new SendWindow(SLOWEST);

  private MessageSocket(Channel channel) {
    this.channel = channel;
  }

  /// Turns the connection into a WebSocket. Blocks for the moment that takes. The exchange
  /// [ends][Exchange#onEnd] when the client closes it.
  ///
  /// @param protocol empty for none
  /// @param headers more of them for the answer
  /// @throws ApiException with BadRequest when the request is no proper handshake
  public static MessageSocket accept(
      Exchange exchange, String protocol, Map<String, String> headers)
      throws IOException, InterruptedException {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(WebSocketUpgrade.answer(exchange, protocol));
    CompletableFuture<MessageSocket> accepted = new CompletableFuture<>();
    exchange.onEnd(() -> accepted.completeExceptionally(new IOException("the client has gone")));
    exchange.upgrade(
        all,
        pipeline -> {
          MessageSocket socket = new MessageSocket(pipeline.channel());
          WebSocketUpgrade.addFrames(pipeline, LARGEST_FRAME).addLast(socket.new Listener());
          accepted.complete(socket);
        });
    try {
      return accepted.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the connection did not become a WebSocket", e);
    }
  }

  /// Sends a message, with the next [#flush] at the latest. Blocks while the client is behind.
  ///
  /// @param utf8 belongs to this call's receiver from now on
  /// @throws IOException when the client is gone or has not read for long: it is cut off then
  public void text(byte[] utf8) throws IOException {
    send(new TextWebSocketFrame(Unpooled.wrappedBuffer(utf8)));
  }

  /// As [#text], for what is none.
  public void binary(byte[] data) throws IOException {
    binary(data, 0);
  }

  /// As [#text], for what is none.
  ///
  /// @param from where the message begins
  public void binary(byte[] data, int from) throws IOException {
    ByteBuf content = Unpooled.wrappedBuffer(data, from, data.length - from);
    send(new BinaryWebSocketFrame(content));
  }

  private void send(WebSocketFrame frame) throws IOException {
    try {
      window.write(channel, frame, frame.content().readableBytes(), MOST_UNDER_WAY, false);
    } catch (IOException e) {
      var _ = channel.close();
      throw e;
    }
  }

  public void flush() {
    channel.flush();
  }

  /// Says that all was said, and ends the connection. Harmless twice.
  @Override
  public void close() {
    WebSocketEnd.say(channel);
  }

  private final class Listener extends SimpleChannelInboundHandler<WebSocketFrame> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      switch (frame) {
        case PingWebSocketFrame ping -> {
          var _ = ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
        case CloseWebSocketFrame close -> WebSocketEnd.heard(ctx.channel(), close);
        default -> {}
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      window.close();
      super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }
  }
}
