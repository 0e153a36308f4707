package io.coxswain.controlplane.websocket;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The closing handshake of WebSockets (RFC 6455, 7.1): who says first that all was said waits for
/// the other to say so. A connection that is closed while the other still sends is reset, and what
/// was on its way to the other is lost with it. Whoever uses this goes on reading, and drops what
/// comes after the end was said.
public final class WebSocketEnd {

  private static final AttributeKey<Boolean> SAID =
      AttributeKey.valueOf(WebSocketEnd.class, "said");

  /// For clients that do not read to the end.
  private static final Duration SLOWEST = Duration.ofSeconds(60);

  /// For clients that have read all and never answer.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private WebSocketEnd() {}

  /// Says that all was said. The connection is closed when the client has answered, or did not for
  /// a while. Does not block. Harmless twice.
  public static void say(Channel channel) {
    // On the event loop, as what is heard: both may say it at the same moment, and each is to hear
    // it from the other.
    channel
        .eventLoop()
        .execute(() -> {
          if (!channel.isActive() || channel.attr(SAID).getAndSet(true) != null) {
            return;
          }
          CloseWebSocketFrame last = new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE);
          closeAfter(SLOWEST, channel);
          var _ = channel.writeAndFlush(last).addListener(_ -> closeAfter(PATIENCE, channel));
        });
  }

  private static void closeAfter(Duration patience, Channel channel) {
    ScheduledFuture<?> closing =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  var _ = channel.close();
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
    var _ = channel.closeFuture().addListener(_ -> closing.cancel(false));
  }

  /// The client said that it has nothing more to say: answers it where it was the first, and closes
  /// the connection once all that was written has left. On the event loop only.
  public static void heard(Channel channel, CloseWebSocketFrame close) {
    boolean said = channel.attr(SAID).getAndSet(true) != null;
    Object last = said ? Unpooled.EMPTY_BUFFER : close.retain();
    var _ = channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
  }
}
