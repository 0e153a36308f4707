package io.coxswain.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Requests to one server over a few HTTP/2 connections, as a busy client sends them. Safe for use
/// by many threads; a call blocks until its answer is whole.
final class LoadClient implements AutoCloseable {

  /// What was answered, as it came over the wire.
  static final class Answer {

    private final int status;
    private final byte[] body;

    private Answer(int status, byte[] body) {
      this.status = status;
      this.body = body;
    }

    int status() {
      return status;
    }

    /// Not to be changed.
    byte[] body() {
      return body;
    }
  }

  /// Gets a stream's bytes as they come, on the event loop.
  interface Receiver {
    void received(ByteBuf data);
  }

  private static final int STREAM_WINDOW = 4 << 20;
  private static final int CONNECTION_WINDOW = 1 << 28;
  private static final long PATIENCE_SECONDS = 120;

  private final LoadTarget target;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2, new DefaultThreadFactory("load", true), NioIoHandler.newFactory());
  private final List<Channel> connections = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();

  /// Opens the connections. Blocks.
  LoadClient(LoadTarget target, int connections) throws IOException {
    this.target = target;
    for (int i = 0; i < connections; i++) {
      this.connections.add(connect());
    }
  }

  private Channel connect() throws IOException {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .initialWindowSize(STREAM_WINDOW)
                    .maxHeaderListSize(64 << 10))
            .build();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            target
                                .tls()
                                .newHandler(
                                    channel.alloc(),
                                    target.url().getHost(),
                                    target.url().getPort()),
                            codec,
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                });
    try {
      Channel channel =
          bootstrap
              .connect(target.url().getHost(), target.url().getPort())
              .syncUninterruptibly()
              .channel();
      channel
          .eventLoop()
          .submit(() -> {
            var connection = codec.connection();
            connection
                .local()
                .flowController()
                .incrementWindowSize(connection.connectionStream(), CONNECTION_WINDOW);
            return connection;
          })
          .syncUninterruptibly();
      channel.flush();
      return channel;
    } catch (Exception e) { // Netty throws the checked one undeclared
      throw new IOException("cannot connect to " + target.url() + ": " + e.getMessage(), e);
    }
  }

  /// @param contentType of the body; empty where there is none
  Answer call(String method, String path, String contentType, byte[] body)
      throws IOException, InterruptedException {
    return call(method, path, contentType, body, Map.of());
  }

  Answer call(
      String method, String path, String contentType, byte[] body, Map<String, String> headers)
      throws IOException, InterruptedException {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Whole whole = new Whole(answer);
    send(request(method, path, contentType, body, headers), whole, turn());
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(method + " " + path + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IOException(method + " " + path + ": no answer in " + PATIENCE_SECONDS + " s", e);
    }
  }

  /// Opens a stream that goes on until this client closes. Blocks until its head is there.
  void stream(String path, Receiver receiver) throws IOException, InterruptedException {
    CompletableFuture<Integer> head = new CompletableFuture<>();
    send(request("GET", path, "", new byte[0], Map.of()), new Open(head, receiver), turn());
    try {
      int status = head.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (status != 200) {
        throw new IOException("GET " + path + " was answered with " + status);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("GET " + path + " has no answer: " + e, e);
    }
  }

  private Channel turn() {
    return connections.get(Math.floorMod(next.getAndIncrement(), connections.size()));
  }

  private DefaultFullHttpRequest request(
      String method, String path, String contentType, byte[] body, Map<String, String> headers) {
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(method),
            path,
            body.length == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
    request
        .headers()
        .set(HttpHeaderNames.HOST, target.url().getAuthority())
        .set("x-http2-scheme", "https")
        .set(HttpHeaderNames.ACCEPT, "application/json")
        .set(HttpHeaderNames.USER_AGENT, "coxswain-bench");
    target.token().ifPresent(token -> request.headers().set("authorization", "Bearer " + token));
    if (body.length > 0) {
      request.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
      HttpUtil.setContentLength(request, body.length);
    }
    headers.forEach(request.headers()::set);
    return request;
  }

  private static void send(DefaultFullHttpRequest request, Reading reading, Channel connection) {
    new Http2StreamChannelBootstrap(connection)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(false), reading);
              }
            })
        .open()
        .addListener(opened -> {
          if (opened.isSuccess()) {
            var _ = ((Http2StreamChannel) opened.getNow()).writeAndFlush(request);
          } else {
            request.release();
            reading.failed(opened.cause());
          }
        });
  }

  /// Reads one stream.
  private abstract static class Reading extends SimpleChannelInboundHandler<HttpObject> {

    abstract void failed(Throwable cause);

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      failed(new IOException("the stream ended before its answer was whole"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failed(cause);
      var _ = ctx.close();
    }
  }

  private static final class Whole extends Reading {

    private final CompletableFuture<Answer> answer;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(4096);
    private int status;

    Whole(CompletableFuture<Answer> answer) {
      this.answer = answer;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) throws IOException {
      if (part instanceof HttpResponse head) {
        status = head.status().code();
      }
      if (part instanceof HttpContent content) {
        content.content().readBytes(body, content.content().readableBytes());
      }
      if (part instanceof LastHttpContent) {
        answer.complete(new Answer(status, body.toByteArray()));
      }
    }

    @Override
    void failed(@Nullable Throwable cause) {
      answer.completeExceptionally(cause == null ? new IOException("no stream") : cause);
    }
  }

  private static final class Open extends Reading {

    private final CompletableFuture<Integer> head;
    private final Receiver receiver;

    Open(CompletableFuture<Integer> head, Receiver receiver) {
      this.head = head;
      this.receiver = receiver;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
      if (part instanceof HttpResponse response) {
        head.complete(response.status().code());
      }
      if (part instanceof HttpContent content && content.content().isReadable()) {
        receiver.received(content.content());
      }
    }

    @Override
    void failed(@Nullable Throwable cause) {
      head.completeExceptionally(cause == null ? new IOException("no stream") : cause);
    }
  }

  @Override
  public void close() {
    connections.forEach(connection -> connection.close().awaitUninterruptibly());
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
