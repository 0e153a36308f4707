package io.coxswain.controlplane.edge;

import io.coxswain.controlplane.pki.Tls;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedKeyManager;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens for HTTPS, and for this machine's administrators on a Unix domain socket, and hands
/// requests to a [Handler].
public final class EdgeServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EdgeServer.class);

  private static final Duration HANDSHAKE = Duration.ofSeconds(10);

  /// A client that lost its power says nothing, and a watch without events says nothing either: the
  /// kernel finds out by asking after a minute, and not, as it is set by itself, after two hours.
  private static final int KEEPALIVE_SECONDS = 60;

  private static final int KEEPALIVE_AGAIN_SECONDS = 15;
  private static final int KEEPALIVE_TRIES = 4;

  private final Edge edge;
  private final EventLoopGroup loops;
  private final List<Channel> listeners = new ArrayList<>();
  private volatile @Nullable Channel local;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  private EdgeServer(Edge edge, EventLoopGroup loops) {
    this.edge = edge;
    this.loops = loops;
  }

  /// Listens on every address; a port of 0 takes a free one, the same for all addresses.
  ///
  /// @param issuers of client certificates, told to clients as a hint which to show; a client may
  ///   show none or another: who it is, is decided above
  /// @throws IOException when an address cannot be listened on
  public static EdgeServer start(
      List<InetSocketAddress> addresses,
      X509ExtendedKeyManager key,
      X509Certificate issuers,
      EdgeLimits limits,
      Handler handler,
      MeterRegistry metrics)
      throws IOException {
    Edge edge = new Edge(handler, limits, new EdgeMetrics(metrics));
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            Math.max(1, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("edge", true),
            NioIoHandler.newFactory());
    EdgeServer server = new EdgeServer(edge, loops);
    try {
      server.listen(addresses, tls(key, issuers));
      edge.watchDeadlines();
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void listen(List<InetSocketAddress> addresses, SslContext tls) throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEPALIVE_SECONDS)
            .childOption(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
                KEEPALIVE_AGAIN_SECONDS)
            .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEPALIVE_TRIES)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accepted(channel, tls);
                  }
                });
    int port = 0;
    for (InetSocketAddress address : addresses) {
      InetSocketAddress wanted =
          address.getPort() == 0 ? new InetSocketAddress(address.getAddress(), port) : address;
      try {
        Channel listener = bootstrap.bind(wanted).syncUninterruptibly().channel();
        listeners.add(listener);
        port = ((InetSocketAddress) listener.localAddress()).getPort();
      } catch (Exception e) { // Netty throws the checked BindException undeclared
        throw new IOException(
            "Cannot listen on "
                + wanted.getAddress().getHostAddress()
                + " port "
                + wanted.getPort()
                + ": "
                + e.getMessage()
                + ". Is another server running? Choose another port or stop it.",
            e);
      }
    }
  }

  /// Listens also on a Unix domain socket, for plain HTTP/1.1. Its exchanges are
  /// [local][Exchange#isLocal]: only root and the user of this process reach it. The file goes when
  /// the server closes.
  ///
  /// @param file in a folder of its own, which is made for this user alone
  /// @throws IOException when it cannot be listened on; the server goes on without
  public void listenLocally(Path file) throws IOException {
    LocalSocket socket = LocalSocket.prepare(file);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerDomainSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 128)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (!admitted(channel)) {
                      return;
                    }
                    if (socket.admits(channel)) {
                      http1(channel.pipeline(), edge, true);
                    } else {
                      var _ = channel.close();
                    }
                  }
                });
    try {
      local = bootstrap.bind(socket.address()).syncUninterruptibly().channel();
      socket.restrict();
    } catch (Exception e) { // Netty throws the checked one undeclared
      closeLocal();
      throw new IOException("Cannot listen on " + file + ": " + e.getMessage(), e);
    }
  }

  private void closeLocal() {
    Channel listener = local;
    if (listener != null) {
      stop(listener);
    }
  }

  private void accepted(SocketChannel channel, SslContext tls) {
    if (!admitted(channel)) {
      return;
    }
    SslHandler handshake = tls.newHandler(channel.alloc());
    handshake.setHandshakeTimeoutMillis(
        Math.min(HANDSHAKE.toMillis(), edge.limits().request().toMillis()));
    channel.pipeline().addLast(handshake).addLast(new ByProtocol(edge));
  }

  /// Returns when nobody can connect any more. A closed channel still listens until its selector
  /// has let go of it, which it does when its loop next looks for events: before what is scheduled
  /// on the loop itself, after the close.
  private static void stop(Channel listener) {
    listener.close().awaitUninterruptibly();
    EventLoop loop = listener.eventLoop();
    if (loop.isShuttingDown()) {
      return;
    }
    Promise<Void> released = loop.newPromise();
    Runnable later = () -> released.setSuccess(null);
    loop.execute(() -> {
      var _ = loop.schedule(later, 1, TimeUnit.NANOSECONDS);
    });
    released.awaitUninterruptibly();
  }

  /// Counts a connection; false when it is one too many, and closed.
  private boolean admitted(Channel channel) {
    boolean tooMany = edge.metrics().opened() > edge.limits().connections();
    channel.closeFuture().addListener(f -> edge.metrics().closed());
    if (tooMany || edge.isClosing()) {
      var _ = channel.close();
      return false;
    }
    connections.add(channel);
    return true;
  }

  private static void http1(ChannelPipeline pipeline, Edge edge, boolean local) {
    pipeline
        .addLast(new HttpServerCodec(16 << 10, edge.limits().headerBytes(), 64 << 10))
        .addLast(new ExchangeHandler(edge, true, local));
  }

  /// The addresses listened on, with their real ports.
  public List<InetSocketAddress> addresses() {
    return listeners.stream().map(c -> (InetSocketAddress) c.localAddress()).toList();
  }

  /// Takes no new connections, lets requests end for a while, then cuts what is left. Blocks.
  @Override
  public void close() {
    listeners.forEach(EdgeServer::stop);
    closeLocal();
    try {
      edge.drain();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }

  private static SslContext tls(X509ExtendedKeyManager key, X509Certificate issuers) {
    return Tls.serving(
        key,
        Tls.acceptingAny(issuers),
        new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2,
            ApplicationProtocolNames.HTTP_1_1),
        List.of());
  }

  private static final class ByProtocol extends ApplicationProtocolNegotiationHandler {

    private final Edge edge;

    ByProtocol(Edge edge) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.edge = edge;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        Http2Pipeline.into(ctx.pipeline(), edge);
      } else {
        http1(ctx.pipeline(), edge, false);
      }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("{}: TLS handshake failed: {}", ctx.channel().remoteAddress(), cause.toString());
      var _ = ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("{}: {}", ctx.channel().remoteAddress(), cause.toString());
      var _ = ctx.close();
    }
  }
}
