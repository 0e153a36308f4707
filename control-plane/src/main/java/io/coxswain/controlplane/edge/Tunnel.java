package io.coxswain.controlplane.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;

/// A connection on which HTTP is over, as plain bytes both ways, for threads that block: a slow
/// reader holds the writer up, and a slow taker the client.
public final class Tunnel implements AutoCloseable {

  private static final int MOST_UNDER_WAY = 256 << 10;
  private static final Duration SLOWEST = Duration.ofSeconds(60);

  private final Channel channel;
  private final InboundBytes in;
  private final SendWindow window = new SendWindow(SLOWEST);

  Tunnel(Channel channel) {
    this.channel = channel;
    this.in = new InboundBytes(channel);
  }

  /// What the client sends; ends when it has gone.
  public InputStream in() {
    return in;
  }

  /// Towards the client. Each write leaves at once; it blocks while the client is behind, and fails
  /// when it is for long.
  public OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] data, int offset, int length) throws IOException {
        ByteBuf copy = Unpooled.wrappedBuffer(Arrays.copyOfRange(data, offset, offset + length));
        window.write(channel, copy, length, MOST_UNDER_WAY, true);
      }
    };
  }

  /// Ends the connection after what is under way. Harmless twice.
  @Override
  public void close() {
    in.end();
    if (channel.isActive()) {
      var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  ChannelInboundHandlerAdapter handler() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
          if (message instanceof ByteBuf data) {
            in.add(data);
          }
        } finally {
          ReferenceCountUtil.release(message);
        }
      }

      @Override
      public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        in.end();
        window.close();
        super.channelInactive(ctx);
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        in.end();
        var _ = ctx.close();
      }
    };
  }
}
