package io.coxswain.controlplane.storage;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/// The connections to etcd: one for reads and writes, one for watches, so that a burst of events
/// does not stand in a write's way.
final class EtcdChannels implements AutoCloseable {

  private static final int MAXIMUM_ANSWER_BYTES = 256 * 1024 * 1024;

  /// gRPC by itself waits up to two minutes before it tries a dead server again. A restarted etcd
  /// must be noticed sooner than a node's lease runs out.
  private static final long RECONNECT_MILLIS = 50;

  private final MultiThreadIoEventLoopGroup loops;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ManagedChannel kv;
  private final ManagedChannel watch;

  EtcdChannels(EtcdOptions options) {
    loops =
        new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("etcd", true), NioIoHandler.newFactory());
    kv = open(options);
    watch = open(options);
  }

  ManagedChannel kv() {
    return kv;
  }

  ManagedChannel watch() {
    return watch;
  }

  private ManagedChannel open(EtcdOptions options) {
    NettyChannelBuilder builder =
        options
            .socket()
            .map(EtcdChannels::bySocket)
            .orElseGet(() ->
                NettyChannelBuilder.forTarget(EtcdEndpoints.target(options.endpoints()))
                    .channelType(NioSocketChannel.class))
            .eventLoopGroup(loops)
            .executor(executor)
            .disableRetry()
            .maxInboundMessageSize(MAXIMUM_ANSWER_BYTES)
            .keepAliveTime(15, TimeUnit.SECONDS)
            .keepAliveTimeout(5, TimeUnit.SECONDS);
    options.tls().ifPresentOrElse(tls -> secure(builder, tls), builder::usePlaintext);
    ManagedChannel channel = builder.build();
    // at once, not with the first call
    ConnectivityState _ = channel.getState(true);
    keepTrying(channel);
    return channel;
  }

  private static NettyChannelBuilder bySocket(Path socket) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .overrideAuthority("localhost")
        .channelType(NioDomainSocketChannel.class);
  }

  private static void secure(NettyChannelBuilder builder, EtcdOptions.Tls tls) {
    try {
      builder.sslContext(
          GrpcSslContexts.configure(
                  SslContextBuilder.forClient()
                      .trustManager(tls.ca().toFile())
                      .keyManager(tls.certificate().toFile(), tls.key().toFile()),
                  SslProvider.JDK)
              .build());
    } catch (SSLException e) {
      throw new IllegalArgumentException("cannot use the etcd certificates " + tls, e);
    }
  }

  private void keepTrying(ManagedChannel channel) {
    ConnectivityState state = channel.getState(false);
    if (state == ConnectivityState.SHUTDOWN) {
      return;
    }
    if (state == ConnectivityState.TRANSIENT_FAILURE) {
      var _ = loops.schedule(channel::resetConnectBackoff, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
    }
    channel.notifyWhenStateChanged(state, () -> keepTrying(channel));
  }

  @Override
  public void close() {
    kv.shutdownNow();
    watch.shutdownNow();
    executor.shutdown();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
