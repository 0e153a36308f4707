package io.coxswain.controlplane.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.EmptyByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns the messages of one HTTP/1.1 connection or one HTTP/2 stream into exchanges, one at a
/// time; requests that a client sends ahead wait, and it is not read further when there are many.
///
/// All fields belong to the event loop.
final class ExchangeHandler extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ExchangeHandler.class);

  private static final int MOST_AHEAD = 64;

  private final Edge edge;
  private final boolean http1;
  private final boolean local;
  private final ArrayDeque<HttpObject> ahead = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable Departures departures;
  private @Nullable HttpRequest head;
  private ByteBuf body = Unpooled.EMPTY_BUFFER;
  private @Nullable Exchange current;

  /// Of the current exchange, while it has not all come.
  private @Nullable InboundBytes coming;

  private @Nullable ScheduledFuture<?> deadline;
  private boolean refused;
  private boolean keepAlive = true;
  private volatile @Nullable SocketAddress remote;

  ExchangeHandler(Edge edge, boolean http1, boolean local) {
    this.edge = edge;
    this.http1 = http1;
    this.local = local;
  }

  boolean isLocal() {
    return local;
  }

  /// That of the request: its connection's, or that of one stream of it.
  Channel channel() {
    return Objects.requireNonNull(context, "no channel yet").channel();
  }

  boolean isHttp1() {
    return http1;
  }

  SocketAddress remoteAddress() {
    SocketAddress address = remote;
    return address == null ? new java.net.InetSocketAddress(0) : address;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    departures = edge.departures(ctx.executor());
    remote = connection(ctx).remoteAddress();
    armDeadline(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    disarmDeadline();
    releaseBody();
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    disarmDeadline();
    Exchange exchange = current;
    if (exchange != null) {
      current = null;
      edge.ended(exchange);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HttpObject part) || refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (coming != null && part instanceof HttpContent content) {
      more(coming, content);
      return;
    }
    if (current != null) {
      ahead.add(part);
      if (ahead.size() > MOST_AHEAD) {
        ctx.channel().config().setAutoRead(false);
      }
      return;
    }
    accept(ctx, part);
  }

  private void accept(ChannelHandlerContext ctx, HttpObject part) {
    try {
      if (part.decoderResult().isFailure()) {
        refuseMalformed(ctx, part.decoderResult().cause());
        return;
      }
      if (part instanceof HttpRequest request && !beginRequest(ctx, request)) {
        return;
      }
      if (part instanceof HttpContent content && head != null) {
        if (body.readableBytes() + content.content().readableBytes() > edge.limits().bodyBytes()) {
          refuse(ctx, 413, tooLarge());
          return;
        }
        if (content.content().isReadable()) {
          if (body instanceof EmptyByteBuf) {
            body = ctx.alloc().heapBuffer(content.content().readableBytes());
          }
          body.writeBytes(content.content());
        }
        if (content instanceof LastHttpContent) {
          dispatch(ctx, head);
        }
      }
    } finally {
      ReferenceCountUtil.release(part);
    }
  }

  /// A further piece of a body that is already being read.
  private void more(InboundBytes body, HttpContent content) {
    try {
      if (content.decoderResult().isFailure()) {
        coming = null;
        refused = true;
        body.fail("the body of the request is not valid HTTP");
        return;
      }
      body.add(content.content());
      if (content instanceof LastHttpContent) {
        coming = null;
        body.end();
      }
    } finally {
      content.release();
    }
  }

  private boolean beginRequest(ChannelHandlerContext ctx, HttpRequest request) {
    if (http1 && !speaks(request.protocolVersion())) {
      refuse(ctx, 505, request.protocolVersion() + " is not spoken here: use HTTP/1.1 or HTTP/2");
      return false;
    }
    boolean streamed = isStreamed(request);
    if (!streamed
        && HttpUtil.isContentLengthSet(request)
        && HttpUtil.getContentLength(request, 0L) > edge.limits().bodyBytes()) {
      refuse(ctx, 413, tooLarge());
      return false;
    }
    if (!request.uri().startsWith("/")) {
      refuse(ctx, 400, "the request target must be a path that begins with /");
      return false;
    }
    head = request;
    if (HttpUtil.is100ContinueExpected(request)) {
      var _ =
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
    if (streamed) {
      coming = new InboundBytes(ctx.channel());
      dispatch(ctx, request);
      return false;
    }
    return true;
  }

  /// Whether the body is handed on while it comes: there is one, and the handler wants it so.
  private boolean isStreamed(HttpRequest request) {
    boolean body =
        !(request instanceof LastHttpContent)
            && (HttpUtil.isTransferEncodingChunked(request)
                || HttpUtil.getContentLength(request, 0L) > 0);
    if (!body) {
      return false;
    }
    String uri = request.uri();
    int mark = uri.indexOf('?');
    return edge.handler().streams(request.method().name(), mark < 0 ? uri : uri.substring(0, mark));
  }

  private static boolean speaks(HttpVersion version) {
    return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0);
  }

  private void dispatch(ChannelHandlerContext ctx, HttpRequest request) {
    disarmDeadline();
    byte[] bytes = new byte[body.readableBytes()];
    body.readBytes(bytes);
    releaseBody();
    Exchange exchange =
        new Exchange(this, request, bytes, coming, Edge.peer(connection(ctx)), edge.limits());
    head = null;
    current = exchange;
    keepAlive = HttpUtil.isKeepAlive(request);
    edge.start(exchange);
  }

  /// Sends the head of an answer that goes on.
  void begin(HttpResponse response, Exchange exchange) {
    depart(ctx -> {
      if (current == exchange) {
        markConnection(response);
        var _ = ctx.write(response);
      }
    });
  }

  /// Sends a piece of an answer that goes on.
  ///
  /// @param data is released
  /// @param done runs when it has left, or never will
  void write(ByteBuf data, Exchange exchange, Runnable done) {
    depart(ctx -> {
      if (current == exchange) {
        var _ = ctx.write(new DefaultHttpContent(data)).addListener(_ -> done.run());
      } else {
        data.release();
        done.run();
      }
    });
  }

  /// As [#write], of a piece that is made only when it is its turn.
  ///
  /// @param piece must not block
  /// @param made is told the size, before the piece is written or when it cannot be made: 0 then
  void write(Supplier<byte[]> piece, Exchange exchange, IntConsumer made, Runnable done) {
    depart(ctx -> {
      byte[] bytes = {};
      if (current == exchange) {
        try {
          bytes = piece.get();
        } catch (RuntimeException e) {
          LOG.error("{} {} cannot go on", exchange.method(), exchange.path(), e);
          var _ = ctx.close();
        }
      }
      made.accept(bytes.length);
      if (bytes.length == 0) {
        done.run();
        return;
      }
      HttpContent content = new DefaultHttpContent(Unpooled.wrappedBuffer(bytes));
      var _ = ctx.write(content).addListener(_ -> done.run());
    });
  }

  /// Sends the last part, and goes on with the next request.
  void finish(HttpObject last, Exchange exchange, Runnable done) {
    depart(ctx -> {
      if (current != exchange) {
        ReferenceCountUtil.release(last);
        done.run();
        return;
      }
      if (last instanceof HttpResponse response) {
        markConnection(response);
      }
      // The next request waits until this answer has left: a client that never reads its answers
      // must not pile them up here.
      var _ =
          ctx.write(last)
              .addListener(_ -> {
                done.run();
                finished(ctx, exchange);
              });
    });
  }

  private void finished(ChannelHandlerContext ctx, Exchange exchange) {
    if (current != exchange) {
      return;
    }
    current = null;
    edge.ended(exchange);
    if (coming != null) {
      // Nobody wants the rest of the body. It is dropped for a moment as after a refusal.
      coming = null;
      refused = true;
      ctx.channel().config().setAutoRead(true);
      closeSoon(ctx);
      return;
    }
    if (!keepAlive || edge.isClosing()) {
      var _ = ctx.close();
      return;
    }
    armDeadline(ctx);
    takeAhead(ctx);
  }

  void abort(Exchange exchange) {
    onLoop(ctx -> {
      if (current == exchange) {
        var _ = ctx.close();
      }
    });
  }

  void upgrade(HttpResponse response, Exchange exchange, Consumer<ChannelPipeline> handlers) {
    onLoop(ctx -> {
      if (current != exchange) {
        return;
      }
      var _ = ctx.writeAndFlush(response);
      ChannelPipeline pipeline = ctx.pipeline();
      // The exchange stays open as long as the connection: its end is the connection's.
      ctx.channel().closeFuture().addListener(f -> edge.ended(exchange));
      current = null;
      handlers.accept(pipeline);
      pipeline.remove(this);
      pipeline.remove(HttpServerCodec.class);
    });
  }

  private void takeAhead(ChannelHandlerContext ctx) {
    while (!refused && !ahead.isEmpty()) {
      if (coming != null && ahead.getFirst() instanceof HttpContent content) {
        ahead.removeFirst();
        more(coming, content);
      } else if (current == null) {
        accept(ctx, ahead.removeFirst());
      } else {
        break;
      }
    }
    if (ahead.size() <= MOST_AHEAD && !ctx.channel().config().isAutoRead()) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private void markConnection(HttpResponse response) {
    keepAlive &= !http1 || coming == null;
    if (http1 && (!keepAlive || edge.isClosing())) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private void refuseMalformed(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      refuse(ctx, 414, "the request line is too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      refuse(ctx, 431, "the headers are larger than " + edge.limits().headerBytes() + " bytes");
    } else {
      refuse(ctx, 400, "the request is not valid HTTP");
    }
  }

  private void refuse(ChannelHandlerContext ctx, int status, String message) {
    refused = true;
    disarmDeadline();
    releaseBody();
    byte[] content = edge.handler().refusal(status, message);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            Unpooled.wrappedBuffer(content));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, edge.handler().refusalContentType());
    HttpUtil.setContentLength(response, content.length);
    if (http1) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    edge.refused(status);
    // What the client still sends is read and dropped for a moment: closing at once would reset the
    // connection, and the client would never see why.
    ctx.writeAndFlush(response).addListener(_ -> closeSoon(ctx));
  }

  private void closeSoon(ChannelHandlerContext ctx) {
    if (!http1) {
      // RFC 9113, 8.1: asks the client to stop sending, and to keep the answer.
      var _ = ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
      return;
    }
    var _ =
        ctx.executor()
            .schedule(
                () -> {
                  var _ = ctx.close();
                },
                1,
                TimeUnit.SECONDS);
  }

  private String tooLarge() {
    return "Request entity too large: limit is " + edge.limits().bodyBytes();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof DecoderException) {
      LOG.debug("{}: {}", remote, cause.toString());
    } else {
      LOG.debug("{}: connection failed", remote, cause);
    }
    var _ = ctx.close();
  }

  private void armDeadline(ChannelHandlerContext ctx) {
    disarmDeadline();
    deadline =
        ctx.executor()
            .schedule(
                () -> {
                  if (current == null) {
                    var _ = ctx.close();
                  }
                },
                edge.limits().request().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private void disarmDeadline() {
    ScheduledFuture<?> armed = deadline;
    if (armed != null) {
      armed.cancel(false);
      deadline = null;
    }
  }

  private void releaseBody() {
    body.release(); // the empty one does not count
    body = Unpooled.EMPTY_BUFFER;
  }

  private Channel connection(ChannelHandlerContext ctx) {
    return http1 ? ctx.channel() : ctx.channel().parent();
  }

  /// Writes in its turn, after all that was written before.
  private void depart(Consumer<ChannelHandlerContext> action) {
    ChannelHandlerContext ctx = context;
    Departures out = departures;
    if (ctx != null && out != null) {
      out.add(() -> {
        action.accept(ctx);
        return Optional.of(connection(ctx));
      });
    }
  }

  private void onLoop(Consumer<ChannelHandlerContext> action) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    if (ctx.executor().inEventLoop()) {
      action.accept(ctx);
    } else {
      ctx.executor().execute(() -> action.accept(ctx));
    }
  }
}
