package io.coxswain.controlplane.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/// Makes a plain stream of bytes of a WebSocket's binary messages, for the protocol inside.
final class WebSocketTunnel extends ChannelDuplexHandler {

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    switch (message) {
      case PingWebSocketFrame ping -> {
        var _ = ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
      }
      case PongWebSocketFrame pong -> ReferenceCountUtil.release(pong);
      case CloseWebSocketFrame close -> {
        var _ = ctx.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
      }
      case WebSocketFrame frame -> ctx.fireChannelRead(frame.content());
      default -> ctx.fireChannelRead(message);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    Object out = message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message;
    var _ = ctx.write(out, promise);
  }
}
