package io.coxswain.controlplane.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a connection that speaks HTTP/2 goes through.
final class Http2Pipeline {

  private static final Logger LOG = LoggerFactory.getLogger(Http2Pipeline.class);

  /// Octets a client may send ahead on one stream.
  private static final int STREAM_WINDOW = 256 << 10;

  /// Octets of a connection that wait for the kernel. Each time that it is full all its streams are
  /// told, so it is as large as an event that a hundred of them watch.
  private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(256 << 10, 512 << 10);

  private Http2Pipeline() {}

  static void into(ChannelPipeline pipeline, Edge edge) {
    pipeline.channel().config().setWriteBufferWaterMark(UNSENT);
    Http2FrameCodec codec =
        new FairCodec(new DefaultHttp2Connection(true))
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(edge.limits().streams())
                    .initialWindowSize(STREAM_WINDOW)
                    .maxHeaderListSize(edge.limits().headerBytes()))
            // Rapid reset, CVE-2023-44487: few honest clients cancel this much.
            .decoderEnforceMaxRstFramesPerWindow(400, 10)
            // The same by making the server do it, CVE-2025-8671: it has no reason to so often.
            .encoderEnforceMaxRstFramesPerWindow(50, 10)
            .decoderEnforceMaxConsecutiveEmptyDataFrames(8)
            .gracefulShutdownTimeoutMillis(edge.limits().drain().toMillis())
            .build();
    pipeline
        .addLast(codec)
        .addLast(new IdleStateHandler(0, 0, (int) edge.limits().request().toSeconds()))
        .addLast(new CloseWhenIdle(codec))
        .addLast(
            new Http2MultiplexHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel stream) {
                    stream
                        .pipeline()
                        .addLast(new WellFormed())
                        .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                        .addLast(new ExchangeHandler(edge, false, false));
                  }
                }))
        .addLast(new Quiet());
  }

  /// All streams of a connection are served alike, in turn. The weights and trees of RFC 7540 cost
  /// each frame of a watch a place in a queue; clients set none, and RFC 9113 dropped them.
  private static final class FairCodec extends Http2FrameCodecBuilder {

    FairCodec(Http2Connection connection) {
      connection
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(
                  connection, new UniformStreamByteDistributor(connection)));
      connection(connection);
    }
  }

  /// Who sends frames in no order is told by the codec and cut off; the log is not theirs to fill.
  private static final class Quiet extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("{}: {}", ctx.channel().remoteAddress(), cause.toString());
    }
  }

  /// Lets no request through that HTTP/1.1 could not say, which the codec behind it takes for an
  /// error after it has reserved memory for the request, and never gives that back (RFC 9113, 8.1.1
  /// and 8.3.1).
  private static final class WellFormed extends ChannelInboundHandlerAdapter {

    /// RFC 9110, 5.6.2.
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final Pattern TARGET = Pattern.compile("[^\\x00-\\x20\\x7f]+");

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof Http2HeadersFrame head && !isGood(head.headers())) {
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR))
            .addListener(ChannelFutureListener.CLOSE);
        return;
      }
      ctx.fireChannelRead(message);
    }

    private static boolean isGood(Http2Headers headers) {
      CharSequence method = headers.method();
      CharSequence path = headers.path();
      boolean trailers = method == null && path == null;
      return trailers
          || (method != null
              && TOKEN.matcher(method).matches()
              && (path == null ? isConnect(method) : TARGET.matcher(path).matches()));
    }

    private static boolean isConnect(CharSequence method) {
      return "CONNECT".contentEquals(method);
    }
  }

  /// An idle connection goes only when no stream is open: a quiet watch is not idle.
  private static final class CloseWhenIdle extends ChannelDuplexHandler {

    private final Http2FrameCodec codec;

    CloseWhenIdle(Http2FrameCodec codec) {
      this.codec = codec;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof IdleStateEvent) {
        if (codec.connection().numActiveStreams() == 0) {
          var _ = ctx.close();
        }
        return;
      }
      super.userEventTriggered(ctx, event);
    }
  }
}
